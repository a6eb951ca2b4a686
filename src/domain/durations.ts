/**
 * How long ended tasks took, from submission to upstream's completion: a histogram that forgets. Each task has a weight,
 * which fades with every task that ends after it, so that a drift is followed; the weights add up to 150 at the most.
 */
export type Durations = readonly number[];

/** What was learned of a kind of tasks. */
export interface History {
  readonly durations: Durations;
  /** When the first of them was seen to end. Epoch ms. */
  readonly since: number;
}

/** Half of what is known is from the last 100 tasks. */
const MEMORY_TASKS = 150;
/** Weights are written down in hundredths of a task. */
const WRITTEN_PER_TASK = 100;
/** Each bucket ends a tenth later than the one before it: a second counts where tasks take ten, a minute where they take 600. */
export const GROWTH = 1.1;
const FIRST_END_MS = 1_000;
const BUCKETS = 121;

/** Where each bucket begins, in ms: the second one at 1 s, the last one at a day, with no end. */
export const EDGES_MS: readonly number[] = [
  0,
  ...Array.from({ length: BUCKETS - 1 }, (_, power) => FIRST_END_MS * GROWTH ** power),
];

export const NO_DURATIONS: Durations = EDGES_MS.map(() => 0);

/** The bucket that a duration or an age in ms, at least 0, is in. */
export function bucketOf(ms: number): number {
  return EDGES_MS.findLastIndex((edge) => edge <= ms);
}

/** For how many tasks the histogram speaks. */
export function weightOf(durations: Durations): number {
  return durations.reduce((sum, weight) => sum + weight, 0);
}

/** The histogram after these tasks have ended too, each after so many ms. */
export function observe(durations: Durations, endedMs: readonly number[]): Durations {
  const kept = (1 - 1 / MEMORY_TASKS) ** endedMs.length;
  // Together they weigh what they would one after the other.
  const weight = (MEMORY_TASKS * (1 - kept)) / endedMs.length;
  const counts = new Map<number, number>();
  for (const ms of endedMs) counts.set(bucketOf(ms), (counts.get(bucketOf(ms)) ?? 0) + 1);
  return durations.map((old, bucket) => old * kept + (counts.get(bucket) ?? 0) * (weight || 0));
}

/** What half of these tasks took no longer than, in ms; null where nothing is known. */
export function medianMs(durations: Durations): number | null {
  const half = weightOf(durations) / 2;
  if (half === 0) return null;
  let below = 0;
  const bucket = durations.findIndex((weight) => (below += weight) >= half);
  return (EDGES_MS[bucket] ?? 0) * Math.sqrt(GROWTH);
}

/** As text of at most 500 characters. */
export function formatDurations(durations: Durations): string {
  return JSON.stringify(durations.map((weight) => Math.round(weight * WRITTEN_PER_TASK)));
}

/** What `formatDurations` wrote; anything else counts as no history. */
export function parseDurations(text: string): Durations {
  const written = parseJson(text);
  if (!Array.isArray(written) || written.length !== BUCKETS) return NO_DURATIONS;
  const weights = written.map((value: unknown) =>
    typeof value === 'number' ? value / WRITTEN_PER_TASK : NaN,
  );
  const isSound = weights.every((weight) => weight >= 0) && weightOf(weights) <= MEMORY_TASKS + 1;
  return isSound ? weights : NO_DURATIONS;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
