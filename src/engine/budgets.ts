import type { Config } from '../config.ts';
import type { Act } from '../domain/turn.ts';
import { Budget } from './budget.ts';

/** Upstream work is spread over the tick; so many requests of it may go at once. Callbacks are never held back. */
const FETCH_BURST = 6;
/** Of the requests to D1 this part may go at once. */
const D1_BURST = 1 / 3;
/**
 * Requests to D1 that no turn and no look may take. They are for the end: outcomes, giving back what is held, what was
 * learned (2) and the heartbeat, which are 5; for what a look takes that has begun (3); and for statements that D1 loses the
 * answer to, and for others that learn the same at that moment.
 */
const KEPT_FOR_THE_END = 14;

/** The requests to D1 of each act at the most, its outcome included: kept for it from its start on. */
export const D1_REQUESTS: Readonly<Record<Act, number>> = {
  // Its client, what the client has, the queue, the upstream key, the plans of polls.
  submit: 6,
  // The upstream key.
  poll: 2,
  // Its client, the built-in inbox.
  deliver: 3,
  // Its client.
  notify: 2,
  expire: 1,
};

/** The outgoing fetches of an invocation that begins now. */
export function fetchBudget({ subrequestBudget, tickMs }: Config, now: number): Budget {
  return new Budget({ total: subrequestBudget, burst: FETCH_BURST, startedAt: now, spanMs: tickMs });
}

/** The requests to D1 of an invocation that begins now. */
export function d1Budget({ d1Requests, tickMs }: Config, now: number): Budget {
  const total = d1Requests - KEPT_FOR_THE_END;
  return new Budget({ total, burst: Math.floor(total * D1_BURST), startedAt: now, spanMs: tickMs });
}
