import { withPossibleTimes } from './end-times.ts';
import { keptOf } from './keeping.ts';
import type { FileCopy, Keeping } from './keeping.ts';
import type { Kept } from './kept-files.ts';
import { isEnded, isKeeping, isRunning, isUnsent, waitingOf } from './task.ts';
import type { EndedPhase, KeepingTask, QueueReason, RunningTask, Task, TaskError } from './task.ts';
import type { UpstreamEnd } from './upstream.ts';

/** What can happen to a task. Instants are epoch ms; schedules decided them before. */
export type TaskEvent =
  | { readonly type: 'submitted'; readonly upstreamTaskId: string; readonly pollAt: number }
  | {
      readonly type: 'deferred';
      readonly reason: QueueReason;
      /** When the task itself wants to be asked for again; null: it waits for its turn in the queue. */
      readonly retryAt: number | null;
      readonly problem: string;
    }
  | { readonly type: 'refused'; readonly error: TaskError }
  /** Upstream says 404 for the first time, or no longer. */
  | { readonly type: 'missing' }
  | { readonly type: 'found' }
  /** Upstream says success without a link: for the first time, after a 404, or in new words. */
  | { readonly type: 'unlinked'; readonly problem: string }
  /** A poll was refused in a way that its owner should know of. */
  | { readonly type: 'troubled'; readonly problem: string }
  | { readonly type: 'ended'; readonly end: UpstreamEnd }
  /** Upstream says success, and its files are to be copied before that is told. */
  | { readonly type: 'finished'; readonly end: Succeeded; readonly files: readonly FileCopy[] }
  /** As far as its files are copied by now, for whoever goes on. */
  | { readonly type: 'copying'; readonly keeping: Keeping; readonly dueAt: number }
  /** Its files are copied, or given up. */
  | { readonly type: 'copied' }
  | { readonly type: 'gone'; readonly error: TaskError }
  | { readonly type: 'canceled' };

/**
 * The whole state machine: the task after `event`, or null where the event does not apply to the state it is in (it was
 * canceled meanwhile, say, or somebody else settled it). Pure; the result's `revision` is one higher.
 */
export function transition(task: Task, event: TaskEvent, now: number): Task | null {
  const next = apply(task, event, now);
  return next === null ? null : { ...next, revision: task.revision + 1 };
}

type Succeeded = Extract<UpstreamEnd, { state: 'succeeded' }>;

function apply(task: Task, event: TaskEvent, now: number): Task | null {
  // What upstream says once more, to a poll that was under way, changes nothing.
  if (isKeeping(task)) return applyToKeeping(task, event, now);
  switch (event.type) {
    case 'submitted':
      return isUnsent(task) ? submitted(task, event.upstreamTaskId, event.pollAt, now) : null;
    case 'deferred':
      return isUnsent(task) ? deferred(task, event) : null;
    case 'refused':
      return isUnsent(task) ? failed(task, event.error, now) : null;
    case 'missing':
      return isRunning(task) ? { ...task, phase: { ...task.phase, missingSince: now } } : null;
    case 'found':
      return isRunning(task) ? { ...task, phase: { ...task.phase, missingSince: null } } : null;
    case 'unlinked':
      return isRunning(task) ? unlinked(task, event.problem, now) : null;
    case 'troubled':
      return isRunning(task) ? { ...task, problem: event.problem } : null;
    case 'ended':
      return isRunning(task) ? endedUpstream(task, event.end, now) : null;
    case 'finished':
      return isRunning(task) ? finished(task, event, now) : null;
    case 'copying':
    case 'copied':
      return null;
    case 'gone':
      return isEnded(task) ? null : failed(task, event.error, now);
    case 'canceled':
      return isEnded(task) ? null : canceled(task, now);
  }
}

function applyToKeeping(task: KeepingTask, event: TaskEvent, now: number): Task | null {
  const { keeping } = task.phase;
  if (event.type === 'canceled') return canceled(task, now);
  if (event.type === 'copying')
    return { ...task, phase: { ...task.phase, keeping: event.keeping }, dueAt: event.dueAt, leasedUntil: 0 };
  if (event.type !== 'copied') return null;
  const { resultJson, completedAt, costTimeMs } = keeping;
  return end(task, { ...trace(task), ...succeeded(resultJson, keptOf(keeping)), completedAt, costTimeMs });
}

