import { durationKeys } from '../../src/domain/duration-key.ts';
import { NO_DURATIONS, observe } from '../../src/domain/durations.ts';
import type { History } from '../../src/domain/durations.ts';
import { PollPlans } from '../../src/domain/poll-plans.ts';
import { nextPollAt } from '../../src/domain/poll-schedule.ts';

/** When to poll; `learn` is told now and then how long those took whose end was seen. */
export interface Policy {
  readonly name: string;
  /** The age of the next poll, after one at this age, of a task that was posted at an instant. In ms. */
  readonly next: (ageMs: number, postedAt: number) => number;
  readonly learn?: (endedMs: readonly number[], now: number) => void;
}

export function fixed(seconds: number): Policy {
  return { name: `fixed ${seconds} s`, next: (ageMs) => ageMs + seconds * 1_000 };
}

/** What Ringback did before it learned: a tenth of the age, within 3 s and 60 s. */
export function tenthOfAge(): Policy {
  return {
    name: 'a tenth of the age',
    next: (ageMs) => ageMs + Math.min(60_000, Math.max(3_000, ageMs / 10)),
  };
}

/** Ringback's own code, from nothing. */
export function learned(pollMinSeconds: number): Policy {
  const like = { model: 'bench', input: { resolution: '720p', duration: 5 } };
  const limits = { pollMinMs: pollMinSeconds * 1_000 };
  let histories = new Map<string, History>();
  let plans = new PollPlans(histories, limits.pollMinMs);
  return {
    name: pollMinSeconds === 3 ? 'learned' : `learned, POLL_MIN_SECONDS ${pollMinSeconds}`,
    next: (ageMs, postedAt) => nextPollAt(0, ageMs, limits, plans.of(like, postedAt)),
    learn: (endedMs, now) => {
      histories = new Map(
        durationKeys(like).map((key) => {
          const { durations, since } = histories.get(key) ?? { durations: NO_DURATIONS, since: now };
          return [key, { durations: observe(durations, endedMs), since }];
        }),
      );
      plans = new PollPlans(histories, limits.pollMinMs);
    },
  };
}
