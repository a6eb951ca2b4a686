import type { Clock } from '../domain/clock.ts';

/** So long nobody of an address signs in as the operator, after it failed too often. As the limiter counts. */
export const SIGN_IN_WAIT_SECONDS = 60;
/** Whoever has more networks to guess from makes the ones that have waited longest be forgotten first. */
const MAX_NETWORKS = 10_000;

/**
 * Networks from which too many sign-ins as the operator failed. Right ones from there wait too: an answer that told a right
 * guess from a wrong one would make the limit worth nothing. Known to this isolate only, as the limiter's own count is known
 * to a location only; a network that goes on guessing is known to each isolate that it reaches.
 */
export class SignInWaits {
  private readonly clock: Clock;
  /** Until when, by network; the oldest first. Epoch ms. */
  private readonly until = new Map<string, number>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** It failed too often. */
  begin(network: string): void {
    this.until.delete(network);
    this.until.set(network, this.clock.now() + SIGN_IN_WAIT_SECONDS * 1_000);
    for (const oldest of this.until.keys()) {
      if (this.until.size <= MAX_NETWORKS) break;
      this.until.delete(oldest);
    }
  }

  /** How long it has to wait, in whole seconds; null where it has not. */
  left(network: string): number | null {
    const until = this.until.get(network);
    if (until === undefined) return null;
    const leftMs = until - this.clock.now();
    if (leftMs > 0) return Math.ceil(leftMs / 1_000);
    this.until.delete(network);
    return null;
  }
}
