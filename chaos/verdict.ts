import { z } from 'zod';
import { retryMs, type Told } from './callers.ts';
import type { KeptFiles } from './kept.ts';
import type { SeenTask } from './look.ts';
import type { Arrival } from './receivers.ts';
import type { UpstreamState } from './upstream.ts';

/** A caller whose post met no answer posts again, and has its task by then. */
const RETRY_ANSWERED_MS = 15_000;

/** What is there when all is quiet. */
export interface Evidence {
  told: readonly Told[];
  /** As Ringback shows them. */
  seen: ReadonlyMap<string, SeenTask>;
  upstream: UpstreamState;
  arrivalsOf: (job: number) => readonly Arrival[];
  files: KeptFiles;
  /** False where nothing was broken: then a callback that comes twice is a fault too. */
  mayDouble: boolean;
}

/** What did not hold, in words; all is well where each list is empty. */
export interface Verdict {
  lost: string[];
  paidTwice: string[];
  wrongDoubles: string[];
  /** Answers to callers that nobody should get, and signatures that do not hold. */
  wrongAnswers: string[];
  /** Retries with an idempotency key that waited too long for their task. */
  slowRetries: string[];
  /** Kept links that do not lead to what upstream had. */
  wrongFiles: readonly string[];
}

const bodyShape = z.object({ id: z.string() });

/** Holds what callers were told against what Ringback, upstream and the receivers know. */
export function judge(evidence: Evidence): Verdict {
  const { told, arrivalsOf, files } = evidence;
  return {
    lost: told.flatMap((one) => lostWords(one, evidence)),
    paidTwice: paidTwiceWords(evidence),
    wrongDoubles: told.flatMap(({ job }) =>
      doubleWords(job.index, arrivalsOf(job.index), evidence.mayDouble),
    ),
    wrongAnswers: told.flatMap(({ job, problem }) => [
      ...(problem === null ? [] : [problem]),
      ...(arrivalsOf(job.index).every(({ isSigned }) => isSigned)
        ? []
        : [`job ${job.index}: a signature does not hold`]),
    ]),
    wrongFiles: files.wrong,
    slowRetries: told.flatMap((one) => {
      const ms = retryMs(one) ?? 0;
      return ms <= RETRY_ANSWERED_MS ? [] : [`job ${one.job.index}: its retry had its task after ${ms} ms`];
    }),
  };
}

function lostWords({ job, ids }: Told, { seen, upstream, arrivalsOf }: Evidence): string[] {
  const [id] = ids;
  if (id === undefined) return [`job ${job.index} was never accepted`];
  const task = seen.get(id);
  const end = job.fails ? 'failed' : 'succeeded';
  const answered = arrivalsOf(job.index).some(({ fate, body }) => fate === 'answered' && idIn(body) === id);
  const isMade = upstream.tasks.some(({ requestId }) => requestId === id);
  return [
    ...(task === undefined ? [`${id} was accepted, and is gone`] : []),
    ...(isMade ? [] : [`${id} never reached upstream`]),
    ...(task === undefined || task.state === end ? [] : [`${id} is ${task.state}, not ${end}`]),
    ...(task === undefined || task.callback === 'delivered'
      ? []
      : [`${id}: its callback is ${task.callback}`]),
    ...(answered ? [] : [`${id}: no callback was answered with 200`]),
  ];
}

function paidTwiceWords({ told, upstream }: Evidence): string[] {
  const accepted = new Set(told.flatMap(({ ids }) => [...ids]));
  const made = Map.groupBy(upstream.tasks, ({ requestId }) => requestId ?? 'no request id');
  return [
    ...told.flatMap(({ job, ids }) =>
      ids.size > 1 ? [`job ${job.index} has ${ids.size} tasks: ${[...ids].join(', ')}`] : [],
    ),
    ...[...made].flatMap(([id, tasks]) => [
      ...(tasks.length > 1 ? [`${id} has ${tasks.length} tasks upstream`] : []),
      ...(accepted.has(id) ? [] : [`upstream made a task for ${id}, which no caller was told of`]),
    ]),
  ];
}

function doubleWords(job: number, arrivals: readonly Arrival[], mayDouble: boolean): string[] {
  const kinds = new Set(arrivals.map(({ webhookId, body }) => `${webhookId}\n${body}`)).size;
  return [
    ...(kinds > 1 ? [`job ${job}: ${arrivals.length} callbacks, ${kinds} different ones`] : []),
    ...(arrivals.length > 1 && !mayDouble ? [`job ${job}: ${arrivals.length} callbacks, and no cause`] : []),
  ];
}

function idIn(body: string): string | undefined {
  return bodyShape.safeParse(JSON.parse(body)).data?.id;
}
