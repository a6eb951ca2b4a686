import { setTimeout as sleep } from 'node:timers/promises';
import { FREE_PORTS } from '../scripts/ports.ts';
import { generateSecrets } from '../scripts/secrets.ts';
import { tickUntil, withStack, type Stack } from '../scripts/stack.ts';
import { countDelivered, createClient, makeJobs, postAll, subscribe } from './load.ts';
import { hangingReceiver, healthyReceiver, type Arrival, type Receiver } from './receivers.ts';

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
  /** How many subscribers the client of the healthy receiver has besides, of which so many hang. */
  subscribers?: { readonly all: number; readonly hanging: number };
}

export interface Measured {
  name: string;
  /** Of each callback that came, in ms. */
  latencies: number[];
  lost: number;
  doubled: number;
  /** The same of what came to the subscribers that answer; absent without any. */
  told?: Measured;
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
    const { all = 0, hanging = 0 } = phase.subscribers ?? {};
    const told = await Promise.all(Array.from({ length: all - hanging }, () => healthyReceiver()));
    const silent = await Promise.all(Array.from({ length: hanging }, () => hangingReceiver()));
    for (const { stop } of [...told, ...silent]) receivers.defer(stop);
    const subscribed = [...told, ...silent].map(({ url }) => url);
    const { heard, ...measured } = await drive(stack, healthy, { otherUrls, subscribed });
    if (all === 0) return { name: phase.name, ...measured };
    return { name: phase.name, ...measured, told: toldOf(phase.name, told, heard) };
  });
}

/** What came to the subscribers that answer, of what they were to hear. */
function toldOf(
  name: string,
  receivers: readonly { arrivals: ReadonlyMap<string, Arrival> }[],
  heard: readonly string[],
): Measured {
  const arrivals = receivers.flatMap(({ arrivals: one }) => Array.from(one.values()));
  return {
    name: `${name}: those that answer`,
    latencies: arrivals.map(({ latencyMs }) => latencyMs),
    lost: receivers.reduce((sum, { arrivals: one }) => sum + heard.filter((id) => !one.has(id)).length, 0),
    doubled: arrivals.filter(({ times }) => times > 1).length,
  };
}

async function drive(
  stack: Stack,
  healthy: { url: URL; arrivals: ReadonlyMap<string, Arrival> },
  { otherUrls, subscribed }: { otherUrls: readonly URL[]; subscribed: readonly URL[] },
): Promise<Omit<Measured, 'name'> & { heard: readonly string[] }> {
  const client = await createClient(stack, 'healthy');
  for (const url of subscribed) await subscribe(stack, client, url);
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
      heard: ids.filter((_, index) => jobs[index]?.isHeard),
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
