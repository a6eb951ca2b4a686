import type { Pause, Settlement, Wake } from '../store/work.ts';

/** What one turn leaves to be written; the tick gathers several and writes them together. */
export interface Outcome {
  readonly settlement?: Settlement;
  readonly pause?: Pause;
  readonly wake?: Wake;
}
