import type { PollPlan } from './poll-plan.ts';
import { nextPollOf } from './poll-schedule.ts';
import { isEnded, isRunning } from './task.ts';
import type { Task } from './task.ts';

/** Upstream is given this long to answer; the relay's own caller has an answer within 15 s. */
export const UPSTREAM_TIMEOUT_MS = 10_000;
/** How far a claim reaches past the attempt itself, so that no second worker starts the same while the first still may. */
export const CLAIM_MARGIN_MS = 15_000;

export type Act = 'submit' | 'poll' | 'deliver' | 'notify' | 'expire';

/** What to do with a due task, and where its clock goes before anybody does it. */
export interface Turn {
  readonly act: Act;
  readonly until: number;
}

export interface TurnRules {
  readonly pollMinMs: number;
  readonly callbackTimeoutMs: number;
}

/** How a running task is polled. */
export interface Polls {
  readonly plan: PollPlan;
  /** The claim is for all polls before this instant. Epoch ms. */
  readonly until: number;
}

/**
 * The next turn of a due task. A poll's claim holds the task over the polls before `polls.until`, and ends where the next
 * one would be: polls cost no write, and whoever vanishes leaves the task due again. A poll that overlaps another
 * is harmless. A submit's or a delivery's claim reaches past the attempt. A task past its deadline that upstream never
 * took expires; one that runs is looked at once more.
 */
export function planTurn(task: Task, rules: TurnRules, now: number, polls: Polls): Turn {
  if (isEnded(task)) return { act: callbackAct(task), until: deliveryClaim(task, rules, now) };
  if (isRunning(task)) {
    const { phase } = task;
    let next = nextPollOf(phase, now, rules, polls.plan);
    while (next < polls.until) next = nextPollOf(phase, next, rules, polls.plan);
    return { act: 'poll', until: now < task.deadlineAt ? Math.min(next, task.deadlineAt) : next };
  }
  if (now >= task.deadlineAt) return { act: 'expire', until: now + CLAIM_MARGIN_MS };
  return { act: 'submit', until: now + UPSTREAM_TIMEOUT_MS + CLAIM_MARGIN_MS };
}

/** What is to be sent for an ended task: its callback, or the notice that it was given up. */
export function callbackAct({ delivery }: Task): 'deliver' | 'notify' {
  return delivery?.state === 'pending' ? 'deliver' : 'notify';
}

/** Where the clock of a callback goes while it is being sent. */
export function deliveryClaim(task: Task, rules: TurnRules, now: number): number {
  const refreshMs = task.delivery?.round.refresh === true ? UPSTREAM_TIMEOUT_MS : 0;
  return now + refreshMs + rules.callbackTimeoutMs + CLAIM_MARGIN_MS;
}
