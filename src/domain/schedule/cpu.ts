import type { Job } from './job.ts';

/**
 * What CPU time is counted as, in microseconds. Estimates, made so that a leg with three tasks comes out at what the platform
 * allows; `npm run bench:cpu` prints what it takes on the machine at hand.
 */
const OF_JOB: Readonly<Record<Job['kind'], number>> = {
  submit: 1_500,
  poll: 1_000,
  follow: 1_000,
  refresh: 1_000,
  deliver: 2_500,
};
/** An exchange with D1. */
export const CPU_OF_EXCHANGE = 300;
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
