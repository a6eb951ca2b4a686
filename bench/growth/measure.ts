import { insertRunning } from '../arena/many-tasks.ts';
import { startRelay, type Relay } from '../arena/relay.ts';
import { ENDLESS_PATH, startUpstream, type Upstream } from '../arena/upstream.ts';
import { usageOf } from '../arena/usage.ts';

const COUNTS = [100, 1_000, 10_000, 100_000];
/** An upstream over the internet, which is what the connections of an invocation then wait for. */
export const FAR = { count: 10_000, answersAfterMs: 100 };
/** Workers at once, over the tasks of `FAR`. */
export const WORKERS = [1, 2, 4, 8];
/** One invocation's time for each count; all that is due is polled as fast as it goes. */
const TICK_SECONDS = 10;

/** What an invocation, or several at once, did. */
export interface Row {
  readonly name: string;
  readonly count: number;
  readonly polls: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Ticks of one relay over a growing table. */
export async function measureCounts(persistTo: string): Promise<Row[]> {
  await using stack = new AsyncDisposableStack();
  const arena = await startArena(stack, persistTo, { answersAfterMs: 0, hasQueue: false });
  const rows: Row[] = [];
  for (const count of COUNTS)
    rows.push(await measure(arena, count, { name: count.toLocaleString('en'), work: arena.relay.tick }));
  return rows;
}

/** More and more workers over the same tasks. */
export async function measureWorkers(persistTo: string): Promise<Row[]> {
  await using stack = new AsyncDisposableStack();
  const { answersAfterMs } = FAR;
  const arena = await startArena(stack, persistTo, { answersAfterMs, hasQueue: true });
  const rows: Row[] = [];
  for (const workers of WORKERS) {
    const work = async (): Promise<void> => {
      await Promise.all(Array.from({ length: workers }, arena.relay.work));
    };
    rows.push(await measure(arena, FAR.count, { name: `${workers} at work`, work }));
  }
  return rows;
}

interface Arena {
  readonly relay: Relay;
  readonly upstream: Upstream;
}

async function startArena(
  stack: AsyncDisposableStack,
  persistTo: string,
  { answersAfterMs, hasQueue }: { answersAfterMs: number; hasQueue: boolean },
): Promise<Arena> {
  const upstream = await startUpstream(answersAfterMs);
  stack.defer(upstream.stop);
  const relay = await startRelay(
    { upstream: new URL(ENDLESS_PATH, upstream.url), folder: persistTo },
    { vars: { TICK_SECONDS: String(TICK_SECONDS), SUBREQUEST_BUDGET: '10000' }, hasQueue },
  );
  stack.defer(relay.stop);
  return { relay, upstream };
}

/** What `work` does with so many tasks that are all due now. */
async function measure(
  { relay, upstream }: Arena,
  count: number,
  { name, work }: { name: string; work: () => Promise<void> },
): Promise<Row> {
  await insertRunning(await relay.miniflare.getD1Database('DB'), count, Date.now());
  const cpuOf = (): number => usageOf(relay.pid)?.cpuSeconds ?? NaN;
  const [pollsBefore, cpuBefore, at] = [upstream.calls().polls, cpuOf(), Date.now()];
  await work();
  return {
    name,
    count,
    polls: upstream.calls().polls - pollsBefore,
    seconds: (Date.now() - at) / 1_000,
    cpuSeconds: cpuOf() - cpuBefore,
  };
}
