import type { Outcomes, Pause, Settlement, Wake } from '../store/outcomes.ts';

/** What one turn leaves to be written; the tick gathers several and writes them together. */
export interface Outcome {
  readonly settlement?: Settlement;
  readonly pause?: Pause;
  readonly wake?: Wake;
  /** Whether the receiver answered a callback at all. */
  readonly answered?: boolean;
}

/** Pauses and wakes of several outcomes as one. */
export function together(outcomes: readonly Outcome[]): Pick<Outcomes, 'pauses' | 'wakes'> {
  return {
    pauses: outcomes.flatMap(({ pause }) => (pause === undefined ? [] : [pause])),
    wakes: outcomes.flatMap(({ wake }) => (wake === undefined ? [] : [wake])),
  };
}
