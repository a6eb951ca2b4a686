import { MAX_IN_LANE } from './in-flight.ts';
import type { View } from './view.ts';

/** Upstream turns claimed by one look. */
const MAX_CLAIMED = 100;
/** Submits, and where there may be workers beside it all turns, are held only as far as they are got through in this time. */
const HELD_FOR_MS = 10_000;
const MIN_HELD = 50;
/** An isolate has 128 MB for everything. */
const MAX_HELD = 5_000;
const MAX_HELD_CHARACTERS = 16_000_000;
/** Where workers run beside it, a running task is claimed for so long: one of them polls it if this invocation vanishes. */
const CLAIMED_FOR_MS = 20_000;

/** How many upstream turns may be claimed, and how many submits at the most among them. */
export interface Room {
  readonly all: number;
  readonly submits: number;
}

/** How much upstream work one invocation claims, and for how long. */
export class UpstreamRoom {
  private readonly tick: View;
  private readonly isAlone: boolean;

  /** @param isAlone whether no workers run beside it. */
  constructor(tick: View, isAlone: boolean) {
    this.tick = tick;
    this.isAlone = isAlone;
  }

  /** What may be claimed now. After the tick's end none is held: only what starts at once. */
  at(now: number): Room {
    const { held, inFlight, endsAt } = this.tick;
    const free = inFlight.free('upstream', now);
    if (now >= endsAt) return { all: free, submits: free };
    if (held.characters >= MAX_HELD_CHARACTERS) return { all: 0, submits: 0 };
    const { all: unstarted, submits } = held.unstarted;
    // Alone, a task that was polled takes up no room: it goes behind those that were not.
    const taken = this.isAlone ? unstarted : held.size;
    const all = Math.max(0, Math.min(MAX_CLAIMED, this.mayHold(now) - taken, MAX_HELD - held.size));
    return { all, submits: Math.max(0, Math.min(all, this.capacity(now) - submits)) };
  }

  /** Whether so much has room again that it is worth a look. */
  isWide(now: number, onlySubmits: boolean): boolean {
    const { all, submits } = this.at(now);
    if (onlySubmits) return submits >= Math.min(MAX_CLAIMED, this.capacity(now)) / 4;
    return all >= Math.min(MAX_CLAIMED, this.mayHold(now)) / 4;
  }

  /**
   * Until when running tasks are claimed: for this whole tick where it is alone, since nobody else looks before the next
   * cron, and each claim is a write; and where requests to D1 are scarce. Epoch ms.
   */
  claimedUntil(now: number): number {
    const { d1, endsAt } = this.tick;
    if (now >= endsAt) return now;
    const isForAll = this.isAlone || d1.isScarce(now);
    return isForAll ? endsAt : Math.min(now + CLAIMED_FOR_MS, endsAt);
  }

  /** How many tasks upstream this invocation gets through in `forMs`: as fast as upstream answers, within its budget. */
  capacity(now: number, forMs = HELD_FOR_MS): number {
    const { inFlight, budget } = this.tick;
    const done = Math.floor((MAX_IN_LANE * forMs) / Math.max(1, inFlight.upstreamTurnMs));
    return Math.min(Math.max(MIN_HELD, Math.min(MAX_HELD, done)), budget.share(now + forMs));
  }

  /** Alone it holds what it gets through until its end: nobody else polls what waits in D1. */
  private mayHold(now: number): number {
    return this.capacity(now, this.isAlone ? this.tick.endsAt - now : HELD_FOR_MS);
  }
}
