import { describe, expect, it } from 'vitest';

import { eventOfCreate, lessonsOfCreate } from '../../src/domain/admission.ts';
import type { KeyLesson, UpstreamKey } from '../../src/domain/upstream-key.ts';
import type { CreateAnswer } from '../../src/domain/upstream.ts';
import { accepting, queued, sampleTask, T0 } from './sample-task.ts';

const NOW = T0 + 1_000;
const POLL_AT = NOW + 3_000;
const keyId = 'operator';
const key: UpstreamKey = {
  id: keyId,
  sealedKey: null,
  pollPausedUntil: 0,
  pollIntervalMs: null,
  activeLimit: null,
  isFailing: false,
  troubledSince: null,
  isExhausted: false,
};

describe('upstream answers an accepted task', () => {
  it.each<[string, CreateAnswer, object]>([
    [
      'with a task: it runs',
      { kind: 'created', upstreamTaskId: 'up_1' },
      { type: 'submitted', upstreamTaskId: 'up_1', pollAt: POLL_AT },
    ],
    [
      '409: it waits in the queue for a slot',
      { kind: 'full', message: 'full' },
      { type: 'deferred', reason: 'full', retryAt: null, problem: 'full' },
    ],
    [
      '429: it waits in the queue until the key may be asked again',
      { kind: 'limited', retryAfterMs: 17_000, message: 'slow down' },
      { type: 'deferred', reason: 'limited', retryAt: null, problem: 'slow down' },
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
    expect(eventOfCreate(answer, accepting(), POLL_AT, NOW)).toEqual(event);
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
    const waited = { reason: 'failing', tries } as const;
    const lives =
      tries === 0
        ? [accepting()]
        : [queued(tries, {}, 'failing'), sampleTask({ state: 'accepting', waited } as const)];
    for (const task of lives)
      expect(eventOfCreate({ kind: 'unavailable', message: 'down' }, task, POLL_AT, NOW)).toEqual({
        type: 'deferred',
        reason: 'failing',
        retryAt: NOW + wait * 1_000,
        problem: 'down',
      });
  });

  it('badly, after it waited long for a slot: that does not count', () => {
    const event = eventOfCreate({ kind: 'unavailable', message: 'down' }, queued(9), POLL_AT, NOW);
    expect(event).toMatchObject({ retryAt: NOW + 2_000 });
  });
});

describe('what an answer teaches of its key:', () => {
  const failing = { ...key, isFailing: true };
  const taken: KeyLesson = { keyId, what: 'taken' };
  const FAILING: KeyLesson = { keyId, what: 'failing', until: NOW + 10_000, at: NOW };
  const answered: KeyLesson = { keyId, what: 'answered' };
  const bad: CreateAnswer = { kind: 'unavailable', message: 'down' };
  const created: CreateAnswer = { kind: 'created', upstreamTaskId: 'up_1' };
  const full: CreateAnswer = { kind: 'full', message: 'full' };
  const slowDown: CreateAnswer = { kind: 'limited', retryAfterMs: 17_000, message: 'slow down' };
  const invalid: CreateAnswer = { kind: 'invalid', code: 422, message: 'bad input' };

  it.each<[string, CreateAnswer, UpstreamKey | null, KeyLesson[]]>([
    ['a task: it took one more', created, key, [taken]],
    ['a task, where a limit is known: perhaps that has grown', created, { ...key, activeLimit: 5 }, [taken]],
    ['a task, where nothing is known of the key: the same', created, null, [taken]],
    ['a task, after trouble: that is over', created, failing, [answered, taken]],
    ['409: it runs as many as it takes', full, key, [{ keyId, what: 'refused', at: NOW }]],
    [
      '429: when it may be asked again',
      slowDown,
      key,
      [{ keyId, what: 'submits-paused', until: NOW + 17_000 }],
    ],
    ['409 after trouble: both', full, failing, [answered, { keyId, what: 'refused', at: NOW }]],
    ['no proper answer: that it fails', bad, key, [FAILING]],
    ['no proper answer once more: that it fails for longer', bad, failing, [FAILING]],
    ['401: that it fails', { kind: 'unauthorized', message: 'no' }, null, [FAILING]],
    ['a refusal of the input: nothing', invalid, key, []],
    ['a refusal of the input after trouble: that is over', invalid, failing, [answered]],
  ])('%s', (_, answer, known, lessons) => {
    expect(lessonsOfCreate(answer, keyId, known, NOW)).toEqual(lessons);
  });
});
