import type { Job } from './job.ts';

/**
 * What CPU time is counted as, in microseconds: weights under which the runs that `npm run bench:cpu` measures come out at what it
 * prints. On 29 November 2026 that was 2.9 ms with nothing to do, 3.6 ms with 3 tasks (2 polls, 4 requests to D1) and 12.6 ms with 10
 * (10 polls, 11 requests), an end in each leg or two. A copy is what `npm run bench:keep` prints for a file of 10 MB; it is 1 ms, and
 * 0.3 ms a megabyte.
 */
const OF_JOB: Readonly<Record<Job['kind'], number>> = {
  submit: 600,
  poll: 400,
  follow: 400,
  refresh: 400,
  deliver: 1_000,
  copy: 3_000,
};
/** An exchange with D1 that brings or writes something. */
export const CPU_OF_EXCHANGE = 500;
/** The beginning of an invocation, and its end. */
export const CPU_OF_INVOCATION = 2_000;

/**
 * CPU time is a matter of pace. Where it is short a poll waits for so long, and no longer: the platform bears that an invocation
 * exceeds its CPU time now and then, and a caller does not bear to wait for a video that is there.
 */
const MAX_CPU_WAIT_MS = 3_000;

/** What a job counts as, in microseconds. */
export function cpuOf({ kind }: Job): number {
  return OF_JOB[kind];
}

/** Until when a job waits for CPU time, if there is none for it; those that somebody waits for do not. Epoch ms. */
export function waitsForCpuUntil({ kind, at }: Job): number {
  return kind === 'poll' || kind === 'follow' ? at + MAX_CPU_WAIT_MS : at;
}
