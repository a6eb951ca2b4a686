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

/** @param units how often the work was done in each round. */
export function measured(name: string, spent: readonly Spent[], units = 1): Measured {
  return {
    name,
    rounds: spent.map(({ ms }) => ms / units),
    spent: together(spent),
    times: units * spent.length,
  };
}

export function median({ rounds }: Measured): number {
  return percentile(rounds, 0.5);
}
