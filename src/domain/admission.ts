import { FAILING_RETRY_MS } from './upstream-key.ts';
import type { KeyLesson, UpstreamKey } from './upstream-key.ts';
import { waitingOf } from './task.ts';
import type { Task } from './task.ts';
import type { TaskEvent } from './transition.ts';
import type { CreateAnswer } from './upstream.ts';

/** Retries of a submit that upstream did not answer properly: 2, 4, 8, 16, then every 30 s. */
const FIRST_BACKOFF_MS = 2_000;
const MAX_BACKOFF_MS = 30_000;
/** A key that upstream refuses now may be mended by its owner. */
const UNAUTHORIZED_RETRY_MS = 60_000;

/**
 * What an answer to createTask does to a task that stays accepted whatever upstream says. What upstream failed comes due by
 * its own clock; what waits for others waits in the queue, which has none.
 *
 * @param pollAt when the task would be polled first. Epoch ms.
 */
export function eventOfCreate(answer: CreateAnswer, task: Task, pollAt: number, now: number): TaskEvent {
  const problem = 'message' in answer ? answer.message : '';
  switch (answer.kind) {
    case 'created':
      return { type: 'submitted', upstreamTaskId: answer.upstreamTaskId, pollAt };
    case 'unavailable':
      return { type: 'deferred', reason: 'failing', retryAt: now + backoffMs(task), problem };
    case 'unauthorized':
      return { type: 'deferred', reason: 'failing', retryAt: now + UNAUTHORIZED_RETRY_MS, problem };
    case 'full':
      return { type: 'deferred', reason: 'full', retryAt: null, problem };
    case 'limited':
      return { type: 'deferred', reason: 'limited', retryAt: null, problem };
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
  const waited = waitingOf(task);
  const tries = waited?.reason === 'failing' ? waited.tries : 0;
  return Math.min(FIRST_BACKOFF_MS * 2 ** Math.min(tries, 10), MAX_BACKOFF_MS);
}

/** What an answer to createTask teaches of its key, as far as that is not known yet. */
export function lessonsOfCreate(
  answer: CreateAnswer,
  keyId: string,
  key: UpstreamKey | null,
  now: number,
): KeyLesson[] {
  switch (answer.kind) {
    case 'unavailable':
    case 'unauthorized':
      return [{ keyId, what: 'failing', until: now + FAILING_RETRY_MS, at: now }];
    case 'full':
      return [...proper(keyId, key), { keyId, what: 'refused', at: now }];
    case 'limited':
      return [...proper(keyId, key), { keyId, what: 'submits-paused', until: now + answer.retryAfterMs }];
    case 'created':
      // Of a limit that was learned while upstream was asked, nothing is known here.
      return [
        ...proper(keyId, key),
        { keyId, what: 'taken' },
        ...(key?.isExhausted === true ? [{ keyId, what: 'credited' } as const] : []),
      ];
    case 'no-credits':
      return [
        ...proper(keyId, key),
        ...(key?.isExhausted === true ? [] : [{ keyId, what: 'exhausted' } as const]),
      ];
    case 'invalid':
    case 'refused':
      return proper(keyId, key);
  }
}

/** It answers properly again. */
function proper(keyId: string, key: UpstreamKey | null): KeyLesson[] {
  return key?.isFailing === true ? [{ keyId, what: 'answered' }] : [];
}
