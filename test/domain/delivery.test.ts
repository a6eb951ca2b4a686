import { describe, expect, it } from 'vitest';

import { attempted, callbackOf, postponed, redelivered, withResult } from '../../src/domain/delivery.ts';
import { NEW_ROUND } from '../../src/domain/retry-schedule.ts';
import type { UpstreamEnd } from '../../src/domain/upstream.ts';
import { callbackState } from '../../src/domain/task-with-delivery.ts';
import { canceled, failed, running, sampleDelivery, sampleTarget, succeeded, T0 } from './sample-task.ts';

const NOW = T0 + 100_000;
const LEASE = NOW + 35_000;
const given = { at: NOW - 400, now: NOW, status: 500 };
const retry = {
  outcome: 'retry',
  at: NOW + 5_000,
  round: { ...NEW_ROUND, firstAttemptAt: NOW, retries: 1 },
} as const;

describe('the callback of a task that has ended', () => {
  it.each([
    ['task.succeeded', succeeded()],
    ['task.failed', failed()],
    ['task.canceled', canceled()],
  ])('tells %s, is due at once, and begins a schedule of its own', (event, task) => {
    expect(callbackOf(task, NOW, LEASE)).toEqual(
      sampleDelivery({
        event,
        createdAt: NOW,
        occurredAt: task.phase.completedAt,
        revision: 0,
        dueAt: NOW,
        leasedUntil: LEASE,
      }),
    );
  });

  it('goes to the address that the task was posted with', () => {
    const callback = sampleTarget({ url: 'https://b.example.com:8443/x?y', host: 'b.example.com:8443' });
    expect(callbackOf(succeeded({ callback }), NOW, 0)).toMatchObject({
      url: callback.url,
      host: callback.host,
    });
  });

  it('is none where nobody is to be called', () => {
    expect(callbackOf(succeeded({ callback: null }), NOW, LEASE)).toBeNull();
  });
});

describe('an attempt', () => {
  const tried = { revision: 4, attempts: 1, lastStatus: 500, lastAttemptAt: NOW - 400, leasedUntil: 0 };
  it.each([
    ['delivers it', { outcome: 'delivered' }, { state: 'delivered', deliveredAt: NOW, dueAt: null }],
    ['is told to stop', { outcome: 'stopped' }, { state: 'failed', dueAt: null }],
    ['was the last one', { outcome: 'exhausted' }, { state: 'failed', dueAt: null }],
    ['is followed by another', retry, { state: 'pending', dueAt: NOW + 5_000, round: retry.round }],
  ] as const)('%s', (_, plan, change) => {
    const next = attempted(sampleDelivery({ leasedUntil: LEASE }), { ...given, plan });
    expect(next).toEqual(sampleDelivery({ ...tried, ...change }));
  });

  it('counts on over all rounds, with no status where nothing was answered', () => {
    const before = sampleDelivery({ attempts: 11, lastStatus: 200 });
    expect(attempted(before, { ...given, plan: retry, status: null })).toMatchObject({
      attempts: 12,
      lastStatus: null,
    });
  });

  it('leaves a delivery in progress with an instant, and any other without one', () => {
    for (const outcome of ['delivered', 'stopped', 'exhausted'] as const)
      expect(attempted(sampleDelivery(), { ...given, plan: { outcome } }).dueAt).toBeNull();
    expect(attempted(sampleDelivery(), { ...given, plan: retry }).dueAt).toBe(retry.at);
  });
});

describe('a callback, or a notice, that cannot be made now', () => {
  it.each(['callback', 'notice'] as const)('waits, and uses up nothing: a %s', (kind) => {
    const delivery = sampleDelivery({ kind, attempts: 2, leasedUntil: LEASE });
    expect(postponed(delivery, NOW + 300_000)).toEqual({
      ...delivery,
      dueAt: NOW + 300_000,
      leasedUntil: 0,
      revision: 4,
    });
  });
});

describe('a redelivery', () => {
  const delivered = sampleDelivery({
    state: 'delivered',
    attempts: 11,
    lastStatus: 200,
    lastAttemptAt: T0 + 99_000,
    deliveredAt: T0 + 99_500,
    dueAt: null,
    round: { firstAttemptAt: T0, retries: 10, quickRetries: 6, answerLost: true },
  });

  it('is due when it was asked for, with the whole schedule before it; attempts count on', () => {
    for (const dueAt of [NOW, NOW + 250]) {
      expect(redelivered(delivered, dueAt, NOW)).toEqual({
        ...delivered,
        revision: 4,
        state: 'pending',
        dueAt,
        deliveredAt: null,
        round: NEW_ROUND,
        refresh: true,
      });
    }
  });

  it('leaves an attempt that is under way its lease, so that nobody sends it beside that one', () => {
    const underWay = sampleDelivery({ leasedUntil: LEASE });
    expect(redelivered(underWay, NOW, NOW)).toMatchObject({ leasedUntil: LEASE, dueAt: NOW });
  });

  it.each([
    ['was never fetched again', null, true],
    ['was fetched again ten seconds ago', NOW - 10_000, true],
    ['was fetched again a moment ago', NOW - 9_999, false],
  ])('fetches the result again, where it %s: %s', (_, refreshedAt, refresh) => {
    expect(redelivered({ ...delivered, refreshedAt }, NOW, NOW).refresh).toBe(refresh);
  });

  it('of a notice fetches nothing: it tells what was', () => {
    expect(redelivered({ ...delivered, kind: 'notice' }, NOW, NOW).refresh).toBe(false);
  });
});

describe('a result that was fetched again', () => {
  const success: UpstreamEnd = {
    state: 'succeeded',
    resultJson: '{"resultUrls":["https://cdn.example.com/new.mp4"]}',
    costTimeMs: 50_000,
    completedAt: NOW - 1_000,
  };
  const failure: UpstreamEnd = {
    state: 'failed',
    failCode: '400',
    failMessage: 'Content policy.',
    costTimeMs: null,
    completedAt: null,
  };
  const OLD = '{"resultUrls":["https://cdn.example.com/1.mp4"]}';

  it.each([
    ['the fresh result, where upstream gave one', success, success.resultJson],
    ['the one it had, where upstream gave none', null, OLD],
    ['the one it had, where upstream gave a result without a link', { ...success, resultJson: '{}' }, OLD],
    ['the one it had, where upstream gave an empty result', { ...success, resultJson: null }, OLD],
    ['the one it had, where upstream changed its mind', failure, OLD],
  ])('leaves the task with %s', (_, refreshed, resultJson) => {
    const { phase } = succeeded();
    expect(withResult(phase, refreshed)).toEqual({ ...phase, resultJson });
  });

  it('does not turn a failure into a success', () => {
    for (const { phase } of [failed(), canceled()]) expect(withResult(phase, success)).toEqual(phase);
  });
});

describe('where the callback of a task stands, in a word:', () => {
  const notice = null;
  it.each([
    ['it waits for the end', { ...running(), delivery: null, notice }, 'waiting'],
    ['there is nobody to call', { ...running({ callback: null }), delivery: null, notice }, null],
    ['it is on its way', { ...succeeded(), delivery: sampleDelivery(), notice }, 'pending'],
    ['it arrived', { ...succeeded(), delivery: sampleDelivery({ state: 'delivered' }), notice }, 'delivered'],
    ['it was given up', { ...succeeded(), delivery: sampleDelivery({ state: 'failed' }), notice }, 'failed'],
  ])('%s', (_, task, word) => {
    expect(callbackState(task)).toBe(word);
  });
});
