import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { call } from '../call.ts';
import { FREE_PORTS } from '../ports.ts';
import { generateSecrets } from '../secrets.ts';
import { clientShape, type Client } from '../shapes.ts';
import { tickUntil, withStack, type Stack } from '../stack.ts';

const TICK_SECONDS = 10;
const TICK_PAUSE_MS = 300;

/** A relay on the sandbox, where tasks end at once and the cron ticks by itself, and a client of it. */
export async function withSandboxedRelay<T>(use: (stack: Stack, client: Client) => Promise<T>): Promise<T> {
  const persistTo = mkdtempSync(join(tmpdir(), 'ringback-integration-'));
  const relayVars = { ...generateSecrets(), TICK_SECONDS: String(TICK_SECONDS), POLL_MIN_SECONDS: '1' };
  const options = { ports: FREE_PORTS, persistTo, timeScale: 0, relayVars, watch: false };
  const ticking = new AbortController();
  try {
    return await withStack(options, async (stack) => {
      const client = await call(new URL('/admin/clients', stack.relay), {
        method: 'POST',
        token: stack.adminToken,
        body: { name: 'integration' },
        expect: 201,
        schema: clientShape,
      });
      const ticks = tickUntil(stack, {
        signal: ticking.signal,
        pauseMs: TICK_PAUSE_MS,
        onProblem: console.log,
      });
      try {
        return await use(stack, client);
      } finally {
        ticking.abort();
        await ticks;
      }
    });
  } finally {
    rmSync(persistTo, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
