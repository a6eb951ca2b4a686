import { ageAtNextPoll, planForUnknown } from './poll-plan.ts';
import type { PollPlan } from './poll-plan.ts';
import { LINK_GRACE_MS } from './poll-outcome.ts';
import type { RunningTask } from './task.ts';

export interface PollLimits {
  /** `POLL_MIN_SECONDS` in ms: no task is polled more often. */
  readonly pollMinMs: number;
}

/**
 * When a task submitted at `submittedAt` is to be polled next, as of `now`, by the plan for its like; without one, by what
 * suits most tasks. Epoch ms.
 */
export function nextPollAt(
  submittedAt: number,
  now: number,
  { pollMinMs }: PollLimits,
  plan: PollPlan = unknownPlan(pollMinMs),
): number {
  const age = Math.max(0, now - submittedAt);
  return now + Math.round(Math.max(pollMinMs, ageAtNextPoll(plan, age) - age));
}

/** How often a task is polled whose link has to come. */
const UNLINKED_INTERVAL_MS = 5_000;

/**
 * When a running task is to be polled next, as of `now`. One that upstream has finished, but for its link, is polled every
 * five seconds, however old it is, and when that is waited for no longer. Epoch ms.
 */
export function nextPollOf(
  { submittedAt, unlinkedSince }: RunningTask['phase'],
  now: number,
  limits: PollLimits,
  plan: PollPlan,
): number {
  if (unlinkedSince === null) return nextPollAt(submittedAt, now, limits, plan);
  const next = now + Math.max(limits.pollMinMs, UNLINKED_INTERVAL_MS);
  const last = unlinkedSince + LINK_GRACE_MS;
  return now + limits.pollMinMs < last && last < next ? last : next;
}

const unknownPlans = new Map<number, PollPlan>();

/** Made once for each `POLL_MIN_SECONDS`, of which a deployment has one. */
function unknownPlan(pollMinMs: number): PollPlan {
  const plan = unknownPlans.get(pollMinMs) ?? planForUnknown(pollMinMs);
  unknownPlans.set(pollMinMs, plan);
  return plan;
}
