import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contender, Job, Running } from './contender.ts';
import { startSink, type Arrival } from './sink.ts';
import { startUpstream } from './upstream.ts';
import { usageOfAll, type Usage } from './usage.ts';

const LOOK_MS = 100;
/** After the last callback: one that comes twice has time to. */
const SETTLE_MS = 1_500;

/** The same work for each contender. */
export interface Work {
  readonly name: string;
  readonly tasks: readonly Omit<Job, 'callbackUrl'>[];
  /** So many post at once, each the next task as soon as its last is answered; absent: as many as there are tasks. */
  readonly callers?: number;
  /** From the first post on: what has not come by then is lost. */
  readonly deadlineMs: number;
}

/** What came of one contender's run. */
export interface Result {
  readonly contender: string;
  readonly tasks: number;
  readonly refused: number;
  readonly latenciesMs: readonly number[];
  /** From a post to its answer. */
  readonly answersMs: readonly number[];
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
  const before = usageOfAll(running.pids);
  const startedAt = Date.now();
  const { refused, answersMs } = await drive(running, work, sink);
  const usage = usageOfAll(running.pids);
  const calls = upstream.calls();
  const came = Array.from(sink.arrivals.values());
  return {
    contender: contender.name,
    tasks: work.tasks.length,
    refused,
    answersMs,
    latenciesMs: came.map(({ latencyMs }) => latencyMs),
    allMs: Math.max(...came.map(({ at }) => at), startedAt) - startedAt,
    polls: calls.polls,
    fetches: calls.creates + calls.polls + sink.requests(),
    lost: work.tasks.length - came.length,
    doubled: came.filter(({ times }) => times > 1).length + Math.max(0, calls.created - work.tasks.length),
    usage: usage && { ...usage, cpuSeconds: usage.cpuSeconds - (before?.cpuSeconds ?? 0) },
  };
}

/** Posts each task, at its own instant or as soon as a caller is free, and waits for all callbacks or the deadline. */
async function drive(
  running: Running,
  work: Work,
  sink: { url: URL; arrivals: ReadonlyMap<string, Arrival> },
): Promise<{ refused: number; answersMs: readonly number[] }> {
  const deadline = AbortSignal.timeout(Math.ceil(work.deadlineMs));
  let refused = 0;
  const answersMs: number[] = [];
  const startedAt = performance.now();
  const waiting = work.tasks.entries();
  const callers = Array.from({ length: work.callers ?? work.tasks.length }, async () => {
    for (const [index, task] of waiting) {
      await sleep(Math.max(0, task.atMs - (performance.now() - startedAt)));
      const postedAt = performance.now();
      await running
        .post({ ...task, callbackUrl: new URL(`/hook/${index}`, sink.url).href })
        .catch((error: unknown) => {
          if (refused++ === 0) process.stderr.write(`${String(error).slice(0, 300)}\n`);
        });
      answersMs.push(performance.now() - postedAt);
    }
  });
  const all = Promise.all(callers);
  while (!deadline.aborted && sink.arrivals.size < work.tasks.length) await sleep(LOOK_MS);
  if (!deadline.aborted) await Promise.all([all, sleep(SETTLE_MS)]);
  return { refused, answersMs };
}
