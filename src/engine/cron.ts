import { databaseTrouble, wordsOfTrouble } from '../domain/database-trouble.ts';
import { tidyUp } from './chores.ts';
import type { ChoreReport } from './chores.ts';
import type { Engine } from './deps.ts';
import { logInfo, logWarning } from './log.ts';
import { wordsOfLocked } from './seals.ts';
import { tick } from './tick.ts';
import type { TickReport } from './tick-report.ts';

export interface CronReport extends TickReport, ChoreReport {
  /** What the invocation asked D1, the heartbeat's end included. */
  readonly d1_requests: number;
}

/** The report is written with the last request. */
const HEARTBEAT = 1;

/** One cron invocation: the heartbeat, the chores in small batches, and the tick. */
export async function runCron(engine: Engine): Promise<CronReport> {
  const deps = engine.startInvocation();
  const { clock, stores, d1 } = deps;
  const locked = await deps.seals.judge(await stores.ticks.started(clock.now()));
  if (locked !== null) logWarning(wordsOfLocked(locked));
  const chores = await tidyUp(deps);
  const done = await tick(deps);
  const report = { ...done, ...chores, d1_requests: d1.spent + HEARTBEAT };
  await stores.ticks.finished(clock.now(), report);
  logInfo('tick', report);
  return report;
}

/** What a wake-up starts: one more invocation of the same loop, which ends when nothing is left for it. */
export async function runWorker(engine: Engine): Promise<void> {
  await stoppingCleanly('a worker', async () => await tick(engine.startInvocation(), 'worker'));
}

/**
 * The cron as it is fired: a database that cannot be used ends it, and is no failure of the Worker. What was claimed comes
 * due again by itself. Rejects with whatever else went wrong, for that is a bug.
 */
export async function fireCron(engine: Engine): Promise<void> {
  await stoppingCleanly('the tick', async () => await runCron(engine));
}

async function stoppingCleanly(what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const trouble = databaseTrouble(error);
    if (trouble === null || trouble === 'other') throw error;
    const words = `${what} stopped; what it had claimed comes due again by itself. ${wordsOfTrouble(trouble)}`;
    logWarning(words, { trouble });
  }
}
