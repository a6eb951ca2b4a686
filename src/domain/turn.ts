import { nextPollAt } from './poll-schedule.ts';
import { isEnded, isRunning } from './task.ts';
import type { Task } from './task.ts';

/** Upstream is given this long to answer; the relay's own caller has an answer within 15 s. */
export const UPSTREAM_TIMEOUT_MS = 10_000;
/** How far a claim reaches past the attempt itself, so that no second worker starts the same while the first still may. */
export const CLAIM_MARGIN_MS = 15_000;
/** Tasks held back together come back apart. */
const SPREAD_MS = 2_000;

export type Act = 'submit' | 'poll' | 'deliver' | 'expire' | 'wait';

/** What to do with a due task, and where its clock goes before anybody does it. */
export interface Turn {
  readonly act: Act;
  readonly until: number;
}

export interface TurnRules {
  readonly pollMinMs: number;
  readonly callbackTimeoutMs: number;
}

/** What upstream's 429s forbid for the task's key. Epoch ms. */
export interface Pauses {
  readonly submitPausedUntil: number;
  readonly pollPausedUntil: number;
}

/**
 * The next turn of a due task. A poll's claim is its rescheduling: a poll that overlaps itself is harmless. A submit's or
 * a delivery's claim reaches past the attempt.
 *
 * @param random in [0, 1).
 */
export function planTurn(
  task: Task,
  pauses: Pauses,
  rules: TurnRules,
  { now, random }: { now: number; random: number },
): Turn {
  if (isEnded(task)) return { act: 'deliver', until: deliveryClaim(rules, now) };
  const pausedUntil = isRunning(task) ? pauses.pollPausedUntil : pauses.submitPausedUntil;
  if (!isRunning(task) && now >= task.deadlineAt) return { act: 'expire', until: now + CLAIM_MARGIN_MS };
  if (pausedUntil > now) return { act: 'wait', until: pausedUntil + Math.round(random * SPREAD_MS) };
  if (!isRunning(task)) return { act: 'submit', until: now + UPSTREAM_TIMEOUT_MS + CLAIM_MARGIN_MS };
  const next = nextPollAt(task.phase.submittedAt, now, rules);
  return { act: 'poll', until: now < task.deadlineAt ? Math.min(next, task.deadlineAt) : next };
}

/** Where the clock of a callback goes while it is being sent. */
export function deliveryClaim(rules: TurnRules, now: number): number {
  return now + rules.callbackTimeoutMs + CLAIM_MARGIN_MS;
}
