import type { View } from './view.ts';

/** How long an outcome waits at the most for others to be written with, where requests to D1 are scarce. */
const MAX_UNWRITTEN_MS = 1_000;
/** How long it waits at the most for turns that are under way or about to start, while there is a share of requests. */
const MAX_GATHERED_MS = 250;

/** When what is held may start: not before its instant, nor before there is a share of fetches for it, or of D1's requests. */
export function turnAt(tick: View, now: number): number {
  const { inFlight, held, budget, d1 } = tick;
  if (inFlight.free('upstream', now) === 0) return budget.nextShareAt(now);
  return held.nextAt > now ? held.nextAt : Math.min(d1.nextShareAt(now), held.nextAfter(now));
}

/** Outcomes are written with those that come soon after: the fewer requests to D1 are left, the longer that is. */
export function writeAt(tick: View, now: number): number {
  const { ledger, d1, inFlight, ready, held } = tick;
  if (!ledger.isReady) return Infinity;
  if (d1.share(now) === 0) return Math.min(ledger.waitsSince + MAX_UNWRITTEN_MS, d1.nextShareAt(now));
  const gatherMs = Math.min(MAX_GATHERED_MS, d1.pace(now) / 2);
  const isMoreToCome = inFlight.size + ready.size > 0 || held.nextAt <= now + gatherMs;
  return isMoreToCome ? ledger.waitsSince + gatherMs : now;
}
