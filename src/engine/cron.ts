import { databaseTrouble, wordsOfTrouble } from '../domain/database-trouble.ts';
import { tidyUp } from './chores.ts';
import type { ChoreReport } from './chores.ts';
import type { EngineDeps } from './deps.ts';
import { logError, logInfo, logWarning } from './log.ts';
import { tick } from './tick.ts';
import type { TickReport } from './tick.ts';

/** One cron invocation: the heartbeat, the chores in small batches, and the tick. */
export async function runCron(deps: EngineDeps): Promise<TickReport & ChoreReport> {
  const { clock, stores } = deps;
  await stores.ticks.started(clock.now());
  const chores = await tidyUp(deps);
  const report = { ...(await tick(deps)), ...chores };
  await stores.ticks.finished(clock.now(), report);
  logInfo('tick', report);
  return report;
}

/**
 * The cron as it is fired: a database that cannot be used ends it, and is no failure of the Worker. What was claimed comes
 * due again by itself. Rejects with whatever else went wrong, for that is a bug.
 */
export async function fireCron(deps: EngineDeps): Promise<void> {
  try {
    await runCron(deps);
  } catch (error) {
    const trouble = databaseTrouble(error);
    if (trouble === null || trouble === 'other') {
      logError('the tick failed; what it had claimed comes due again by itself', error);
      throw error;
    }
    logWarning(
      `the tick stopped; what it had claimed comes due again by itself. ${wordsOfTrouble(trouble)}`,
      {
        trouble,
      },
    );
  }
}
