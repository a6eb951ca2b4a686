/** Polls grow apart as a task grows older: a poll every tenth of its age keeps the detection delay near 5 % of the wait. */
const SHARE_OF_AGE = 0.1;
const MAX_INTERVAL_MS = 60_000;

export interface PollLimits {
  /** `POLL_MIN_SECONDS` in ms: no task is polled more often. */
  readonly pollMinMs: number;
}

/** When a task submitted at `submittedAt` is to be polled next, as of `now`. Epoch ms. */
export function nextPollAt(submittedAt: number, now: number, limits: PollLimits): number {
  const age = Math.max(0, now - submittedAt);
  const interval = Math.min(
    Math.max(age * SHARE_OF_AGE, limits.pollMinMs),
    Math.max(MAX_INTERVAL_MS, limits.pollMinMs),
  );
  return now + Math.round(interval);
}
