import type { Job } from './job.ts';

/**
 * What CPU time is counted as, in microseconds: weights under which the runs that `npm run bench:cpu` measures come out at what it
 * prints. On 29 November 2026 that was 2.8 ms with nothing to do, 15 ms with 3 tasks (7 polls, 11 requests to D1) and 48 ms
 * with 10 (31 polls, 21 requests). A copy is what `npm run bench:keep` prints for a file of 10 MB; it is 1 ms, and 0.3 ms a megabyte.
 */
const OF_JOB: Readonly<Record<Job['kind'], number>> = {
  submit: 1_000,
  poll: 700,
  follow: 700,
  refresh: 700,
  deliver: 1_800,
  copy: 3_000,
};
/** An exchange with D1 that brings or writes something. */
export const CPU_OF_EXCHANGE = 800;
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
