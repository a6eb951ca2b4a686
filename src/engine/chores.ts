import { databaseTrouble } from '../domain/database-trouble.ts';
import type { EngineDeps } from './deps.ts';
import { logError, logWarning } from './log.ts';
import { reseal } from './reseal.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const INBOX_TIDIED_EVERY_MS = 10 * MINUTE_MS;
/** Longer than any request waits for another with its key. */
const REFUSALS_KEPT_MS = 60_000;
/**
 * How long after its retention a task may still wait for its callback: a redelivery of an old task has its whole schedule.
 * Receivers that are never reached would otherwise be remembered for ever, with all that was meant for them.
 */
const ABANDONED_AFTER_MS = 14 * DAY_MS;
/** Batches of the purge in one run: 3,000 tasks a minute, more than one Worker can bring to their end. */
const MAX_PURGES = 6;

export interface ChoreReport {
  /** Ended tasks that were deleted for their age. */
  readonly purged: number;
  /** Stored secrets that were sealed anew, after a change of the master key. */
  readonly resealed: number;
}

/** What has to be done besides tasks, in small batches. A chore that breaks is logged, and holds up no task. */
export async function tidyUp(deps: EngineDeps): Promise<ChoreReport> {
  const { clock, config, stores, secrets } = deps;
  const now = clock.now();
  const keptSince = now - config.retentionDays * DAY_MS;
  const purged = await chore('purge', async () => await purge(deps, keptSince));
  await chore('tidying', async () => {
    await stores.retention.forgetRefusals(now - REFUSALS_KEPT_MS);
    if (now % INBOX_TIDIED_EVERY_MS < MINUTE_MS) await stores.retention.forgetInbox(now);
    // Once an hour: what is to be forgotten is found by reading whole tables.
    if (now % HOUR_MS < MINUTE_MS) await stores.retention.forgetUnused(keptSince, now - 2 * DAY_MS);
  });
  const isRotating = config.previousMasterKey !== null;
  const resealed = isRotating
    ? await chore('resealing', async () => await reseal({ secrets, sealed: stores.sealed }, now))
    : 0;
  return { purged: purged ?? 0, resealed: resealed ?? 0 };
}

async function purge({ stores }: EngineDeps, endedBefore: number): Promise<number> {
  let purged = 0;
  for (let batches = 0; batches < MAX_PURGES; batches++) {
    const { deleted, abandoned, isLast } = await stores.retention.purge(
      endedBefore,
      endedBefore - ABANDONED_AFTER_MS,
    );
    purged += deleted;
    for (const { id, clientId } of abandoned) {
      const whose = { task_id: id, client_id: clientId };
      logWarning('a task was deleted for its age although its receiver was never reached', whose);
    }
    if (isLast) break;
  }
  return purged;
}

/** Null where it broke. Rejects where the database cannot be used: then the tick could do nothing either. */
async function chore<T>(name: string, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    const trouble = databaseTrouble(error);
    if (trouble !== null && trouble !== 'other') throw error;
    logError(`the ${name} failed, and is tried again by the next tick`, error);
    return null;
  }
}
