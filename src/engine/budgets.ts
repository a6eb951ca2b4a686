import type { Config } from '../config.ts';
import { Budget } from '../domain/schedule/budget.ts';
import { CPU_OF_INVOCATION } from '../domain/schedule/cpu.ts';

/** Upstream work is spread over the invocation; so many requests of it may go at once. First callbacks are never held back. */
const FETCH_BURST = 6;
/** Of the requests to D1 this part may go at once. */
const D1_BURST = 1 / 3;
/**
 * Requests to D1 that no exchange may take while work goes on: for the last outcomes, what was learned (2) and the heartbeat, and
 * for statements that D1 loses the answer to.
 */
const KEPT_FOR_THE_END = 8;

/** The Free plan's (https://developers.cloudflare.com/d1/platform/limits/). */
const FREE_D1_REQUESTS = 50;
/** CPU time of one invocation, in microseconds (https://developers.cloudflare.com/workers/platform/limits/#cpu-time); the Paid plan's usual one. */
const CPU = { free: 10_000, paid: 30_000_000 } as const;
const CPU_BURST = 1 / 2;

/** What the platform lets an invocation do that begins now. */
export function budgetsOf(config: Config, startedAt: number) {
  const { subrequestBudget, d1Requests, tickMs: spanMs } = config;
  const total = d1Requests - KEPT_FOR_THE_END;
  const cpu = (isFree(config) ? CPU.free : CPU.paid) - CPU_OF_INVOCATION;
  return {
    fetches: new Budget({ total: subrequestBudget, burst: FETCH_BURST, startedAt, spanMs }),
    d1: new Budget({ total, burst: Math.floor(total * D1_BURST), startedAt, spanMs }),
    cpu: new Budget({ total: cpu, burst: cpu * CPU_BURST, startedAt, spanMs }),
  };
}

/** Of the Free plan: whoever has the Paid one says so by `SUBREQUEST_BUDGET`. */
export function isFree({ d1Requests }: Config): boolean {
  return d1Requests <= FREE_D1_REQUESTS;
}
