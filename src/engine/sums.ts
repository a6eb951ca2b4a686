import { firstUnsummedDay } from '../domain/usage.ts';
import type { HoursMade } from '../store/hour-sums.ts';
import type { Begun } from '../store/ticks.ts';
import type { EngineDeps } from './deps.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** As long as the console's longest chart, and a day. */
const KEPT_HOURS = 9 * 24;
/** After its end an hour is summed: a task that is being stored has the time of its request. */
const AFTER_MS = MINUTE_MS;
const AGAIN_EVERY_MS = 10 * MINUTE_MS;
/** Hours that ended less than so long ago are summed anew each ten minutes; older ones when they are twice as old as the last time. */
const YOUNG_HOURS = 4;
const MAX_AGAIN = 6;

/** Sums what the console's charts and its page of usage show, where nobody could wait for it. */
export async function makeSums(deps: EngineDeps, begun: Begun): Promise<void> {
  const now = deps.clock.now();
  if (begun.hours !== null) await sumHours(deps, begun.hours, now);
  const isOld = begun.usageUntil !== null && begun.usageUntil !== firstUnsummedDay(now);
  if (isOld && isBoundary(now)) await deps.stores.usageSums.make(now);
}

/**
 * Sums the hours that are over, for the console's charts; and anew those in which something had not ended or was still to be called back.
 * One request to D1, or two where an hour is new, and none where nothing is to be summed.
 */
async function sumHours({ stores }: EngineDeps, made: HoursMade, now: number): Promise<void> {
  const oldest = floorTo(now, HOUR_MS) - KEPT_HOURS * HOUR_MS;
  const from = Math.max(made.until, oldest);
  const end = floorTo(now - AFTER_MS, HOUR_MS);
  const until = end <= from + HOUR_MS ? Math.max(from, end) : await stores.hourSums.reach(from, end);
  const again = isBoundary(now) ? made.unsettled.filter((hour) => hour >= oldest && isAgain(now, hour)) : [];
  if (until === from && again.length === 0) return;
  await stores.hourSums.make({ from, until, again: again.slice(-MAX_AGAIN) }, oldest);
}

function isBoundary(now: number): boolean {
  return now % AGAIN_EVERY_MS < MINUTE_MS;
}

function isAgain(now: number, hour: number): boolean {
  const age = Math.floor((now - hour) / HOUR_MS);
  return age <= YOUNG_HOURS || (now % HOUR_MS < AGAIN_EVERY_MS && Number.isInteger(Math.log2(age)));
}

function floorTo(at: number, step: number): number {
  return at - (at % step);
}
