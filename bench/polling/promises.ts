import type { Measured, Row } from './measure.ts';
import type { Figures } from './simulate.ts';

/** What docs/polling.md says of Ringback's schedule, and whether it held in this run. */
export interface Claim {
  readonly words: string;
  readonly holds: boolean;
}

export interface Everything {
  readonly steady: Measured;
  readonly short: readonly Measured[];
  readonly changing: readonly Measured[];
  readonly long: Measured;
  readonly bursts: readonly Measured[];
  /** The fewest polls of a blind schedule for the steady load. */
  readonly bound: number;
  /** What it could do at best with the polls that were wished for: how far the aims had to be stretched. */
  readonly stretch: number;
}

/** What it may cost to learn the distribution instead of knowing it, and to cover more than the aims ask for. */
const MOST_OVER_BOUND = 1.2;

export function claimsOf(everything: Everything): Claim[] {
  const { steady, short, changing, long, bursts, bound, stretch } = everything;
  const all = [steady, ...short, ...changing, long, ...bursts];
  const isFewer = (figures: (row: Row) => Figures) =>
    all.every(({ own, fixed3 }) => figures(own).polls < figures(fixed3).polls);
  return [
    {
      words:
        'Once learned, half of the ends are seen within 2 s and 95 % within 5 s; of minutes-long tasks too, if they change.',
      holds: [steady, ...short, ...changing].every(({ own }) => isWithin(own.warm, 2_000, 5_000)),
    },
    {
      words: 'Of tasks of 15 s, half are seen within 1.8 s and 95 % within 4 s.',
      holds: short.every(({ own }) => isWithin(own.warm, 1_800, 4_000)),
    },
    {
      words: 'Of bursts of them without history, half are seen within 2.1 s and 95 % within 4.5 s.',
      holds: bursts.every(({ own }) => isWithin(own.warm, 2_100, 4_500)),
    },
    {
      words: 'It polls less than a fixed 3 s, everywhere, from the first tasks on.',
      holds: isFewer(({ first }) => first) && isFewer(({ warm }) => warm),
    },
    {
      words: `For the steady load it is at most a fifth above the bound: ${steady.own.warm.polls.toFixed(1)} to ${bound.toFixed(1)} polls.`,
      holds: steady.own.warm.polls <= bound * MOST_OVER_BOUND,
    },
    { words: 'No blind schedule keeps the aims with 8 polls.', holds: bound > 8 && stretch > 1 },
  ];
}

function isWithin({ p50Ms, p95Ms }: Figures, mostP50Ms: number, mostP95Ms: number): boolean {
  return p50Ms <= mostP50Ms && p95Ms <= mostP95Ms;
}
