import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contender, Job, Running } from './contender.ts';
import { startSink, type Arrival } from './sink.ts';
import { startUpstream } from './upstream.ts';
import { usageOf, type Usage } from './usage.ts';

const LOOK_MS = 100;
/** After the last callback: one that comes twice has time to. */
const SETTLE_MS = 1_500;

/** The same work for each contender. */
export interface Work {
  readonly name: string;
  readonly tasks: readonly Omit<Job, 'callbackUrl'>[];
  /** From the first post on: what has not come by then is lost. */
  readonly deadlineMs: number;
}

/** What came of one contender's run. */
export interface Result {
  readonly contender: string;
  readonly tasks: number;
  readonly refused: number;
  readonly latenciesMs: readonly number[];
  /** From the first post to the last callback that came. */
  readonly allMs: number;
  readonly polls: number;
  readonly fetches: number;
  readonly lost: number;
  readonly doubled: number;
  readonly usage: Usage | null;
}

/** Runs one contender on its own upstream and sink, in a folder that is removed afterwards. */
export async function run(contender: Contender, work: Work): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'ringback-bench-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
  const upstream = await startUpstream();
  stack.defer(upstream.stop);
  const sink = await startSink();
  stack.defer(sink.stop);
  const running = await contender.start({ upstream: upstream.url, folder });
  stack.defer(running.stop);
  const before = usageOf(running.pid);
  const startedAt = Date.now();
  const refused = await drive(running, work, sink);
  const usage = usageOf(running.pid);
  const calls = upstream.calls();
  const came = Array.from(sink.arrivals.values());
  return {
    contender: contender.name,
    tasks: work.tasks.length,
    refused,
    latenciesMs: came.map(({ latencyMs }) => latencyMs),
    allMs: Math.max(...came.map(({ at }) => at), startedAt) - startedAt,
    polls: calls.polls,
    fetches: calls.creates + calls.polls + sink.requests(),
    lost: work.tasks.length - came.length,
    doubled: came.filter(({ times }) => times > 1).length + Math.max(0, calls.created - work.tasks.length),
    usage: usage && { ...usage, cpuSeconds: usage.cpuSeconds - (before?.cpuSeconds ?? 0) },
  };
}

/** Posts each task at its own instant, and waits for all callbacks or the deadline; how many posts were refused. */
async function drive(
  running: Running,
  work: Work,
  sink: { url: URL; arrivals: ReadonlyMap<string, Arrival> },
): Promise<number> {
  const deadline = AbortSignal.timeout(Math.ceil(work.deadlineMs));
  let refused = 0;
  const posts = work.tasks.map(async (task, index) => {
    await sleep(task.atMs);
    await running
      .post({ ...task, callbackUrl: new URL(`/hook/${index}`, sink.url).href })
      .catch((error: unknown) => {
        if (refused++ === 0) process.stderr.write(`${String(error).slice(0, 300)}\n`);
      });
  });
  const all = Promise.all(posts);
  while (!deadline.aborted && sink.arrivals.size < work.tasks.length) await sleep(LOOK_MS);
  if (!deadline.aborted) await Promise.all([all, sleep(SETTLE_MS)]);
  return refused;
}
