import { percentile } from '../figures.ts';
import { together, type Spent } from './spent.ts';

/** What rounds of the same work took, each in ms of CPU time of the isolate. */
export interface Measured {
  readonly name: string;
  readonly rounds: readonly number[];
  /** Of all rounds together, and what share of it is one round's. */
  readonly spent: Spent;
  readonly msPerSample: number;
}

/** @param units how often the work was done in each round. */
export function measured(
  name: string,
  spent: readonly Spent[],
  { msPerSample, units = 1 }: { msPerSample: number; units?: number },
): Measured {
  const each = msPerSample / units;
  return {
    name,
    rounds: spent.map(({ samples }) => samples * each),
    spent: together(spent),
    msPerSample: each / spent.length,
  };
}

export function median({ rounds }: Measured): number {
  return percentile(rounds, 0.5);
}
