import type { EngineDeps } from './deps.ts';
import { tick } from './tick.ts';
import type { TickReport } from './tick.ts';

const DAY_MS = 86_400_000;
/** Longer than any request waits for another with its key. */
const REFUSALS_KEPT_MS = 60_000;

/** One cron invocation: the heartbeat, a small batch of the purge, and the tick. */
export async function runCron(deps: EngineDeps): Promise<TickReport & { purged: number }> {
  const { clock, config, stores } = deps;
  await stores.ticks.started(clock.now());
  const keptSince = clock.now() - config.retentionDays * DAY_MS;
  const purged = await stores.ticks.purge(keptSince);
  await stores.ticks.tidy(clock.now() - REFUSALS_KEPT_MS, keptSince);
  const report = { ...(await tick(deps)), purged };
  await stores.ticks.finished(clock.now(), report);
  return report;
}

/** What a wake-up starts: one more invocation of the same loop, which ends when nothing is left for it. */
export async function runWorker(deps: EngineDeps): Promise<TickReport> {
  return await tick(deps, 'worker');
}
