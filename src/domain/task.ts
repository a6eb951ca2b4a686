import type { Keeping } from './keeping.ts';
import type { Kept } from './kept-files.ts';
import type { Media } from './models/model.ts';

/** The error codes that a failed task can carry. */
export type TaskErrorCode =
  | 'upstream_failed'
  | 'upstream_refused'
  | 'insufficient_credits'
  | 'timed_out'
  | 'upstream_lost'
  | 'no_result';

export interface TaskError {
  readonly code: TaskErrorCode;
  /** A sentence for the task's owner; upstream's own words where it gave any. */
  readonly message: string;
  /** Upstream's own failCode where its record gave one. */
  readonly upstreamCode: string | null;
}

/**
 * Why a task waits here instead of upstream:
 * `failing`, upstream did not answer properly; `limited`, it answered 429; `full`, it answered 409; `behind`, others of the
 * same upstream key wait for it already; `own-limit`, the client is at its `max_active_tasks`; `unasked`, upstream was not
 * asked yet.
 */
export type QueueReason = 'failing' | 'limited' | 'full' | 'behind' | 'own-limit' | 'unasked';

/** Why it waits, or waited before upstream was asked again. `tries`: turns in a row that ended for this reason. */
export interface Waiting {
  readonly reason: QueueReason;
  readonly tries: number;
}

/** The one union that a task's life runs through. */
export type Phase =
  /** Upstream is being asked for it. The outside reads it as `queued`. */
  | { readonly state: 'accepting'; readonly waited?: Waiting }
  | ({ readonly state: 'queued' } & Waiting)
  | {
      readonly state: 'running';
      readonly upstreamTaskId: string;
      readonly submittedAt: number;
      /** Since when upstream says 404, or null. */
      readonly missingSince: number | null;
      /** Since when upstream says success without giving a link, or null. */
      readonly unlinkedSince: number | null;
      /** Upstream has ended it, and its files are copied; null while upstream runs it. */
      readonly keeping: Keeping | null;
    }
  | EndedPhase;

export type EndedPhase = {
  readonly upstreamTaskId: string | null;
  readonly submittedAt: number | null;
  readonly completedAt: number;
  readonly costTimeMs: number | null;
} & (
  | {
      readonly state: 'succeeded';
      readonly resultJson: string | null;
      readonly error: null;
      /** What became of each file of the result; null where none was to be kept. */
      readonly kept: readonly Kept[] | null;
    }
  | { readonly state: 'failed'; readonly resultJson: null; readonly error: TaskError }
  | { readonly state: 'canceled'; readonly resultJson: null; readonly error: null }
);

/** The state words of the outside. */
export type TaskState = 'queued' | 'running' | 'succeeded' | 'failed' | 'canceled';

/**
 * `event` is the flat event body; `record` is what the upstream's own recordInfo answers, for drop-in tasks; `wait` is the flat
 * body too, of a task that was made together with somebody's wait for it, which can be given up.
 */
export type CallbackFormat = 'event' | 'record' | 'wait';

/** Where a task's end is to be told, as its caller asked. */
export interface CallbackTarget {
  readonly url: string;
  /** Host and port of the URL, as the URL policy names it. */
  readonly host: string;
  /** The caller's headers, sealed, or null. */
  readonly sealedHeaders: string | null;
  readonly format: CallbackFormat;
  /** The name that the task was posted to: Ringback never calls itself. */
  readonly relayHost: string;
}

/** How often upstream was asked about a task, at the least, and when last (epoch ms, null before the first time). */
export interface Polls {
  readonly count: number;
  readonly lastAt: number | null;
}

export const NO_POLLS: Polls = { count: 0, lastAt: null };

/** A task: what was asked, what became of it, and when somebody next has to act on it. */
export interface Task {
  readonly id: string;
  readonly clientId: string;
  /** The upstream account (one upstream key) that it belongs to for good. */
  readonly accountId: string;
  readonly model: string;
  /** What its model makes; null where that is not known. */
  readonly media: Media | null;
  readonly input: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, string | number | boolean | null>>;
  readonly idempotencyKey: string | null;
  readonly fingerprint: string | null;
  readonly estimatedCredits: number | null;
  readonly createdAt: number;
  /** Past this instant a task without an end fails with `timed_out`. */
  readonly deadlineAt: number;
  /** Goes up by one with every transition (not with a lease): what a write is conditional on. */
  readonly revision: number;
  /** When somebody next has to act on it, or null: it has ended, or waits in the queue of its upstream key. */
  readonly dueAt: number | null;
  /** Somebody has its turn until then. */
  readonly leasedUntil: number;
  /** What upstream last refused or failed to do for this task, in words; told when the task times out. */
  readonly problem: string | null;
  /** For its owner's eyes: nothing is decided by it. */
  readonly polls: Polls;
  readonly phase: Phase;
  /** Null where the task has no callback URL. */
  readonly callback: CallbackTarget | null;
  /** The origin that it was posted to, which its kept files are linked by; null where none is to be kept. */
  readonly filesOrigin: string | null;
}

export type EndedTask = Task & { readonly phase: EndedPhase };
export type RunningTask = Task & { readonly phase: Extract<Phase, { state: 'running' }> };
/** A running task whose files are copied. */
export type KeepingTask = RunningTask & { readonly phase: { readonly keeping: Keeping } };
export type UnsentTask = Task & { readonly phase: Extract<Phase, { state: 'accepting' | 'queued' }> };

export function isEnded(task: Task): task is EndedTask {
  const { state } = task.phase;
  return state === 'succeeded' || state === 'failed' || state === 'canceled';
}

export function isRunning(task: Task): task is RunningTask {
  return task.phase.state === 'running';
}

export function isKeeping(task: Task): task is KeepingTask {
  return task.phase.state === 'running' && task.phase.keeping !== null;
}

export function isUnsent(task: Task): task is UnsentTask {
  return task.phase.state === 'accepting' || task.phase.state === 'queued';
}

/** Why a task that upstream does not have waits, or waited before it was asked for again; null where it never did. */
export function waitingOf({ phase }: Task): Waiting | null {
  if (phase.state === 'queued') return phase;
  return phase.state === 'accepting' ? (phase.waited ?? null) : null;
}

/** The state as the outside reads it. */
export function publicState(task: Task): TaskState {
  return task.phase.state === 'accepting' ? 'queued' : task.phase.state;
}

/** Milliseconds from acceptance to the end: what the caller waited. Null while it has no end. */
export function durationMs(task: Task): number | null {
  return isEnded(task) ? task.phase.completedAt - task.createdAt : null;
}
