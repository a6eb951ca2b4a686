import type { Pause, Settlement } from '../store/work.ts';

/** What one turn leaves to be written; the tick gathers several and writes them together. */
export interface Outcome {
  readonly settlement?: Settlement;
  readonly pause?: Pause;
  /** The upstream account of which a waiting task may go now. */
  readonly wake?: string;
}
