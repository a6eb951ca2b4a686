import { percentile } from '../figures.ts';
import { together, type Spent } from './spent.ts';

/** What rounds of the same work took, each in ms of CPU time of the isolate. */
export interface Measured {
  readonly name: string;
  readonly rounds: readonly number[];
  /** Of all rounds together. */
  readonly spent: Spent;
  /** How often the work was done in all of them. */
  readonly times: number;
}

/** @param units how often the work was done in each round: always as often, or by round. */
export function measured(
  name: string,
  spent: readonly Spent[],
  units: number | readonly number[] = 1,
): Measured {
  const counts = spent.map((_, round) => (typeof units === 'number' ? units : (units[round] ?? NaN)));
  return {
    name,
    rounds: spent.map(({ ms }, round) => ms / (counts[round] ?? NaN)),
    spent: together(spent),
    times: counts.reduce((sum, count) => sum + count, 0),
  };
}

export function median({ rounds }: Measured): number {
  return percentile(rounds, 0.5);
}
