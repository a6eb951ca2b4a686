import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { findChromium } from '../../scripts/chromium.ts';
import { FREE_PORTS } from '../../scripts/ports.ts';
import { generateSecrets } from '../../scripts/secrets.ts';
import { tickUntil, withStack, type Stack } from '../../scripts/stack.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    relay: string;
    inbox: string;
    adminToken: string;
    /** Where Chromium is; null where this machine has none, and the tests that need it are skipped. */
    chromium: string | null;
  }
}

const TIME_SCALE = 1 / 30;

/** Starts what `npm run dev` starts, with its cron, and stops it when the tests are over. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const chromium = findChromium();
  if (chromium === null) {
    const words =
      'There is no Chromium on this machine: install it (Debian: apt-get install chromium), or set CHROMIUM_PATH.';
    if (process.env['CI'] !== undefined) throw new Error(words);
    process.stderr.write(`\n${words} The browser tests are skipped.\n\n`);
  }
  const folder = await mkdtemp(join(tmpdir(), 'ringback-browser-'));
  const over = new AbortController();
  const started = Promise.withResolvers<Stack>();
  const running = withStack(
    {
      ports: FREE_PORTS,
      persistTo: folder,
      timeScale: TIME_SCALE,
      relayVars: {
        ...generateSecrets(),
        TICK_SECONDS: '5',
        POLL_MIN_SECONDS: '1',
        SUBREQUEST_BUDGET: '1000',
      },
      watch: false,
    },
    async (stack) => {
      started.resolve(stack);
      await tickUntil(stack, { signal: over.signal, pauseMs: 100, onProblem: () => undefined });
    },
  );
  running.catch(started.reject);
  const stack = await started.promise;
  project.provide('relay', stack.relay.origin);
  project.provide('inbox', stack.inbox.origin);
  project.provide('adminToken', stack.adminToken);
  project.provide('chromium', chromium);
  return async () => {
    over.abort();
    await running;
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
}
