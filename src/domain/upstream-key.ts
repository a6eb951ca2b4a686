/** What is known of an upstream key: a lane that all its tasks share. Epoch ms. */
export interface UpstreamKey {
  readonly id: string;
  /** Null for the operator's own, which stays in the environment. */
  readonly sealedKey: string | null;
  /** No poll before this instant: upstream said 429. */
  readonly pollPausedUntil: number;
  /** From one poll to the next at the least, where upstream has said so lately. */
  readonly pollIntervalMs: number | null;
  /** How many tasks upstream runs at once, learned from 409s; null while it has refused none. */
  readonly activeLimit: number | null;
  /** The last submit was not answered properly. */
  readonly isFailing: boolean;
  /** Since when no call of it, submit or poll, was answered properly; null where the last one was. Epoch ms. */
  readonly troubledSince: number | null;
  /** Upstream said that the credits are used up, and has taken no task since. */
  readonly isExhausted: boolean;
}

/** What an answer of upstream taught of its key. Each may be written twice. */
export type KeyLesson = { readonly keyId: string } & (
  | { readonly what: 'submits-paused'; readonly until: number }
  /** `intervalMs`: from one poll to the next, where upstream said so. */
  | {
      readonly what: 'polls-paused';
      readonly until: number;
      readonly intervalMs: number | null;
      readonly at: number;
    }
  /** 409: it runs as many as it takes. */
  | { readonly what: 'refused'; readonly at: number }
  /** It took one more, and so perhaps more than it was known to take. */
  | { readonly what: 'taken' }
  /** Whose task of its queue went last. */
  | { readonly what: 'served'; readonly clientId: string }
  /** It does not answer properly: of its queue nobody goes before then. */
  | { readonly what: 'failing'; readonly until: number; readonly at: number }
  | { readonly what: 'answered' }
  /** No call is answered properly, since `since`; `isRefused`: upstream does not take the key. */
  | {
      readonly what: 'troubled';
      readonly since: number;
      readonly problem: string;
      readonly isRefused: boolean;
    }
  /** A call was answered properly again. */
  | { readonly what: 'untroubled' }
  /** The credits are used up; and it took a task again. */
  | { readonly what: 'exhausted' }
  | { readonly what: 'credited' }
);

/** A tier may grow: after an hour without a refusal the rate of polls is tried out anew. */
export const PACE_KEPT_MS = 3_600_000;
/** The learned limit is tried upward no more often, and only after so many ends: far fewer refusals than tasks. */
export const PROBE_AFTER_MS = 60_000;
export const ENDS_PER_PROBE = 3;
/** An outage draws in one more of those that wait this often, and not all of them. */
export const FAILING_RETRY_MS = 10_000;
/** A key is full, and none of its tasks runs here: somebody else's hold its slots, and no end of ours will tell of a free one. */
export const FULL_OF_OTHERS_RETRY_MS = 5_000;

/** A task that has ended here while upstream still runs it: canceled, timed out or erased. */
export interface Abandoned {
  readonly keyId: string;
  readonly upstreamTaskId: string;
  readonly clientId: string;
  /** Counted as active no longer than until then. */
  readonly until: number;
}

/** How long a task that has ended here counts as active, and is looked at, where upstream does not say that it has ended. */
export const ABANDONED_MS = 600_000;
/** From one look at it to the next, at first and at last: nobody waits for it but its client's own next task. */
export const FOLLOW_EVERY_MS = 10_000;
export const MAX_FOLLOW_MS = 60_000;
