import { FILE_MUTANTS } from './mutants-of-files.ts';
import { LANE_MUTANTS } from './mutants-of-lanes.ts';
import { MESSAGE_MUTANTS } from './mutants-of-messages.ts';
import { WRITE_MUTANTS } from './mutants-of-writes.ts';

/** A bug, planted: the text that stands in a file, and what stands there instead. */
export interface Mutant {
  readonly bug: string;
  readonly file: string;
  readonly text: string;
  readonly instead: string;
}

/**
 * One or more of each kind of promise: nothing lost, nothing paid twice, nothing told twice, nothing forgotten, nothing too soon,
 * nothing too late.
 */
export const MUTANTS: readonly Mutant[] = [
  ...WRITE_MUTANTS,
  ...LANE_MUTANTS,
  ...MESSAGE_MUTANTS,
  ...FILE_MUTANTS,
];
