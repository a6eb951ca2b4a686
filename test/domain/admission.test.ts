import { describe, expect, it } from 'vitest';

import { eventOfCreate, mayAsk, mustWait } from '../../src/domain/admission.ts';
import type { Gate, KeyLoad } from '../../src/domain/admission.ts';
import type { CreateAnswer } from '../../src/domain/upstream.ts';
import { accepting, queued, T0 } from './sample-task.ts';

const NOW = T0 + 1_000;
const POLL_AT = NOW + 3_000;
const CONTEXT = { pollAt: POLL_AT, keyHasRunning: true };
const key: KeyLoad = {
  submitPausedUntil: 0,
  running: 0,
  asked: 0,
  activeLimit: null,
  refusedAt: null,
  endedSinceRefusal: 0,
};
const open: Gate = { key, hasWaiting: false, callerHasTime: true, random: 0.25 };
const full: KeyLoad = { ...key, running: 5, activeLimit: 5, refusedAt: NOW - 1_000 };
const paused: KeyLoad = { ...key, submitPausedUntil: NOW + 17_000 };

describe('before upstream is asked, a task', () => {
  it.each<[string, Gate]>([
    ['goes, where nothing is in its way', open],
    ['goes, once a limit is over', { ...open, key: { ...key, submitPausedUntil: NOW } }],
    ['goes, with as many at once as run already', { ...open, key: { ...key, running: 20, asked: 19 } }],
    ['goes, where the key runs fewer than it is known to', { ...open, key: { ...full, running: 4 } }],
  ])('%s', (_, gate) => {
    expect(mustWait(gate, NOW)).toBeNull();
  });

  it.each<[string, Gate, string, number]>([
    ['until upstream takes requests again', { ...open, key: paused }, 'limited', 17_000],
    ['behind those that wait already', { ...open, hasWaiting: true, key: paused }, 'behind', 750_000],
    ['while its key runs as many as it is known to', { ...open, key: full }, 'full', 30_000],
    [
      'while the key is asked for what its limit leaves',
      { ...open, key: { ...full, running: 3, asked: 2 } },
      'full',
      30_000,
    ],
    [
      'for the next tick where many are asked for at once',
      { ...open, key: { ...key, running: 3, asked: 8 } },
      'unasked',
      0,
    ],
    ['for the next tick where its caller has no time left', { ...open, callerHasTime: false }, 'unasked', 0],
  ])('waits %s', (_, gate, reason, wait) => {
    expect(mustWait(gate, NOW)).toMatchObject({ type: 'deferred', reason, retryAt: NOW + wait });
  });
});

describe('a learned limit of active tasks', () => {
  it.each<[string, KeyLoad, boolean]>([
    ['is none before the first refusal', { ...key, running: 500 }, true],
    ['holds while it is reached', full, false],
    [
      'holds although others raised it, while none of ours has ended',
      { ...full, refusedAt: NOW - 3_600_000 },
      false,
    ],
    [
      'is tried out a minute after a refusal, once three tasks have ended',
      { ...full, refusedAt: NOW - 60_000, endedSinceRefusal: 3 },
      true,
    ],
    ['is not tried out sooner', { ...full, refusedAt: NOW - 59_999, endedSinceRefusal: 3 }, false],
    ['is not tried out for every end', { ...full, refusedAt: NOW - 60_000, endedSinceRefusal: 2 }, false],
  ])('%s', (_, load, may) => {
    expect(mayAsk(load, NOW)).toBe(may);
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
    const task = tries === 0 ? accepting() : queued(tries, {}, 'failing');
    expect(eventOfCreate({ kind: 'unavailable', message: 'down' }, task, CONTEXT, NOW)).toEqual({
      type: 'deferred',
      reason: 'failing',
      retryAt: NOW + wait * 1_000,
      problem: 'down',
    });
  });

  it('badly, after it waited long for a slot: that does not count', () => {
    const event = eventOfCreate({ kind: 'unavailable', message: 'down' }, queued(9), CONTEXT, NOW);
    expect(event).toMatchObject({ retryAt: NOW + 2_000 });
  });

  it('a full key is asked again sooner where others hold its slots, because no end of ours tells when one is free', () => {
    const answer = { kind: 'full', message: 'too many' } as const;
    const event = eventOfCreate(answer, accepting(), { ...CONTEXT, keyHasRunning: false }, NOW);
    expect(event).toMatchObject({ type: 'deferred', reason: 'full', retryAt: NOW + 5_000 });
  });
});
