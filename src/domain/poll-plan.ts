import { EDGES_MS } from './durations.ts';
import { UNKNOWN } from './duration-forecast.ts';
import type { Forecast } from './duration-forecast.ts';

/**
 * How densely a task of each age is polled. With a poll every `s` ms, an end that falls anywhere between two polls is seen
 * within `x` ms with the chance min(1, x / s), and the polls cost (expected ms that a task lives in the stretch) / s.
 * To see a given share of ends in time with the fewest polls is then a linear program over the densities, and the greedy
 * choice is its optimum: poll where a poll meets the most ends. That is where the hazard is high, the chance of an end for
 * each ms lived.
 */
export type PollPlan = readonly Stretch[];

/** From this age on, until the next stretch, polls come at this rate. */
interface Stretch {
  readonly fromMs: number;
  readonly pollsPerMs: number;
  /** Polls that fall due before it. */
  readonly pollsBefore: number;
}

/** The aim: half of the ends seen within 1.9 s, and, by the slow interval, 95 % within 5 s. */
const SOON_SHARE = 0.5;
const SOON_MS = 1_900;
/** So many of the ends, those that cost the fewest polls, are waited for at the fast or the slow interval; the others wait. */
const COVERED = 0.97;
/**
 * Not shorter, so that no history, however odd, costs more than polling at a fixed 3 s; nor than 2 % of a long wait. Only
 * for tasks below 6 s, and where `POLL_MIN_SECONDS` allows it, half of the age.
 */
const FAST_MS = 3_200;
const MOST_SHARE_OF_AGE = 0.5;
const LEAST_SHARE_OF_AGE = 0.02;
/** Shorter for the young: who waited for 20 s minds another 5 more than who waited for two minutes. */
const SLOW_MS = 5_000;
const SLOW_SHARE_OF_AGE = 1 / 6;
/** Where an end is unlikely, one poll for each e-fold of age; ten for the few that outlive the others. */
const LEAST_ALIVE = 0.1;
const MAX_INTERVAL_MS = 60_000;

/** A range of ages, and the intervals that it may be polled at. */
interface AgeRange {
  readonly fromMs: number;
  /** That a task ends in it. */
  readonly chance: number;
  readonly hazard: number;
  readonly fastMs: number;
  readonly slowMs: number;
  readonly unlikelyMs: number;
}

/** The plan that keeps the aim by this forecast with the fewest polls, as far as the shortest interval allowed permits. */
export function planPolls(forecast: Forecast, pollMinMs: number): PollPlan {
  const ranges = ageRanges(forecast, pollMinMs);
  const rates = likelyRates(ranges);
  const begins = Math.min(...Array.from(rates.keys(), ({ fromMs }) => fromMs));
  let polls = 0;
  return ranges.map((range, bucket) => {
    const { fromMs, unlikelyMs } = range;
    const pollsPerMs = rates.get(range) ?? (fromMs < begins ? 0 : 1 / unlikelyMs);
    const stretch = { fromMs, pollsPerMs, pollsBefore: polls };
    polls += pollsPerMs * ((EDGES_MS[bucket + 1] ?? Infinity) - fromMs);
    return stretch;
  });
}

/** What suits most tasks, for where nothing is known: there is no reason then to hurry even where it is allowed. */
export function planForUnknown(pollMinMs: number): PollPlan {
  return planPolls(UNKNOWN, Math.max(pollMinMs, FAST_MS));
}

/** How old a task will be at its next poll: a whole interval later, where intervals change with the age. */
export function ageAtNextPoll(plan: PollPlan, ageMs: number): number {
  const current = lastOf(plan, ({ fromMs }) => fromMs <= ageMs);
  const due = current.pollsBefore + (ageMs - current.fromMs) * current.pollsPerMs + 1;
  const next = lastOf(plan, ({ pollsBefore }) => pollsBefore < due);
  return next.fromMs + (due - next.pollsBefore) / next.pollsPerMs;
}

/**
 * The ranges where a slow poll meets the most ends, with their rates: slow, and fast where the hazard is highest, until
 * enough are seen soon.
 */
function likelyRates(ranges: readonly AgeRange[]): Map<AgeRange, number> {
  let covered = 0;
  const likely: AgeRange[] = [];
  for (const range of ranges.toSorted((a, b) => b.hazard * b.slowMs - a.hazard * a.slowMs)) {
    if (covered >= COVERED) break;
    covered += range.chance;
    likely.push(range);
  }
  let soon = likely.reduce((sum, { chance, slowMs }) => sum + chance * seenSoon(slowMs), 0);
  return new Map(
    likely
      .toSorted((a, b) => b.hazard - a.hazard)
      .map((range) => {
        const { chance, fastMs, slowMs } = range;
        const gain = chance * (seenSoon(fastMs) - seenSoon(slowMs));
        const share = gain > 0 ? Math.min(1, Math.max(0, SOON_SHARE - soon) / gain) : 0;
        soon += gain * share;
        return [range, share / fastMs + (1 - share) / slowMs];
      }),
  );
}

function seenSoon(intervalMs: number): number {
  return Math.min(1, SOON_MS / intervalMs);
}

function ageRanges(forecast: Forecast, pollMinMs: number): AgeRange[] {
  const longestMs = Math.max(MAX_INTERVAL_MS, pollMinMs);
  const alive = aliveAtEdges(forecast);
  return forecast.map((chance, bucket) => {
    const fromMs = EDGES_MS[bucket] ?? 0;
    const untilMs = EDGES_MS[bucket + 1] ?? 2 * fromMs;
    const middleMs = (fromMs + untilMs) / 2;
    const aliveBefore = alive[bucket] ?? 0;
    const livedMs = ((aliveBefore + (alive[bucket + 1] ?? 0)) / 2) * (untilMs - fromMs);
    const wantedMs = Math.max(Math.min(FAST_MS, middleMs * MOST_SHARE_OF_AGE), middleMs * LEAST_SHARE_OF_AGE);
    const fastMs = Math.min(longestMs, Math.max(pollMinMs, wantedMs));
    const slowMs = Math.max(fastMs, Math.min(SLOW_MS, middleMs * SLOW_SHARE_OF_AGE));
    const unlikelyMs = Math.max(fastMs, SLOW_MS, middleMs * Math.max(aliveBefore, LEAST_ALIVE));
    return {
      fromMs,
      chance,
      hazard: chance === 0 ? 0 : chance / livedMs,
      fastMs,
      slowMs,
      unlikelyMs: Math.min(longestMs, unlikelyMs),
    };
  });
}

/** The share of tasks that reaches each bucket; added up from the end, where 1 - 0.999… would be rounding errors. */
function aliveAtEdges(forecast: Forecast): number[] {
  let alive = 0;
  return forecast
    .toReversed()
    .map((chance) => (alive += chance))
    .toReversed();
}

function lastOf(plan: PollPlan, test: (stretch: Stretch) => boolean): Stretch {
  const found = plan.findLast(test);
  if (found === undefined)
    throw new RangeError('A plan begins at the age of 0 ms, and an age is not below it.');
  return found;
}
