import type { CreateAnswer } from './upstream.ts';
import type { Task } from './task.ts';
import type { TaskEvent } from './transition.ts';

type Deferral = Extract<TaskEvent, { type: 'deferred' }>;

/** What is known of an upstream key before a task is submitted with it. Epoch ms. */
export interface AccountGate {
  /** No submit before this instant: upstream said 429. */
  readonly submitPausedUntil: number;
  /** Others of this key wait already. */
  readonly hasWaiting: boolean;
  /** The client is at its `max_active_tasks`. */
  readonly clientIsFull: boolean;
  /** Upstream may still take its whole time before the caller has to be answered. */
  readonly callerHasTime: boolean;
}

/** Retries of a submit that upstream did not answer properly: 2, 4, 8, 16, then every 30 s. */
const FIRST_BACKOFF_MS = 2_000;
const MAX_BACKOFF_MS = 30_000;
/** A full key's queue moves when one of its tasks ends; this clock is for slots that somebody else frees. */
const FULL_RETRY_MS = 30_000;
/** No task of the key runs here, so somebody else's hold its slots, and no end of ours will tell when one is free. */
const FULL_OF_OTHERS_RETRY_MS = 5_000;
const BEHIND_RETRY_MS = 60_000;
/** A key that upstream refuses now may be mended by its owner. */
const UNAUTHORIZED_RETRY_MS = 60_000;

/** Why a task has to wait here before upstream is even asked, or null where it may go. */
export function mustWait(gate: AccountGate, now: number): Deferral | null {
  if (gate.submitPausedUntil > now) {
    const problem = 'Upstream limits the rate of this key.';
    return { type: 'deferred', reason: 'limited', retryAt: gate.submitPausedUntil, problem };
  }
  if (gate.clientIsFull) return atOwnLimit(now);
  if (gate.hasWaiting) return behind(now);
  if (!gate.callerHasTime) {
    return { type: 'deferred', reason: 'unasked', retryAt: now, problem: 'Upstream has not been asked yet.' };
  }
  return null;
}

/** Earlier tasks of the upstream key wait for a slot; the one before wakes this one when it goes. */
export function behind(now: number): Deferral {
  const problem = 'Earlier tasks of this upstream key wait for a free slot.';
  return { type: 'deferred', reason: 'behind', retryAt: now + BEHIND_RETRY_MS, problem };
}

/** The client is at its `max_active_tasks`: one of its own tasks has to end first. */
export function atOwnLimit(now: number): Deferral {
  const problem = 'The client is at its max_active_tasks.';
  return { type: 'deferred', reason: 'own-limit', retryAt: now + FULL_RETRY_MS, problem };
}

/** What else decides where the clock of a submitted task goes. */
export interface SubmitContext {
  /** When the task would be polled first. Epoch ms. */
  readonly pollAt: number;
  /** Whether tasks of the same upstream key run here. */
  readonly keyHasRunning: boolean;
}

/** What an answer to createTask does to a task that stays accepted whatever upstream says. */
export function eventOfCreate(
  answer: CreateAnswer,
  task: Task,
  { pollAt, keyHasRunning }: SubmitContext,
  now: number,
): TaskEvent {
  const problem = 'message' in answer ? answer.message : '';
  switch (answer.kind) {
    case 'created':
      return { type: 'submitted', upstreamTaskId: answer.upstreamTaskId, pollAt };
    case 'unavailable':
      return { type: 'deferred', reason: 'failing', retryAt: now + backoffMs(task), problem };
    case 'unauthorized':
      return { type: 'deferred', reason: 'failing', retryAt: now + UNAUTHORIZED_RETRY_MS, problem };
    case 'full': {
      const retryAt = now + (keyHasRunning ? FULL_RETRY_MS : FULL_OF_OTHERS_RETRY_MS);
      return { type: 'deferred', reason: 'full', retryAt, problem };
    }
    case 'limited':
      return { type: 'deferred', reason: 'limited', retryAt: now + answer.retryAfterMs, problem };
    case 'no-credits':
      return {
        type: 'refused',
        error: { code: 'insufficient_credits', message: problem, upstreamCode: null },
      };
    case 'invalid':
    case 'refused':
      return { type: 'refused', error: { code: 'upstream_refused', message: problem, upstreamCode: null } };
  }
}

function backoffMs(task: Task): number {
  const tries = task.phase.state === 'queued' ? task.phase.tries : 0;
  return Math.min(FIRST_BACKOFF_MS * 2 ** Math.min(tries, 10), MAX_BACKOFF_MS);
}
