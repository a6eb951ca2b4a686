import { describe, expect, it } from 'vitest';

import { eventOfCreate, mustWait } from '../../src/domain/admission.ts';
import type { CreateAnswer } from '../../src/domain/upstream.ts';
import { accepting, queued, T0 } from './sample-task.ts';

const NOW = T0 + 1_000;
const POLL_AT = NOW + 3_000;
const CONTEXT = { pollAt: POLL_AT, keyHasRunning: true };
const open = { submitPausedUntil: 0, hasWaiting: false, clientIsFull: false, callerHasTime: true };

describe('before upstream is asked, a task', () => {
  it.each([
    ['goes, where nothing is in its way', open],
    ['goes, once a limit is over', { ...open, submitPausedUntil: NOW }],
  ])('%s', (_, gate) => {
    expect(mustWait(gate, NOW)).toBeNull();
  });

  it.each([
    ['until upstream takes requests again', { ...open, submitPausedUntil: NOW + 17_000 }, 'limited', 17_000],
    ['while its client is at its own limit', { ...open, clientIsFull: true }, 'own-limit', 30_000],
    ['behind those that wait already', { ...open, hasWaiting: true }, 'behind', 60_000],
    ['for the next tick where its caller has no time left', { ...open, callerHasTime: false }, 'unasked', 0],
    [
      "for upstream's limit before all else",
      { submitPausedUntil: NOW + 1, hasWaiting: true, clientIsFull: true, callerHasTime: false },
      'limited',
      1,
    ],
  ])('waits %s', (_, gate, reason, wait) => {
    expect(mustWait(gate, NOW)).toMatchObject({ type: 'deferred', reason, retryAt: NOW + wait });
  });
});

describe('upstream answers an accepted task', () => {
  it.each<[string, CreateAnswer, object]>([
    [
      'with a task: it runs',
      { kind: 'created', upstreamTaskId: 'up_1' },
      { type: 'submitted', upstreamTaskId: 'up_1', pollAt: POLL_AT },
    ],
    [
      '409: it waits for a slot',
      { kind: 'full', message: 'full' },
      { type: 'deferred', reason: 'full', retryAt: NOW + 30_000, problem: 'full' },
    ],
    [
      '429: it waits as long as upstream asks',
      { kind: 'limited', retryAfterMs: 17_000, message: 'slow down' },
      { type: 'deferred', reason: 'limited', retryAt: NOW + 17_000, problem: 'slow down' },
    ],
    [
      '401: its key may be mended',
      { kind: 'unauthorized', message: 'bad key' },
      { type: 'deferred', reason: 'failing', retryAt: NOW + 60_000, problem: 'bad key' },
    ],
    [
      '402: it fails',
      { kind: 'no-credits', message: 'no credits' },
      {
        type: 'refused',
        error: { code: 'insufficient_credits', message: 'no credits', upstreamCode: null },
      },
    ],
    [
      '422: it fails',
      { kind: 'invalid', code: 422, message: 'bad input' },
      { type: 'refused', error: { code: 'upstream_refused', message: 'bad input', upstreamCode: null } },
    ],
    [
      'another 4xx: it fails',
      { kind: 'refused', code: 403, message: 'no' },
      { type: 'refused', error: { code: 'upstream_refused', message: 'no', upstreamCode: null } },
    ],
  ])('%s', (_, answer, event) => {
    expect(eventOfCreate(answer, accepting(), CONTEXT, NOW)).toEqual(event);
  });

  it.each([
    [0, 2],
    [1, 4],
    [2, 8],
    [3, 16],
    [4, 30],
    [5, 30],
    [10_000, 30],
  ])('badly, after %d tries before: it is tried again in %d s', (tries, wait) => {
    const task = tries === 0 ? accepting() : queued(tries);
    expect(eventOfCreate({ kind: 'unavailable', message: 'down' }, task, CONTEXT, NOW)).toEqual({
      type: 'deferred',
      reason: 'failing',
      retryAt: NOW + wait * 1_000,
      problem: 'down',
    });
  });

  it('a full key is asked again sooner where others hold its slots, because no end of ours tells when one is free', () => {
    const full = { kind: 'full', message: 'too many' } as const;
    const event = eventOfCreate(full, accepting(), { ...CONTEXT, keyHasRunning: false }, NOW);
    expect(event).toMatchObject({ type: 'deferred', reason: 'full', retryAt: NOW + 5_000 });
  });
});
