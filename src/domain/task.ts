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
 * same upstream key wait for it already; `own-limit`, the client is at its `max_active_tasks`; `unasked`, there was no time
 * left to ask before the caller had to be answered.
 */
export type QueueReason = 'failing' | 'limited' | 'full' | 'behind' | 'own-limit' | 'unasked';

/** The one union that a task's life runs through. */
export type Phase =
  /** In D1, and its caller still waits for upstream's first word. The outside reads it as `queued`. */
  | { readonly state: 'accepting' }
  /** `tries`: turns in a row that ended for this reason. */
  | { readonly state: 'queued'; readonly reason: QueueReason; readonly tries: number }
  | {
      readonly state: 'running';
      readonly upstreamTaskId: string;
      readonly submittedAt: number;
      /** Since when upstream says 404, or null. */
      readonly missingSince: number | null;
      /** Since when upstream says success without giving a link, or null. */
      readonly unlinkedSince: number | null;
    }
  | EndedPhase;

export type EndedPhase = {
  readonly upstreamTaskId: string | null;
  readonly submittedAt: number | null;
  readonly completedAt: number;
  readonly costTimeMs: number | null;
} & (
  | { readonly state: 'succeeded'; readonly resultJson: string | null; readonly error: null }
  | { readonly state: 'failed'; readonly resultJson: null; readonly error: TaskError }
  | { readonly state: 'canceled'; readonly resultJson: null; readonly error: null }
);

/** The state words of the outside. */
export type TaskState = 'queued' | 'running' | 'succeeded' | 'failed' | 'canceled';

/** `event` is the flat event body; `record` is what the upstream's own recordInfo answers, for drop-in tasks. */
export type CallbackFormat = 'event' | 'record';

export interface Delivery {
  readonly url: string;
  /** Host and port of the URL, as the URL policy names it. */
  readonly host: string;
  /** The caller's headers, sealed, or null. */
  readonly sealedHeaders: string | null;
  readonly format: CallbackFormat;
  /** The name that the task was posted to: the relay never calls itself. */
  readonly relayHost: string;
  readonly state: 'waiting' | 'pending' | 'delivered' | 'failed';
  /** Attempts so far, over all rounds. */
  readonly attempts: number;
  readonly lastStatus: number | null;
  readonly deliveredAt: number | null;
  readonly round: DeliveryRound;
  /** Null unless the callback was given up and its client wants to be told. */
  readonly notice: FailureNotice | null;
}

/** Where the retry schedule stands; a redelivery starts a new round. */
export interface DeliveryRound {
  readonly firstAttemptAt: number | null;
  /** Delays of `RETRY_DELAYS_SECONDS` used up. */
  readonly retries: number;
  /** Quick retries (a receiver that may not be listening yet) used up. */
  readonly quickRetries: number;
  /** An attempt of this round met no answer, so it may have arrived all the same. */
  readonly answerLost: boolean;
  /** The result is to be fetched from upstream again before the next attempt: links expire. */
  readonly refresh: boolean;
}

export const NEW_ROUND: DeliveryRound = {
  firstAttemptAt: null,
  retries: 0,
  quickRetries: 0,
  answerLost: false,
  refresh: false,
};

/** The one notice to the client's `failure_callback_url` that a callback was given up. */
export interface FailureNotice {
  readonly state: 'pending' | 'delivered' | 'failed';
  /** When the callback was given up, epoch ms. */
  readonly at: number;
  /** Attempts of the notice so far. */
  readonly tries: number;
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
  readonly input: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, string | number | boolean | null>>;
  readonly idempotencyKey: string | null;
  readonly fingerprint: string | null;
  readonly estimatedCredits: number | null;
  readonly createdAt: number;
  /** Past this instant a task without an end fails with `timed_out`. */
  readonly deadlineAt: number;
  /** Goes up by one with every transition (not with a claim): what a write is conditional on. */
  readonly revision: number;
  /** The row's one clock: when somebody next has to act on it, or null. */
  readonly dueAt: number | null;
  /** What upstream last refused or failed to do for this task, in words; told when the task times out. */
  readonly problem: string | null;
  /** For its owner's eyes: nothing is decided by it. */
  readonly polls: Polls;
  readonly phase: Phase;
  /** Null where the task has no callback URL. */
  readonly delivery: Delivery | null;
}

export type EndedTask = Task & { readonly phase: EndedPhase };
export type RunningTask = Task & { readonly phase: Extract<Phase, { state: 'running' }> };
export type UnsentTask = Task & { readonly phase: Extract<Phase, { state: 'accepting' | 'queued' }> };

export function isEnded(task: Task): task is EndedTask {
  const { state } = task.phase;
  return state === 'succeeded' || state === 'failed' || state === 'canceled';
}

export function isRunning(task: Task): task is RunningTask {
  return task.phase.state === 'running';
}

export function isUnsent(task: Task): task is UnsentTask {
  return task.phase.state === 'accepting' || task.phase.state === 'queued';
}

/** The state as the outside reads it. */
export function publicState(task: Task): TaskState {
  return task.phase.state === 'accepting' ? 'queued' : task.phase.state;
}

/** Milliseconds from acceptance to the end: what the caller waited. Null while it has no end. */
export function durationMs(task: Task): number | null {
  return isEnded(task) ? task.phase.completedAt - task.createdAt : null;
}
