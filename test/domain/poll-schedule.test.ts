import { expect, it } from 'vitest';

import { nextPollAt } from '../../src/domain/poll-schedule.ts';

const SUBMITTED = Date.UTC(2026, 10, 22, 15);

it.each([
  [0, 3, 3],
  [10, 3, 3],
  [30, 3, 3],
  [60, 3, 6],
  [90, 3, 9],
  [600, 3, 60],
  [3_600, 3, 60],
  [10, 20, 20],
  [3_600, 120, 120],
])('a task of %d s, with at least %d s between polls, is polled after %d s', (age, least, wait) => {
  const now = SUBMITTED + age * 1_000;
  expect(nextPollAt(SUBMITTED, now, { pollMinMs: least * 1_000 })).toBe(now + wait * 1_000);
});

it('a clock that went back polls no more often', () => {
  expect(nextPollAt(SUBMITTED, SUBMITTED - 60_000, { pollMinMs: 3_000 })).toBe(SUBMITTED - 57_000);
});
