import { describe, expect, it } from 'vitest';

import { nextPollAt } from '../../src/domain/poll-schedule.ts';

const SUBMITTED = Date.UTC(2026, 10, 22, 15);

describe('without history', () => {
  it.each([
    [0, 3, 4.3],
    [4.3, 3, 3.2],
    [30, 3, 3.2],
    [90, 3, 5],
    [200, 3, 5],
    [3_600, 3, 60],
    [86_400, 3, 60],
    [864_000, 3, 60],
    [30, 1, 3.2],
    [30, 20, 20],
    [3_600, 120, 120],
  ])('a task of %d s, with at least %d s between polls, is polled after %d s', (age, least, wait) => {
    const now = SUBMITTED + age * 1_000;
    const next = nextPollAt(SUBMITTED, now, { pollMinMs: least * 1_000 });
    expect((next - now) / 1_000).toBeCloseTo(wait, 1);
  });
});

it('a clock that went back polls as if the task was new', () => {
  const limits = { pollMinMs: 3_000 };
  const first = nextPollAt(SUBMITTED, SUBMITTED, limits) - SUBMITTED;
  expect(nextPollAt(SUBMITTED, SUBMITTED - 60_000, limits)).toBe(SUBMITTED - 60_000 + first);
});
