import type { Budget } from './budget.ts';
import type { Held } from './held.ts';
import type { HostGate } from './host-gate.ts';
import type { InFlight } from './in-flight.ts';
import type { Ledger } from './ledger.ts';
import type { Ready } from './ready.ts';

/** What the parts of a tick see of it. */
export interface View {
  readonly gate: HostGate;
  readonly inFlight: InFlight;
  readonly held: Held;
  readonly ledger: Ledger;
  readonly ready: Ready;
  /** Outgoing fetches. */
  readonly budget: Budget;
  /** Requests to D1. */
  readonly d1: Budget;
  /** Epoch ms. */
  readonly endsAt: number;
}
