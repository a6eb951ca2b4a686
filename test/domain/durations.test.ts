import { describe, expect, it } from 'vitest';

import {
  bucketOf,
  EDGES_MS,
  formatDurations,
  NO_DURATIONS,
  observe,
  parseDurations,
  weightOf,
} from '../../src/domain/durations.ts';
import type { Durations } from '../../src/domain/durations.ts';

const many = (ms: number, tasks: number): number[] => Array.from({ length: tasks }, () => ms);
/** The share of the weight that stands for tasks that took this long. */
const shareOf = (durations: Durations, ms: number): number =>
  (durations[bucketOf(ms)] ?? 0) / weightOf(durations);

describe('the histogram of durations', () => {
  it.each([
    [0, 0],
    [999, 0],
    [1_000, 1],
    [1_099, 1],
    [1_101, 2],
    [1e12, 120],
  ])('has %d ms in bucket %d', (ms, bucket) => {
    expect(bucketOf(ms)).toBe(bucket);
  });

  it('has every edge in the bucket that begins there', () => {
    expect(EDGES_MS.map(bucketOf)).toEqual(EDGES_MS.map((_, bucket) => bucket));
  });

  it('counts each of the first tasks as nearly one', () => {
    expect(weightOf(observe(NO_DURATIONS, [90_000]))).toBeCloseTo(1, 10);
    expect(weightOf(observe(NO_DURATIONS, many(90_000, 10)))).toBeCloseTo(10, 0);
  });

  it('is unchanged by nothing', () => {
    const known = observe(NO_DURATIONS, [5_000, 90_000]);
    expect(observe(known, [])).toEqual(known);
  });

  it('forgets: after a hundred tasks of another kind, half of it is those', () => {
    const old = observe(NO_DURATIONS, many(60_000, 1_000));
    const drifted = observe(old, many(120_000, 104));
    expect(shareOf(drifted, 120_000)).toBeCloseTo(0.5, 2);
    expect(shareOf(drifted, 60_000)).toBeCloseTo(0.5, 2);
  });

  it('weighs a batch as it weighs its tasks one after the other', () => {
    const batch = observe(NO_DURATIONS, many(60_000, 40));
    const single = many(60_000, 40).reduce((known, ms) => observe(known, [ms]), NO_DURATIONS);
    expect(weightOf(batch)).toBeCloseTo(weightOf(single), 6);
  });

  it('weighs no more than its memory, whatever the batch', () => {
    expect(weightOf(observe(NO_DURATIONS, many(60_000, 10_000)))).toBeLessThanOrEqual(150);
  });
});

describe('its text', () => {
  it('is read back to a hundredth of a task, and is short', () => {
    const durations = observe(
      NO_DURATIONS,
      Array.from({ length: 2_000 }, (_, task) => 1.005 ** task * 1_000),
    );
    const text = formatDurations(durations);
    expect(text.length).toBeLessThanOrEqual(500);
    parseDurations(text).forEach((weight, bucket) => expect(weight).toBeCloseTo(durations[bucket] ?? 0, 1));
  });

  it.each([
    ['', 'nothing'],
    ['[1,2', 'no JSON'],
    ['{}', 'no list'],
    ['[1,2,3]', 'another number of buckets'],
    [JSON.stringify(EDGES_MS.map(() => -1)), 'negative weights'],
    [JSON.stringify(EDGES_MS.map(() => 1e9)), 'more than was ever remembered'],
    [JSON.stringify(EDGES_MS.map(() => null)), 'no numbers'],
  ])('%j, which is %s, counts as no history', (text) => {
    expect(parseDurations(text)).toBe(NO_DURATIONS);
  });
});
