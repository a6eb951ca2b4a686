import type { Clock } from '../../src/domain/clock.ts';

interface Timer {
  readonly at: number;
  readonly wake: () => void;
}

/** Turns of the event loop without anything in flight that count as "everything waits for the clock". */
const QUIET_TURNS = 3;

/**
 * A clock that jumps to its next timer whenever everything else has come to rest: a tick of 55 s takes as long as its work.
 * `isBusy` tells whether anything is in flight that is not asleep on this clock.
 */
export class FakeClock implements Clock {
  private time: number;
  private timers: Timer[] = [];
  private quiet = 0;
  private pump: ReturnType<typeof setTimeout> | null = null;
  private readonly isBusy: () => boolean;

  constructor(startMs: number, isBusy: () => boolean) {
    this.time = startMs;
    this.isBusy = isBusy;
  }

  now(): number {
    return this.time;
  }

  /** Moves on without waking anybody: only between runs. */
  advance(ms: number): void {
    this.time += ms;
  }

  after(ms: number, then: () => void): () => void {
    const stop = () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
    const wake = () => {
      stop();
      then();
    };
    const timer = { at: this.time + ms, wake };
    this.timers.push(timer);
    this.watch();
    return stop;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        stop();
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const stop = this.after(ms, wake);
      signal?.addEventListener('abort', wake);
    });
  }

  private watch(): void {
    this.quiet = 0;
    this.pump ??= setTimeout(() => this.look(), 0);
  }

  private look(): void {
    this.pump = null;
    if (this.timers.length === 0) return;
    this.quiet = this.isBusy() ? 0 : this.quiet + 1;
    if (this.quiet >= QUIET_TURNS) {
      const next = this.timers.reduce((a, b) => (b.at < a.at ? b : a));
      this.time = Math.max(this.time, next.at);
      this.quiet = 0;
      next.wake();
    }
    this.pump = setTimeout(() => this.look(), 0);
  }
}
