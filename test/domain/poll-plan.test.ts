import { describe, expect, it } from 'vitest';

import { refine, UNKNOWN } from '../../src/domain/duration-forecast.ts';
import { NO_DURATIONS, observe } from '../../src/domain/durations.ts';
import { ageAtNextPoll, planForUnknown, planPolls } from '../../src/domain/poll-plan.ts';
import type { PollPlan } from '../../src/domain/poll-plan.ts';
import { PollPlans } from '../../src/domain/poll-plans.ts';

const HOUR = 3_600_000;

/** Durations around a median, in ms: its 0.5 %, 1.5 %, … quantiles, `spread` being the deviation of the logarithm. */
function around(medianMs: number, spread: number, tasks = 100): number[] {
  return Array.from({ length: tasks }, (_, task) => {
    const share = (task + 0.5) / tasks;
    // The logistic distribution is near enough to the normal one.
    return medianMs * Math.exp((spread * Math.log(share / (1 - share))) / 1.7);
  });
}

function after(endedMs: readonly number[], pollMinMs = 3_000): PollPlan {
  return planPolls(refine(UNKNOWN, observe(NO_DURATIONS, endedMs)), pollMinMs);
}

/** The ages in ms at which a task is polled that does not end. */
function pollsUntil(plan: PollPlan, untilMs: number): number[] {
  const ages: number[] = [];
  for (let age = ageAtNextPoll(plan, 0); age < untilMs; age = ageAtNextPoll(plan, age)) ages.push(age);
  return ages;
}

function intervals(ages: readonly number[]): number[] {
  return ages.slice(1).map((age, index) => age - (ages[index] ?? 0));
}

const like = (duration: number) => ({ model: 'm', input: { resolution: '720p', duration } });

const histories: [string, number[]][] = [
  ['nothing', []],
  ['one task of 90 s', [90_000]],
  ['three tasks of 15 s', [15_000, 15_000, 15_000]],
  ['a hundred near 90 s', around(90_000, 0.4)],
  ['a hundred near 5 s', around(5_000, 0.3)],
  ['a hundred that end at once', around(100, 0.1)],
  ['a hundred of half an hour', around(HOUR / 2, 0.2)],
  ['two kinds', [...around(5_000, 0.1, 40), ...around(90_000, 0.2, 60)]],
  ['tasks of a week', around(168 * HOUR, 0.1)],
];

describe.each(histories)('after %s', (_, endedMs) => {
  it('polls are 3.2 s apart at the least, so no history costs more than a fixed 3 s; POLL_MIN_SECONDS below 6 s', () => {
    const ages = [0, ...pollsUntil(after(endedMs), 2 * HOUR)];
    intervals(ages).forEach((interval, index) => {
      expect(interval).toBeGreaterThan((ages[index] ?? 0) > 6_500 ? 3_199 : 2_999);
    });
  });

  it('polls go on for ever, a minute apart at the most once they have begun', () => {
    const ages = pollsUntil(after(endedMs), 200 * HOUR);
    expect(ages.at(-1)).toBeGreaterThan(200 * HOUR - 60_001);
    expect(Math.max(...intervals(ages))).toBeLessThanOrEqual(60_001);
  });

  it('polls are no closer than POLL_MIN_SECONDS', () => {
    const ages = pollsUntil(after(endedMs, 20_000), 2 * HOUR);
    expect(Math.min(...intervals(ages))).toBeGreaterThanOrEqual(19_999);
  });

  it('a poll that comes late is followed after a whole interval', () => {
    const plan = after(endedMs);
    for (const age of [10_000, 51_234, 100_000, 1_000_000]) {
      expect(ageAtNextPoll(plan, age) - age).toBeGreaterThan(3_199);
    }
  });
});

describe('the plan', () => {
  it('begins where ends become likely: after a hundred near 90 s, not before the first percent of them ended', () => {
    const [first, second] = pollsUntil(after(around(90_000, 0.4)), HOUR);
    expect(first).toBeGreaterThan(25_000);
    expect(first).toBeLessThan(45_000);
    expect((second ?? 0) - (first ?? 0)).toBeLessThanOrEqual(5_001);
  });

  it('leaves the gap between two kinds alone, but for a look or two', () => {
    const ages = pollsUntil(after([...around(5_000, 0.1, 40), ...around(90_000, 0.1, 60)]), HOUR);
    expect(ages.filter((age) => age < 8_000).length).toBeGreaterThanOrEqual(1);
    expect(ages.filter((age) => age > 14_000 && age < 55_000).length).toBeLessThanOrEqual(4);
    expect(ages.filter((age) => age > 70_000 && age < 110_000).length).toBeGreaterThanOrEqual(8);
  });

  it.each([
    [1, 20],
    [3, 14],
    [10, 11],
    [100, 6],
  ])('after %d like tasks of 60 s, needs %d polls for one more at the most', (tasks, polls) => {
    const plan = after(Array.from({ length: tasks }, () => 60_000));
    expect(pollsUntil(plan, 60_000).length + 1).toBeLessThanOrEqual(polls);
  });

  it('is not sure after one task: its like may be twice as fast or as slow, and is seen within 5 s', () => {
    const ages = pollsUntil(after([60_000]), 125_000);
    for (const endMs of [30_000, 120_000]) {
      expect((ages.find((age) => age >= endMs) ?? Infinity) - endMs).toBeLessThanOrEqual(5_000);
    }
  });

  it('looks once a minute at a task that outlived all others by hours', () => {
    const plan = after(around(90_000, 0.4));
    expect(ageAtNextPoll(plan, HOUR) - HOUR).toBeCloseTo(60_000, -1);
  });
});

describe('the plans of one moment', () => {
  const SINCE = 1_000_000;
  const long = { durations: observe(NO_DURATIONS, around(90_000, 0.1)), since: SINCE };
  const short = { durations: observe(NO_DURATIONS, around(20_000, 0.1)), since: SINCE };

  it('are by what is like the task, then by its model, then by what suits most', () => {
    const plans = new PollPlans(
      new Map([
        ['m', long],
        ['m 720p 5s', short],
      ]),
      3_000,
    );
    expect(ageAtNextPoll(plans.of(like(5), SINCE), 0)).toBeLessThan(25_000);
    expect(ageAtNextPoll(plans.of(like(9), SINCE), 0)).toBeGreaterThan(50_000);
    expect(plans.of({ model: 'other', input: {} }, SINCE)).toEqual(planForUnknown(3_000));
  });

  it('are made once', () => {
    const plans = new PollPlans(new Map([['m', long]]), 3_000);
    expect(plans.of(like(5), SINCE)).toBe(plans.of(like(5), SINCE + 1));
  });

  it('are as if nothing were known for tasks that began before: those that ended first say little of them', () => {
    const plans = new PollPlans(new Map([['m', long]]), 3_000);
    expect(plans.of(like(5), SINCE - 1)).toEqual(planForUnknown(3_000));
    expect(plans.of(like(5), SINCE)).not.toEqual(planForUnknown(3_000));
  });

  it('are by the model where tasks like it have ended only since it began', () => {
    const plans = new PollPlans(
      new Map([
        ['m', long],
        ['m 720p 5s', { ...short, since: SINCE + 1 }],
      ]),
      3_000,
    );
    expect(ageAtNextPoll(plans.of(like(5), SINCE), 0)).toBeGreaterThan(50_000);
    expect(ageAtNextPoll(plans.of(like(5), SINCE + 1), 0)).toBeLessThan(25_000);
  });
});
