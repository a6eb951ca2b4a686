import type { ReceiverAnswer } from '../domain/receiver.ts';
import type { Outcomes, Pause, Settlement } from '../store/outcomes.ts';
import type { Learned } from '../store/queue.ts';
import type { Wake } from '../store/wakes.ts';

/** What one turn leaves to be written; the tick gathers several and writes them together. */
export interface Outcome {
  readonly settlement?: Settlement;
  readonly pause?: Pause;
  readonly wake?: Wake;
  readonly learned?: Learned;
  /** Whether the receiver answered a callback at all. */
  readonly answered?: boolean;
  /** The task was deferred without a request to upstream. */
  readonly unasked?: true;
  /** Questions to the resolver about a receiver's name; absent where nobody counted. */
  readonly lookUps?: number;
}

/** What an answer tells of its look-ups. */
export function lookUpsOf({ lookUps }: ReceiverAnswer): Pick<Outcome, 'lookUps'> {
  return lookUps === undefined ? {} : { lookUps };
}

/** Several outcomes as one. */
export function together(outcomes: readonly Outcome[]): Omit<Outcomes, 'hosts' | 'now'> {
  return {
    settlements: outcomes.flatMap(({ settlement }) => settlement ?? []),
    pauses: outcomes.flatMap(({ pause }) => pause ?? []),
    wakes: outcomes.flatMap(({ wake }) => wake ?? []),
    learned: outcomes.flatMap(({ learned }) => learned ?? []),
  };
}
