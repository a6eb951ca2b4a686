import { ageAtNextPoll, planForUnknown } from './poll-plan.ts';
import type { PollPlan } from './poll-plan.ts';

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

const unknownPlans = new Map<number, PollPlan>();

/** Made once for each `POLL_MIN_SECONDS`, of which a deployment has one. */
function unknownPlan(pollMinMs: number): PollPlan {
  const plan = unknownPlans.get(pollMinMs) ?? planForUnknown(pollMinMs);
  unknownPlans.set(pollMinMs, plan);
  return plan;
}
