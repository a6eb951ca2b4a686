import type { Clock } from '../domain/clock.ts';

/** Lets one loop sleep until something has happened, or until an instant, whichever is sooner. */
export class Signal {
  private isRaised = false;
  private wake: (() => void) | null = null;

  /** Ends the sleep; where nobody sleeps, the next one. */
  raise(): void {
    this.isRaised = true;
    this.wake?.();
  }

  async sleep(clock: Clock, ms: number): Promise<void> {
    if (!this.isRaised) {
      await new Promise<void>((resolve) => {
        const stop = clock.after(ms, resolve);
        this.wake = () => {
          stop();
          resolve();
        };
      });
      this.wake = null;
    }
    this.isRaised = false;
  }
}
