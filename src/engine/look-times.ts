import type { Lane } from '../store/due.ts';
import type { View } from './view.ts';

/** What somebody else made due (a task posted, or canceled) is seen within this time: while there is work, and while not. */
const BUSY_LOOK_MS = 1_000;
const IDLE_LOOK_MS = 3_000;
/**
 * From one look to the next at the least, so that what comes due one after the other is found together: this, and where
 * requests to D1 get fewer, more.
 */
const MIN_LOOK_MS = 20;
const MAX_APART_MS = 1_000;

/** What a look left to be done. */
export interface Looked {
  /** Lanes in which more may be due than it took. */
  readonly more: ReadonlySet<Lane>;
  /** Some of the rest could go at once. */
  readonly isUnfinished: boolean;
  /** When the next row comes due, or null. Epoch ms. */
  readonly nextAt: number | null;
}

/** When it is worth looking at what is due. */
export class LookTimes {
  private readonly tick: View;
  private lookAt = 0;
  private soonestAt = 0;
  private left: ReadonlySet<Lane> = new Set();
  /** Lanes in which turns came back since the last look began. */
  private readonly freed = new Set<Lane>();

  constructor(tick: View) {
    this.tick = tick;
  }

  /** Lanes in which more may be due than the last look took. */
  get more(): ReadonlySet<Lane> {
    return this.left;
  }

  /** When to look next, as of `now`: not before there is a share of D1's requests for it. Epoch ms. */
  nextAt(now: number): number {
    const at = Math.max(this.lookAt, this.soonestAt);
    const { d1 } = this.tick;
    return d1.share(now) > 0 ? at : Math.max(at, d1.nextShareAt(now));
  }

  /** A turn of this lane came back: if more of it waits and that is worth it, it is time to look. */
  slotFreed(lane: Lane, now: number, isWorthIt: () => boolean): void {
    this.freed.add(lane);
    if (this.left.has(lane) && isWorthIt()) this.lookAt = now;
  }

  /** Something is due at an instant. Epoch ms. */
  dueAt(at: number): void {
    this.lookAt = Math.min(this.lookAt, at);
  }

  /** A look begins. */
  began(now: number): void {
    this.lookAt = Infinity;
    this.soonestAt = now + this.apartMs(now);
    this.freed.clear();
  }

  /** A look that began at `now` has ended. */
  ended({ more, isUnfinished, nextAt }: Looked, now: number): void {
    this.left = more;
    const isFreed = Array.from(more).some((lane) => this.freed.has(lane));
    this.dueAt(isUnfinished || isFreed ? now : this.next(nextAt, now));
  }

  private next(dueAt: number | null, now: number): number {
    const { gate, held, inFlight, ready, d1 } = this.tick;
    const usual = held.size + inFlight.size > 0 ? BUSY_LOOK_MS : IDLE_LOOK_MS;
    const latest = now + Math.max(usual, d1.pace(now));
    const knownAt = Math.min(dueAt ?? Infinity, gate.nextOpening(now), ready.expiresAt);
    // One look for both: another could not follow soon enough.
    return knownAt <= latest + this.apartMs(now) ? knownAt : latest;
  }

  private apartMs(now: number): number {
    return Math.max(MIN_LOOK_MS, Math.min(MAX_APART_MS, this.tick.d1.pace(now) / 2));
  }
}
