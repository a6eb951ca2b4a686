import { seededRandom } from '../sandbox/upstream/random.ts';

/** How long posts go on beside no kill, and how much longer for each kill. */
const LOAD_MS = 12_000;
const LOAD_MS_PER_KILL = 7_000;
/** From the instant at which Ringback is up to the next kill, and from a kill to the next start. */
const MAX_LIFE_MS = 8_000;
const MAX_DEATH_MS = 1_500;
const FAIL_SHARE = 0.1;

/** What a run is to be. */
export interface RunPlan {
  readonly name: string;
  readonly tasks: number;
  readonly kills: number;
  /** Crons that run at once, over and over. */
  readonly crons: number;
  /** Of calls upstream, of callbacks, and of callers who hang up: from 0 to 1. */
  readonly faultRate: number;
  readonly seed: number;
}

/** A task to post: when, from the start of the load, and what upstream makes of it. */
export interface Job {
  readonly index: number;
  readonly atMs: number;
  readonly fails: boolean;
}

/** How long one life of Ringback lasts, and how long it is down after it. */
export interface Kill {
  readonly lifeMs: number;
  readonly deathMs: number;
}

/** Drawn from the seed: when each task is posted, and when Ringback is killed. */
export function drawPlan({ tasks, kills, seed }: RunPlan): { jobs: Job[]; kills: Kill[] } {
  const random = seededRandom(seed);
  const loadMs = LOAD_MS + kills * LOAD_MS_PER_KILL;
  return {
    jobs: Array.from({ length: tasks }, (_, index) => ({
      index,
      atMs: random() * loadMs,
      fails: random() < FAIL_SHARE,
    })),
    kills: Array.from({ length: kills }, () => ({
      lifeMs: random() * MAX_LIFE_MS,
      deathMs: random() * MAX_DEATH_MS,
    })),
  };
}
