import { describe, expect, it } from 'vitest';

import { durationOf } from '../../src/domain/duration-key.ts';
import { withPossibleTimes } from '../../src/domain/end-times.ts';
import { T0 } from './sample-task.ts';

const SUBMITTED = T0 + 2_000;
const NOW = T0 + 90_000;
const times = (completedAt: number | null, costTimeMs: number | null) =>
  withPossibleTimes(
    { state: 'succeeded', resultJson: null, completedAt, costTimeMs },
    { createdAt: T0, submittedAt: SUBMITTED },
    NOW,
  );

describe('a time of an end that cannot be counts as none, and nothing is learned from it:', () => {
  it.each([
    ['a completion of 0', 0],
    ['in seconds', Math.round(NOW / 1_000)],
    ['in microseconds', NOW * 1_000],
    ['before the submission', SUBMITTED - 1],
    ['in the future', NOW + 1],
    ['in another year', NOW - 400 * 86_400_000],
  ])('%s', (_, completedAt) => {
    const end = times(completedAt, null);
    expect(end.completedAt).toBeNull();
    expect(durationOf(end, SUBMITTED)).toBeNull();
  });

  it.each([
    ['a cost of nothing', 0],
    ['a cost of more time than the task has existed for', 90_001],
    ['a cost in microseconds', 80_000_000],
  ])('%s', (_, costTimeMs) => {
    const end = times(null, costTimeMs);
    expect(end.costTimeMs).toBeNull();
    expect(durationOf(end, SUBMITTED)).toBeNull();
  });

  it('a cost that can be is learned from where the completion cannot be', () => {
    expect(durationOf(times(0, 80_000), SUBMITTED)).toBe(80_000);
  });
});

it('times that can be stay, to the millisecond', () => {
  expect(times(SUBMITTED, 90_000)).toMatchObject({ completedAt: SUBMITTED, costTimeMs: 90_000 });
  expect(times(NOW, 1)).toMatchObject({ completedAt: NOW, costTimeMs: 1 });
});
