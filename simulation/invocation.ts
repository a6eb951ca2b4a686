import { AsyncLocalStorage } from 'node:async_hooks';
import type { Timeline } from './timeline.ts';

/** One run of the Worker, for a request or for a cron: what dies together. */
export class Invocation {
  readonly name: string;
  /** Outgoing requests so far, and those that wait for headers now. */
  fetches = 0;
  waiting = 0;
  /** Requests to D1 so far. */
  d1Requests = 0;
  /** It came to its end: neither died nor broke. */
  isWhole = false;
  /** D1 refused it something in a way that no second try mends. */
  isRefused = false;
  private isDead = false;
  private readonly onDeath: (() => void)[] = [];

  constructor(name: string) {
    this.name = name;
  }

  get dead(): boolean {
    return this.isDead;
  }

  /** From here on none of its code runs any more, and no `finally` either. */
  kill(): void {
    if (this.isDead) return;
    this.isDead = true;
    for (const tell of this.onDeath) tell();
  }

  /** Runs `work` as this invocation; null where it dies first. */
  async run<T>(work: () => Promise<T>): Promise<{ value: T } | null> {
    const died = new Promise<null>((resolve) => {
      this.onDeath.push(() => resolve(null));
    });
    return await Promise.race([running.run(this, async () => await this.whole(work)), died]);
  }

  private async whole<T>(work: () => Promise<T>): Promise<{ value: T }> {
    const value = await work();
    this.isWhole = true;
    return { value };
  }

  /** Goes on only while it lives: what was killed waits for ever. */
  async whileAlive(): Promise<void> {
    if (this.isDead) await new Promise<never>(() => undefined);
  }
}

const running = new AsyncLocalStorage<Invocation>();

/** The invocation that this code runs in. Throws where it runs in none: that is a mistake of the simulation. */
export function currentInvocation(): Invocation {
  const invocation = running.getStore();
  if (invocation === undefined) throw new Error('an effect outside of any invocation');
  return invocation;
}

/** Ringback's clock: true time and how far the machines' clocks are off. Sleep ends for the living only. */
export class RelayClock {
  offsetMs = 0;
  private readonly timeline: Timeline;

  constructor(timeline: Timeline) {
    this.timeline = timeline;
  }

  trueNow(): number {
    return this.timeline.nowMs;
  }

  now(): number {
    return this.timeline.nowMs + this.offsetMs;
  }

  after(ms: number, then: () => void): () => void {
    const invocation = currentInvocation();
    return this.timeline.after(ms, () => {
      if (!invocation.dead) running.run(invocation, then);
    });
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const invocation = currentInvocation();
    if (signal?.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        signal?.removeEventListener('abort', wake);
        forget();
        resolve();
      };
      const forget = this.timeline.after(ms, wake);
      signal?.addEventListener('abort', wake);
    });
    await invocation.whileAlive();
  }
}
