import type { State } from '../domain/schedule/state.ts';
import type { InvocationDeps } from './deps.ts';
import { logError } from './log.ts';

/** What has been due for longer than this is late: one invocation does not get through it. */
const LATE_MS = 1_000;
/** From one call for helpers to the next: those that were called have begun by then. */
const CALL_EVERY_MS = 4_000;
/** Invocations called at once, and the rows counted at most to know how many. */
const MAX_CALLED = 20;
const MAX_COUNTED = 10_000;
/** Tasks that one invocation polls each four seconds, where requests take a quarter of a second and four may be under way. */
const CAPACITY = 64;

/**
 * Calls further invocations of the same loop while more is due than this one gets through. The messages say nothing but
 * "look": a lost, doubled or late one costs time and nothing else.
 */
export class Helpers {
  private readonly deps: InvocationDeps;
  private callAt = 0;

  constructor(deps: InvocationDeps) {
    this.deps = deps;
  }

  /** Never rejects. */
  async callFor(state: State): Promise<void> {
    const { clock, stores, wakeUps } = this.deps;
    const now = clock.now();
    const { plan, outlook } = state;
    const { isShort, isShortOfSubmits } = outlook;
    const isBehind =
      plan.role === 'cron' && !plan.isAlone && (isShort || isShortOfSubmits) && !state.isOver(now);
    if (wakeUps === null || !isBehind || now < this.callAt) return;
    this.callAt = now + CALL_EVERY_MS;
    try {
      const late = isShort ? await stores.pulse.countLate(now - LATE_MS, MAX_COUNTED) : 0;
      const waiting = isShortOfSubmits ? await stores.pulse.countQueued(MAX_COUNTED) : 0;
      const count = Math.min(MAX_CALLED, Math.ceil((late + waiting) / CAPACITY));
      // Where nothing is late yet, what it leaves is soon.
      if (count === 0) this.callAt = now + LATE_MS;
      else await wakeUps.callWorkers(count);
    } catch (error) {
      logError('no further invocations could be called; the cron goes on alone', error);
    }
  }
}
