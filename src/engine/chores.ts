import { databaseTrouble } from '../domain/database-trouble.ts';
import type { EngineDeps } from './deps.ts';
import { logError } from './log.ts';

const DAY_MS = 86_400_000;
/** Longer than any request waits for another with its key. */
const REFUSALS_KEPT_MS = 60_000;

export interface ChoreReport {
  /** Ended tasks that were deleted for their age. */
  readonly purged: number;
}

/** What has to be done besides tasks, in small batches. A chore that breaks is logged, and holds up no task. */
export async function tidyUp(deps: EngineDeps): Promise<ChoreReport> {
  const { clock, config, stores } = deps;
  const keptSince = clock.now() - config.retentionDays * DAY_MS;
  const purged = await chore('purge', async () => await stores.ticks.purge(keptSince));
  await chore('tidying', async () => {
    await stores.ticks.tidy(clock.now() - REFUSALS_KEPT_MS, keptSince);
  });
  return { purged: purged ?? 0 };
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
