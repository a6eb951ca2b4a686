import type { Clock } from '../domain/clock.ts';

/** Lets one loop sleep until something has happened, or until an instant, whichever is sooner. */
export class Signal {
  private isRaised = false;
  private waking: AbortController | null = null;

  /** Ends the sleep; where nobody sleeps, the next one. */
  raise(): void {
    this.isRaised = true;
    this.waking?.abort();
  }

  async sleep(clock: Clock, ms: number): Promise<void> {
    if (!this.isRaised) {
      this.waking = new AbortController();
      await clock.sleep(ms, this.waking.signal);
      this.waking = null;
    }
    this.isRaised = false;
  }
}
