import { lognormal, seededRandom } from '../../sandbox/upstream/random.ts';

/** Tasks of one kind: how long each takes, and how far apart they are posted. */
export interface Load {
  readonly name: string;
  readonly durationsMs: readonly number[];
  readonly apartMs: number;
}

/** The distribution that the aim is set for, and the one of short tasks. */
export const STEADY = { medianMs: 90_000, spread: 0.4 } as const;
export const SHORT = { medianMs: 15_000, spread: 0.4 } as const;

const TASKS = 4_000;
const APART_MS = 2_000;

type Draw = (random: () => number, index: number) => number;

export const steady = load('lognormal, median 90 s, σ 0.4', (random) =>
  lognormal(STEADY.medianMs, STEADY.spread, random),
);
export const short = load('lognormal, median 15 s, σ 0.4', (random) =>
  lognormal(SHORT.medianMs, SHORT.spread, random),
);

export const changing: readonly Load[] = [
  load('30 % near 5 s, the others near 90 s', (random) =>
    random() < 0.3 ? lognormal(5_000, 0.1, random) : lognormal(90_000, 0.25, random),
  ),
  load('median drifts from 60 s to 180 s, σ 0.3', (random, index) =>
    lognormal(60_000 * (1 + (2 * index) / TASKS), 0.3, random),
  ),
  load('median doubles at once, from 60 s to 120 s, σ 0.3', (random, index) =>
    lognormal(index < TASKS / 2 ? 60_000 : 120_000, 0.3, random),
  ),
];

export const long = load('lognormal, median 600 s, σ 0.4', (random) => lognormal(600_000, 0.4, random));

/** Nearly all are posted before the first one ends, so that little can be learned. */
export const bursts: readonly Load[] = Array.from({ length: 10 }, (_, seed) => ({
  name: '200 within 10 s, median 15 s, σ 0.4',
  durationsMs: draws(200, seed + 1, (random) => lognormal(SHORT.medianMs, SHORT.spread, random)),
  apartMs: 50,
}));

function load(name: string, draw: Draw): Load {
  return { name, durationsMs: draws(TASKS, 1, draw), apartMs: APART_MS };
}

function draws(tasks: number, seed: number, draw: Draw): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: tasks }, (_, index) => draw(random, index));
}
