import type { Config } from '../config.ts';
import { Budget } from '../domain/schedule/budget.ts';

/** Upstream work is spread over the invocation; so many requests of it may go at once. First callbacks are never held back. */
const FETCH_BURST = 6;
/** Of the requests to D1 this part may go at once. */
const D1_BURST = 1 / 3;
/**
 * Requests to D1 that no exchange may take while work goes on: for the last outcomes, what was learned (2) and the heartbeat, and
 * for statements that D1 loses the answer to.
 */
const KEPT_FOR_THE_END = 8;

/** What the platform lets an invocation do that begins now. */
export function budgetsOf({ subrequestBudget, d1Requests, tickMs: spanMs }: Config, startedAt: number) {
  const total = d1Requests - KEPT_FOR_THE_END;
  return {
    fetches: new Budget({ total: subrequestBudget, burst: FETCH_BURST, startedAt, spanMs }),
    d1: new Budget({ total, burst: Math.floor(total * D1_BURST), startedAt, spanMs }),
  };
}
