import type { Config } from '../config.ts';
import { databaseTrouble } from '../domain/database-trouble.ts';
import type { Purged, PurgeLimits } from '../store/retention.ts';
import type { Begun, Tidying } from '../store/ticks.ts';
import { cancelAllOf } from './cancel.ts';
import type { EngineDeps, InvocationDeps } from './deps.ts';
import { logError, logWarning } from './log.ts';
import { reseal } from './reseal.ts';
import { makeSums } from './sums.ts';
import { sweep } from './sweep.ts';

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
const GIVEN_UP_AFTER_MS = 14 * DAY_MS;
/** Revoked clients whose queue one run cancels on, and rounds for each; the next run goes on. */
const MAX_REVOKED = 2;
const MAX_ROUNDS = 25;
/** Batches of the purge in one run: 3,000 tasks a minute, more than one Worker can bring to their end. */
const MAX_PURGES = 6;

export interface MaintenanceReport {
  /** Ended tasks that were deleted for their age. */
  readonly purged: number;
  /** Stored secrets that were sealed anew, after a change of the master key. */
  readonly resealed: number;
}

/** The heartbeat, with what is to be tidied, in one request; the heartbeat alone, where the tidying breaks. */
export async function begin({ clock, config, stores }: EngineDeps): Promise<Begun> {
  const now = clock.now();
  const begun = await task('tidying', async () => await stores.ticks.started(now, tidyingAt(now, config)));
  return begun ?? (await stores.ticks.started(now, null));
}

function tidyingAt(now: number, config: Config): Tidying {
  const keptSince = now - config.retentionDays * DAY_MS;
  return {
    ...purgeLimits(now, config),
    refusedBefore: now - REFUSALS_KEPT_MS,
    inboxBefore: now % INBOX_TIDIED_EVERY_MS < MINUTE_MS ? now : null,
    // Once an hour: what is to be forgotten is found by reading whole tables.
    unusedBefore: now % HOUR_MS < MINUTE_MS ? keptSince : null,
    spentBefore: now - 2 * DAY_MS,
  };
}

function purgeLimits(now: number, { retentionDays }: Config): PurgeLimits {
  const endedBefore = now - retentionDays * DAY_MS;
  return { endedBefore, abandonedBefore: endedBefore - GIVEN_UP_AFTER_MS };
}

/** What is left to do besides jobs, in small batches. What breaks is logged, and holds up no task. */
export async function maintain(deps: InvocationDeps, begun: Begun): Promise<MaintenanceReport> {
  const { clock, config, stores, secrets } = deps;
  const now = clock.now();
  const purged = await task('purge', async () => await purge(deps, begun.purged, purgeLimits(now, config)));
  await task('summing for the console', async () => await makeSums(deps, begun));
  await task('sweep of kept files', async () => await sweep(deps, begun.sweep));
  await task('canceling', async () => {
    // Whoever revoked them was cut off.
    for (const clientId of begun.revoked.slice(0, MAX_REVOKED)) {
      // A round asks D1 twice: jobs are to have the most of what the platform allows.
      const maxRounds = Math.min(MAX_ROUNDS, Math.floor(deps.budgets.d1.left / 20));
      await cancelAllOf(deps, clientId, { maxRounds });
    }
  });
  const isRotating = config.previousMasterKey !== null;
  const resealed = isRotating
    ? await task('resealing', async () => await reseal({ secrets, sealed: stores.sealed }, now))
    : 0;
  return { purged: purged ?? 0, resealed: resealed ?? 0 };
}

/** Goes on where the first batch left something. */
async function purge(
  { stores, files }: EngineDeps,
  first: Purged | null,
  limits: PurgeLimits,
): Promise<number> {
  let purged = 0;
  let batch = first;
  for (let batches = 1; batch !== null; batches++) {
    purged += batch.deleted;
    // What is not removed here belongs to no task any more, and is found by the sweep.
    if (files !== null && batch.files.length > 0) await files.remove(batch.files);
    for (const { id, clientId } of batch.abandoned) {
      const whose = { task_id: id, client_id: clientId };
      logWarning('a task was deleted for its age although its receiver was never reached', whose);
    }
    batch = batch.isLast || batches >= MAX_PURGES ? null : await stores.retention.purge(limits);
  }
  return purged;
}

/** Null where it broke. Rejects where the database cannot be used: then the tick could do nothing either. */
async function task<T>(name: string, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    const trouble = databaseTrouble(error);
    if (trouble !== null && trouble !== 'other') throw error;
    logError(`the ${name} failed, and is tried again by the next tick`, error);
    return null;
  }
}
