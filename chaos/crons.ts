import { setTimeout as sleep } from 'node:timers/promises';
import type { Relay } from './relay.ts';

const CRON_PATH = '/cdn-cgi/handler/scheduled';
const LOOK_AGAIN_MS = 100;

/** Crons of Ringback that run at once, over and over. */
export class Crons {
  private readonly relay: Relay;
  private readonly ending = new AbortController();
  private loops: Promise<void>[] = [];
  private running = 0;
  fired = 0;
  mostAtOnce = 0;
  /** Invocations that failed while Ringback lived. */
  readonly problems: string[] = [];

  constructor(relay: Relay) {
    this.relay = relay;
  }

  /** Fires so many at the same instant, each again as soon as it has ended. */
  start(atOnce: number): void {
    this.loops = Array.from({ length: atOnce }, () => this.loop());
  }

  /** Fires no more, and waits for those that run. */
  async stop(): Promise<void> {
    this.ending.abort();
    await Promise.all(this.loops);
  }

  private async loop(): Promise<void> {
    while (!this.ending.signal.aborted) {
      const { dies } = this.relay;
      if (dies.aborted) await sleep(LOOK_AGAIN_MS);
      else await this.fire(dies);
    }
  }

  private async fire(dies: AbortSignal): Promise<void> {
    this.fired += 1;
    this.running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running);
    try {
      const response = await fetch(this.relay.url(CRON_PATH), { signal: dies });
      const text = await response.text();
      if (!response.ok && !dies.aborted) this.problems.push(`a cron answered ${response.status}: ${text}`);
    } catch (error) {
      // Connections break just before the signal of the kill is given.
      await sleep(LOOK_AGAIN_MS);
      if (!dies.aborted) this.problems.push(`a cron could not be fired: ${String(error)}`);
    } finally {
      this.running -= 1;
    }
  }
}
