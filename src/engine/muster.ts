import type { EngineDeps } from './deps.ts';
import { logError } from './log.ts';

/** What has been due for longer than this is late: one invocation does not get through it. */
const LATE_MS = 2_000;
/** From one call for workers to the next: those called have to be counted in first. */
const CALL_EVERY_MS = 10_000;
/** Workers called at once, and the rows counted at most to know how many. */
const MAX_CALLED = 10;
const MAX_COUNTED = 10_000;

/**
 * Calls further invocations of the same loop while more is due than this one gets through. The messages say nothing but
 * "look": a lost, doubled or late one costs time and nothing else.
 */
export class Muster {
  private readonly deps: EngineDeps;
  private callAt = 0;

  constructor(deps: EngineDeps) {
    this.deps = deps;
  }

  /** @param capacity what one invocation gets through in ten seconds. Never rejects. */
  async call(capacity: number, now: number): Promise<void> {
    const { wakeWorkers, stores } = this.deps;
    if (wakeWorkers === null || now < this.callAt) return;
    this.callAt = now + CALL_EVERY_MS;
    try {
      const late = await stores.due.countLate(now - LATE_MS, MAX_COUNTED);
      const workers = Math.min(MAX_CALLED, Math.ceil(late / Math.max(1, capacity)));
      if (workers > 0) await wakeWorkers(workers);
    } catch (error) {
      logError('no further workers could be called; the cron goes on alone', error);
    }
  }
}
