import { bucketOf, EDGES_MS, GROWTH, weightOf } from './durations.ts';
import type { Durations } from './durations.ts';

/** How likely a task ends in each bucket of `EDGES_MS`; they add up to 1. */
export type Forecast = readonly number[];

/** Before there is history: two of three tasks take 22 s to 163 s. But one of five ends within seconds: a picture, refused, or known already. */
const USUAL = { middleMs: 60_000, spread: 1 };
const AT_ONCE = { middleMs: 4_000, spread: 0.6 };
const AT_ONCE_SHARE = 0.2;
/** What was believed before weighs as much as one task. */
const PRIOR_TASKS = 1;
/**
 * In buckets: one task speaks for durations of two thirds to one and a half of its own. Of n tasks each reaches less far, by
 * the fourth root of n.
 */
const REACH_OF_ONE = 4;

/** What is believed of a task whose like has never been seen. */
export const UNKNOWN: Forecast = unknown();

/**
 * The forecast after a look at the durations of like tasks: a kernel density, wide while they are few, mixed with what was
 * believed before. So one task makes nobody sure, and with a hundred little is left of the belief.
 */
export function refine(believed: Forecast, durations: Durations): Forecast {
  const tasks = weightOf(durations);
  const reach = REACH_OF_ONE * Math.max(1, tasks) ** -0.25;
  const kernel = EDGES_MS.map((_, distance) => height(distance / reach));
  // Most buckets are empty.
  const filled = durations.flatMap((weight, bucket) => (weight > 0 ? [{ weight, bucket }] : []));
  const seen = EDGES_MS.map((_, near) =>
    filled.reduce((sum, { weight, bucket }) => sum + weight * (kernel[Math.abs(near - bucket)] ?? 0), 0),
  );
  const perTask = tasks / seen.reduce((sum, weight) => sum + weight, 0) || 0;
  return seen.map(
    (weight, bucket) => (weight * perTask + PRIOR_TASKS * (believed[bucket] ?? 0)) / (tasks + PRIOR_TASKS),
  );
}

function unknown(): Forecast {
  const [usual, atOnce] = [USUAL, AT_ONCE].map(({ middleMs, spread }) =>
    bell(bucketOf(middleMs), spread / Math.log(GROWTH)),
  );
  return EDGES_MS.map(
    (_, bucket) => (1 - AT_ONCE_SHARE) * (usual?.[bucket] ?? 0) + AT_ONCE_SHARE * (atOnce?.[bucket] ?? 0),
  );
}

/** A normal distribution over buckets, which is a lognormal one over durations. */
function bell(center: number, deviation: number): number[] {
  const heights = EDGES_MS.map((_, bucket) => height((bucket - center) / deviation));
  const sum = heights.reduce((total, each) => total + each, 0);
  return heights.map((each) => each / sum);
}

function height(deviations: number): number {
  return Math.exp(-0.5 * deviations ** 2);
}