function canceled(task: Task, now: number): Task {
  return end(task, { ...trace(task), state: 'canceled', completedAt: now, ...NO_RESULT, error: null });
}

const NOTHING_AMISS = { missingSince: null, unlinkedSince: null, keeping: null } as const;

/** The first such answer is what the wait is counted from, whatever comes between. */
function unlinked(task: RunningTask, problem: string, now: number): Task {
  const unlinkedSince = task.phase.unlinkedSince ?? now;
  return { ...task, phase: { ...task.phase, missingSince: null, unlinkedSince }, problem };
}

const NO_RESULT = { resultJson: null, costTimeMs: null } as const;

function submitted(task: Task, upstreamTaskId: string, pollAt: number, now: number): Task {
  const phase = { state: 'running', upstreamTaskId, submittedAt: now, ...NOTHING_AMISS } as const;
  return { ...task, phase, problem: null, dueAt: Math.min(pollAt, task.deadlineAt), leasedUntil: 0 };
}

function deferred(task: Task, event: Extract<TaskEvent, { type: 'deferred' }>): Task {
  const waited = waitingOf(task);
  const tries = waited?.reason === event.reason ? waited.tries + 1 : 1;
  return {
    ...task,
    phase: { state: 'queued', reason: event.reason, tries },
    problem: event.problem,
    dueAt: event.retryAt === null ? null : Math.min(event.retryAt, task.deadlineAt),
    leasedUntil: 0,
  };
}

function failed(task: Task, error: TaskError, now: number): Task {
  return end(task, { ...trace(task), state: 'failed', completedAt: now, ...NO_RESULT, error });
}

function endedUpstream(task: Task, ended: UpstreamEnd, now: number): Task {
  const possible = possibleEnd(task, ended, now);
  return end(task, { ...trace(task), ...outcomeOf(possible), completedAt: possible.completedAt });
}

/** With upstream's own completion time, where it can be: its clock is not ours. */
function possibleEnd<End extends UpstreamEnd>(task: Task, ended: End, now: number) {
  const { submittedAt } = trace(task);
  const { completedAt, costTimeMs } = withPossibleTimes(
    ended,
    { createdAt: task.createdAt, submittedAt },
    now,
  );
  return { ...ended, completedAt: completedAt ?? now, costTimeMs };
}

function finished(
  task: RunningTask,
  { end: ended, files }: Extract<TaskEvent, { type: 'finished' }>,
  now: number,
): Task {
  const { resultJson, completedAt, costTimeMs } = possibleEnd(task, ended, now);
  const keeping = { since: now, resultJson, completedAt, costTimeMs, files };
  const phase = { ...task.phase, ...NOTHING_AMISS, keeping };
  return { ...task, phase, problem: null, dueAt: now, leasedUntil: 0 };
}

function outcomeOf(ended: UpstreamEnd): Pick<EndedPhase, 'costTimeMs'> & Outcome {
  if (ended.state === 'succeeded')
    return { ...succeeded(ended.resultJson, null), costTimeMs: ended.costTimeMs };
  const message = ended.failMessage ?? 'Upstream says that the task failed, and gives no reason.';
  const error: TaskError = { code: 'upstream_failed', message, upstreamCode: ended.failCode };
  return { state: 'failed', resultJson: null, error, costTimeMs: ended.costTimeMs };
}

function succeeded(resultJson: string | null, kept: readonly Kept[] | null) {
  return { state: 'succeeded', resultJson, error: null, kept } as const;
}

type Outcome =
  | { state: 'succeeded'; resultJson: string | null; error: null; kept: readonly Kept[] | null }
  | { state: 'failed'; resultJson: null; error: TaskError };

/** Nothing is left to do for the task itself: what its end is told by is written in the same transaction. */
function end(task: Task, phase: EndedPhase): Task {
  return { ...task, phase, problem: null, dueAt: null, leasedUntil: 0 };
}

function trace(task: Task): { upstreamTaskId: string | null; submittedAt: number | null } {
  const { phase } = task;
  return 'upstreamTaskId' in phase
    ? { upstreamTaskId: phase.upstreamTaskId, submittedAt: phase.submittedAt }
    : { upstreamTaskId: null, submittedAt: null };
}
