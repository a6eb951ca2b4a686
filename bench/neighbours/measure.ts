import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FREE_PORTS } from '../../scripts/ports.ts';
import { generateSecrets } from '../../scripts/secrets.ts';
import { tickUntil, withStack, type Stack } from '../../scripts/stack.ts';
import { createClient } from '../load.ts';
import type { Measured } from '../phase.ts';
import { startHost } from './receivers.ts';
import { postTask, type Neighbour } from './scenarios.ts';
import { startUpstream } from './upstream.ts';

const UPSTREAM_KEY = 'sk-bench-unlimited';
/** How long a task of the measured client takes upstream. */
const TASK_SECONDS = 3;
const LOOK_AGAIN_MS = 200;

/** The plan, and the pace that fits it. */
export interface Setting {
  readonly budget: '9000' | '45';
  readonly pollsPerSecond: number;
  readonly tasks: number;
  readonly apartMs: number;
  /** From the last post on: what has not come by then is lost. */
  readonly patienceMs: number;
}

/** A client's callbacks while its neighbour does what it does; alone where there is none. */
export async function measureBeside(
  { name, setting, neighbour }: { name: string; setting: Setting; neighbour: Neighbour | null },
  folder: string,
): Promise<Measured> {
  await using things = new AsyncDisposableStack();
  const upstream = await startUpstream(UPSTREAM_KEY, setting.pollsPerSecond);
  things.defer(upstream.stop);
  const relayVars = {
    ...generateSecrets(),
    SUBREQUEST_BUDGET: setting.budget,
    UPSTREAM_URL: upstream.origin,
    UPSTREAM_API_KEY: UPSTREAM_KEY,
  };
  const persistTo = mkdtempSync(join(folder, 'beside-'));
  const options = { ports: FREE_PORTS, persistTo, timeScale: 1, relayVars, watch: false };
  const latencies = await withStack(options, async (stack) => await drive(stack, setting, neighbour));
  return { name, latencies, lost: setting.tasks - latencies.length, doubled: 0 };
}

async function drive(stack: Stack, setting: Setting, neighbour: Neighbour | null): Promise<number[]> {
  await using things = new AsyncDisposableStack();
  const host = await startHost();
  things.defer(host.stop);
  const client = await createClient(stack, 'measured');
  const other = await createClient(stack, 'neighbour');
  const stopping = new AbortController();
  const { signal: stop } = stopping;
  const ticks = tickUntil(stack, { signal: stop, pauseMs: 0, onProblem: warn });
  const defer = (end: () => Promise<void>): void => {
    things.defer(end);
  };
  const besides = neighbour?.({ stack, client: other, host, stop, defer }).catch((error: unknown) => {
    if (!stop.aborted) warn(String(error));
  });
  for (let n = 0; n < setting.tasks; n++) {
    await Promise.all([postTask({ stack, client }, host.hook, TASK_SECONDS), sleep(setting.apartMs)]);
  }
  const deadline = Date.now() + setting.patienceMs;
  while (host.lateMs.size < setting.tasks && Date.now() < deadline) await sleep(LOOK_AGAIN_MS);
  stopping.abort();
  await Promise.all([ticks, besides]);
  return Array.from(host.lateMs.values());
}

function warn(text: string): void {
  process.stderr.write(`${text}\n`);
}
