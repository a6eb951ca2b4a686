import { setTimeout as sleep } from 'node:timers/promises';
import { FREE_PORTS } from '../scripts/ports.ts';
import { generateSecrets } from '../scripts/secrets.ts';
import { tickUntil, withStack, type Stack } from '../scripts/stack.ts';
import { countDelivered, createClient, makeJobs, postAll } from './load.ts';
import { healthyReceiver, type Arrival, type Receiver } from './receivers.ts';

const HEALTHY_SEED = 1;
const OTHERS_SEED = 2;
const RELAY_VARS = {
  SUBREQUEST_BUDGET: '9000',
  POLL_MIN_SECONDS: '1',
  CALLBACK_TIMEOUT_SECONDS: '15',
  TICK_SECONDS: '25',
};
/** From the first post on: what has not come by then is lost. */
const DEADLINE_MS = 45_000;
const LOOK_AGAIN_MS = 100;

/** What stands beside the healthy receiver: the others, who get as many tasks together, by turns. */
export interface Phase {
  name: string;
  others: readonly (() => Promise<Receiver>)[];
}

export interface Measured {
  name: string;
  /** Of each callback that came, in ms. */
  latencies: number[];
  lost: number;
  doubled: number;
}

/** Runs one phase on a relay and a sandbox of its own, with databases of their own in `folder`. */
export async function measure(phase: Phase, folder: string): Promise<Measured> {
  const relayVars = { ...generateSecrets(), ...RELAY_VARS };
  const options = { ports: FREE_PORTS, persistTo: folder, timeScale: 1, relayVars, watch: false };
  return await withStack(options, async (stack) => {
    await using receivers = new AsyncDisposableStack();
    const healthy = await healthyReceiver();
    receivers.defer(healthy.stop);
    const others = await Promise.all(phase.others.map((open) => open()));
    for (const { stop } of others) receivers.defer(stop);
    const otherUrls = others.map(({ url }) => url);
    return { name: phase.name, ...(await drive(stack, healthy, otherUrls)) };
  });
}

async function drive(
  stack: Stack,
  healthy: { url: URL; arrivals: ReadonlyMap<string, Arrival> },
  otherUrls: readonly URL[],
): Promise<Omit<Measured, 'name'>> {
  const client = await createClient(stack, 'healthy');
  const jobs = makeJobs(client, [healthy.url], HEALTHY_SEED);
  const otherJobs = makeJobs(await createClient(stack, 'others'), otherUrls, OTHERS_SEED);
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  const ticking = new AbortController();
  const ticks = tickUntil(stack, { signal: ticking.signal, pauseMs: 0, onProblem: warn });
  try {
    const [ids] = await Promise.all([postAll(stack, jobs), postAll(stack, otherJobs)]);
    await until(() => ids.every((id) => healthy.arrivals.has(id)), deadline);
    // What is written down as delivered is not sent again: by then, every callback that comes twice has done so.
    await until(async () => (await countDelivered(stack, client)) === ids.length, deadline);
    const arrivals = Array.from(healthy.arrivals.values());
    return {
      latencies: arrivals.map(({ latencyMs }) => latencyMs),
      lost: ids.filter((id) => !healthy.arrivals.has(id)).length,
      doubled: arrivals.filter(({ times }) => times > 1).length,
    };
  } finally {
    ticking.abort();
    await ticks;
  }
}

/** Looks again and again until it is so, or the deadline has come. */
async function until(isSo: () => boolean | Promise<boolean>, deadline: AbortSignal): Promise<void> {
  while (!deadline.aborted && !(await isSo())) await sleep(LOOK_AGAIN_MS);
}

function warn(text: string): void {
  process.stderr.write(`${text}\n`);
}
