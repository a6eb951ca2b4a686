import { describe, expect, it } from 'vitest';

import type { Verdict } from '../../src/domain/receiver.ts';
import { NEW_ROUND, planAfter } from '../../src/domain/retry-schedule.ts';
import type { RetryRound } from '../../src/domain/retry-schedule.ts';

const NOW = Date.UTC(2026, 10, 22, 15);
const HOUR = 3_600_000;
const policy = {
  delaysMs: [5, 30, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400].map((seconds) => seconds * 1_000),
};
const again: Verdict = { kind: 'again', mayNotListenYet: false, answerLost: false, notBefore: null };
const notYet: Verdict = { kind: 'again', mayNotListenYet: true, answerLost: false, notBefore: null };
/** Exactly in the middle of the jitter. */
const middle = 0.5;

/** The waits between attempts that all meet the same verdict, until the schedule is exhausted. */
function waits(verdict: Verdict, random = middle): number[] {
  let round: RetryRound = NEW_ROUND;
  let now = NOW;
  const found: number[] = [];
  for (;;) {
    const plan = planAfter(verdict, round, policy, { now, random });
    if (plan.outcome === 'exhausted') return found;
    if (plan.outcome !== 'retry') throw new Error(`the schedule ended with ${plan.outcome}`);
    found.push((plan.at - now) / 1_000);
    ({ at: now, round } = plan);
  }
}

describe('the schedule', () => {
  it('makes eleven attempts out of ten delays', () => {
    expect(waits(again)).toEqual([5, 30, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]);
  });

  it.each([
    [0, 0.8],
    [0.25, 0.9],
    [0.75, 1.1],
    [0.999_999_999, 1.2],
  ])('spreads receivers that failed together: a draw of %d makes %d of a delay', (random, factor) => {
    expect(waits(again, random)[0]).toBeCloseTo(5 * factor, 3);
    expect(waits(again, random)[9]).toBeCloseTo(86_400 * factor, 3);
  });

  it('ends with a delivery, or where the receiver says stop, whatever is left', () => {
    const draw = { now: NOW, random: middle };
    expect(planAfter({ kind: 'delivered' }, NEW_ROUND, policy, draw)).toEqual({ outcome: 'delivered' });
    expect(planAfter({ kind: 'stop' }, NEW_ROUND, policy, draw)).toEqual({ outcome: 'stopped' });
  });
});

describe('a receiver that may not be listening yet', () => {
  it('is asked six times quickly, without jitter, and then by the schedule', () => {
    expect(waits(notYet, 0)).toEqual([
      1,
      2,
      4,
      8,
      15,
      30,
      ...policy.delaysMs.map((ms) => (ms * 0.8) / 1_000),
    ]);
  });

  it.each([
    ['just before two minutes are over', 119_999, 1_000],
    ['once two minutes are over', 120_000, 5_000],
  ])('is asked after the next delay %s', (_, sinceFirst, wait) => {
    const round = { ...NEW_ROUND, firstAttemptAt: NOW - sinceFirst };
    const plan = planAfter(notYet, round, policy, { now: NOW, random: middle });
    expect(plan).toMatchObject({ outcome: 'retry', at: NOW + wait });
  });

  it('that answers something else in between goes on with the schedule where it stood', () => {
    const first = planAfter(notYet, NEW_ROUND, policy, { now: NOW, random: middle });
    if (first.outcome !== 'retry') throw new Error('no retry');
    const second = planAfter(again, first.round, policy, { now: first.at, random: middle });
    if (second.outcome !== 'retry') throw new Error('no retry');
    expect(second).toMatchObject({
      at: first.at + 5_000,
      round: { firstAttemptAt: NOW, retries: 1, quickRetries: 1 },
    });
    const third = planAfter(notYet, second.round, policy, { now: second.at, random: middle });
    expect(third).toMatchObject({ at: second.at + 2_000, round: { retries: 1, quickRetries: 2 } });
  });
});

describe('a receiver that asks for time', () => {
  it.each([
    ['gets more than the schedule gives', 60_000, 60_000],
    ['never makes the schedule shorter', 1_000, 5_000],
    ['gets a day at the most', 24 * HOUR, 24 * HOUR],
  ])('%s', (_, asked, wait) => {
    const verdict: Verdict = {
      kind: 'again',
      mayNotListenYet: false,
      answerLost: false,
      notBefore: NOW + asked,
    };
    const plan = planAfter(verdict, NEW_ROUND, policy, { now: NOW, random: middle });
    expect(plan).toMatchObject({ outcome: 'retry', at: NOW + wait });
  });

  it('has no attempt more for it', () => {
    const verdict: Verdict = {
      kind: 'again',
      mayNotListenYet: false,
      answerLost: false,
      notBefore: NOW + HOUR,
    };
    const round = { ...NEW_ROUND, firstAttemptAt: NOW, retries: policy.delaysMs.length };
    const plan = planAfter(verdict, round, policy, { now: NOW, random: middle });
    expect(plan).toEqual({ outcome: 'exhausted' });
  });
});

/** Where the schedule stands after one attempt more. */
function roundAfter(verdict: Verdict, round: RetryRound): RetryRound {
  const plan = planAfter(verdict, round, policy, { now: NOW, random: middle });
  if (plan.outcome !== 'retry') throw new Error('no retry');
  return plan.round;
}

describe('an answer that was lost', () => {
  const lost: Verdict = { kind: 'again', mayNotListenYet: false, answerLost: true, notBefore: null };
  it('is remembered for the whole round, whatever is answered later', () => {
    const one = roundAfter(lost, NEW_ROUND);
    expect(one.answerLost).toBe(true);
    const two = roundAfter(notYet, one);
    expect(two).toMatchObject({ answerLost: true, quickRetries: 1 });
    expect(roundAfter(again, two)).toMatchObject({ answerLost: true, retries: 2 });
  });

  it('is not made up where every attempt was answered', () => {
    expect(roundAfter(again, roundAfter(notYet, NEW_ROUND)).answerLost).toBe(false);
  });
});
