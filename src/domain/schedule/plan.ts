/** A part of a tick that is an invocation of its own, with all that the platform lets one use. */
export interface Leg {
  /** When the tick is over, and with it the last leg. Epoch ms. */
  readonly endsAt: number;
  /** How many more may follow it. */
  readonly legsLeft: number;
}

/** From one look at what is due to the next at the most, in ms, where nothing is known to come due before: nobody tells an invocation of a post. */
export interface Looks {
  /** While there is nothing to do. */
  readonly idleMs: number;
  /** While something is held or under way. */
  readonly busyMs: number;
  /** While tasks wait in a queue: a slot may become free in other ways than by what is held here. */
  readonly queueMs: number;
}

/** What one invocation may do, and for how long. Durations in ms, instants epoch ms. */
export interface InvocationPlan {
  /** The cron's invocation, and a leg of its tick, work until their end; a worker ends where nothing is left for it. */
  readonly role: 'cron' | 'leg' | 'worker';
  readonly startedAt: number;
  readonly endsAt: number;
  /** Legs that may follow this one, and how long one takes once it has work; null where it works to its end by itself. */
  readonly handOver: { readonly legMs: number; readonly legsLeft: number } | null;
  /** Whether no other invocation is called to help: then this one holds all that is due. */
  readonly isAlone: boolean;
  readonly looks: Looks;
  /** Questions to a resolver before each callback. */
  readonly lookUps: number;
  readonly callbackTimeoutMs: number;
}

/** Upstream is given this long to answer; Ringback's own caller has an answer within 15 s. */
export const UPSTREAM_TIMEOUT_MS = 10_000;
/** How far a lease reaches past the request itself, so that no second worker starts the same while the first still may. */
export const LEASE_MARGIN_MS = 15_000;
/** A delivery waits here for a connection for so long at the most; its lease reaches so much further. */
export const DELIVERY_WAIT_MS = 5_000;
/** Before a callback its name is looked up; behind it its answer is read, and what came of it is written. */
export const AROUND_CALLBACK_MS = 6_000;
/** Deliveries that come due within this time are leased already: each starts at its own instant, not with the next look. */
export const DELIVERIES_AHEAD_MS = 1_000;
/** A submit waits here for so long at the most. */
export const SUBMIT_WAIT_MS = 10_000;
/** Of a task whose files are copied, from one renewal to the next: whoever vanishes leaves time for another to copy them. */
export const COPY_LEASE_MS = 20_000;
/** Where others work beside it, a running task is leased for so long: one of them polls it if this invocation vanishes. */
export const POLL_LEASE_MS = 20_000;

/** Until when what is fetched at `now` is this invocation's, by what is to be done with it. Epoch ms. */
export function leases(plan: InvocationPlan, now: number) {
  const { isAlone, callbackTimeoutMs } = plan;
  const endsAt = legEnd(plan, now);
  return {
    poll: isAlone ? endsAt : Math.min(now + POLL_LEASE_MS, endsAt),
    copy: now + COPY_LEASE_MS,
    submit: now + SUBMIT_WAIT_MS + UPSTREAM_TIMEOUT_MS + LEASE_MARGIN_MS,
    delivery: now + DELIVERY_WAIT_MS + callbackTimeoutMs + AROUND_CALLBACK_MS + LEASE_MARGIN_MS,
  };
}

/** A leg that would be shorter is not worth its message. */
const MIN_LEG_MS = 5_000;

/** Until when an invocation works that has work since `now`. Epoch ms. */
export function legEnd({ endsAt, handOver }: InvocationPlan, now: number): number {
  if (handOver === null || handOver.legsLeft === 0) return endsAt;
  const end = now + handOver.legMs;
  return end + MIN_LEG_MS > endsAt ? endsAt : end;
}
