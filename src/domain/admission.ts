import type { CreateAnswer } from './upstream.ts';
import type { Task } from './task.ts';
import type { TaskEvent } from './transition.ts';

/** A task stays here, for a reason and until an instant. */
export type Deferral = Extract<TaskEvent, { type: 'deferred' }>;

/** What is known of an upstream key. Epoch ms. */
export interface KeyLoad {
  /** No submit before this instant: upstream said 429. */
  readonly submitPausedUntil: number;
  /** Tasks that upstream has, as far as we know. */
  readonly running: number;
  /** Tasks that upstream is being asked for at this moment. */
  readonly asked: number;
  /** How many upstream runs at once, learned from 409s; null while it has refused none. */
  readonly activeLimit: number | null;
  /** When upstream last refused one more. */
  readonly refusedAt: number | null;
  /** Tasks of the key that have ended since, while others waited. */
  readonly endedSinceRefusal: number;
}

/** What stands before a new task. */
export interface Gate {
  readonly key: KeyLoad;
  /** Others of this key wait already. */
  readonly hasWaiting: boolean;
  /** Upstream may still take its whole time before the caller has to be answered. */
  readonly callerHasTime: boolean;
  /** In [0, 1). */
  readonly random: number;
}

/** Retries of a submit that upstream did not answer properly: 2, 4, 8, 16, then every 30 s. */
const FIRST_BACKOFF_MS = 2_000;
const MAX_BACKOFF_MS = 30_000;
/** A full key's queue moves when one of its tasks ends; this clock is for slots that somebody else frees. */
const FULL_RETRY_MS = 30_000;
/** No task of the key runs here, so somebody else's hold its slots, and no end of ours will tell when one is free. */
const FULL_OF_OTHERS_RETRY_MS = 5_000;
/**
 * Who waits behind others is woken by them; this clock is for the case that none of them ever does. As long again is what
 * tasks that were posted together are spread over: each of their turns in vain costs requests to D1.
 */
const BEHIND_RETRY_MS = 600_000;
/** A key that upstream refuses now may be mended by its owner. */
const UNAUTHORIZED_RETRY_MS = 60_000;
/** The learned limit is tried upward no more often, and only after so many ends: far fewer refusals than tasks. */
export const PROBE_AFTER_MS = 60_000;
export const ENDS_PER_PROBE = 3;
/** Of a key that has refused nothing yet so many are asked for at once, or as many as run already: its limit is not known. */
const ASKED_AT_ONCE = 8;

/** Whether upstream may be asked for one more task of the key: below its learned limit, or to try whether that grew. */
export function mayAsk(key: KeyLoad, now: number): boolean {
  if (key.activeLimit === null || key.running + key.asked < key.activeLimit) return true;
  if (key.running < key.activeLimit) return false;
  const { refusedAt, endedSinceRefusal } = key;
  return refusedAt === null || (endedSinceRefusal >= ENDS_PER_PROBE && now - refusedAt >= PROBE_AFTER_MS);
}

/** Why a task has to wait here before upstream is even asked, or null where it may go. */
export function mustWait(gate: Gate, now: number): Deferral | null {
  if (gate.hasWaiting) return behind(now, gate.random);
  const { submitPausedUntil } = gate.key;
  if (submitPausedUntil > now) {
    const problem = 'Upstream limits the rate of this key.';
    return { type: 'deferred', reason: 'limited', retryAt: submitPausedUntil, problem };
  }
  if (!mayAsk(gate.key, now)) return atKeyLimit(gate.key, now);
  const isRush = gate.key.activeLimit === null && gate.key.asked >= Math.max(ASKED_AT_ONCE, gate.key.running);
  if (isRush || !gate.callerHasTime) {
    return { type: 'deferred', reason: 'unasked', retryAt: now, problem: 'Upstream has not been asked yet.' };
  }
  return null;
}

/** Earlier tasks of the upstream key wait for a slot; one that ends or is taken wakes this one. */
export function behind(now: number, random: number): Deferral {
  const problem = 'Earlier tasks of this upstream key wait for a free slot.';
  return { type: 'deferred', reason: 'behind', retryAt: afterOthers(now, random), problem };
}

/** The upstream key runs as many tasks as it is known to take; it is not asked in vain. */
export function atKeyLimit({ activeLimit }: KeyLoad, now: number): Deferral {
  const problem = `Upstream runs ${activeLimit ?? 'no'} tasks of this key at once; one of them has to end first.`;
  return { type: 'deferred', reason: 'full', retryAt: now + FULL_RETRY_MS, problem };
}

/** The client is at its `max_active_tasks`: one of its own tasks has to end first, and wakes this one. */
export function atOwnLimit(now: number, random: number): Deferral {
  const problem = 'The client is at its max_active_tasks.';
  return { type: 'deferred', reason: 'own-limit', retryAt: afterOthers(now, random), problem };
}

function afterOthers(now: number, random: number): number {
  return now + Math.round(BEHIND_RETRY_MS * (1 + random));
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
  const { phase } = task;
  const tries = phase.state === 'queued' && phase.reason === 'failing' ? phase.tries : 0;
  return Math.min(FIRST_BACKOFF_MS * 2 ** Math.min(tries, 10), MAX_BACKOFF_MS);
}
