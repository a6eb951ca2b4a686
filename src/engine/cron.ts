import { databaseTrouble, wordsOfTrouble } from '../domain/database-trouble.ts';
import { LOOK_UPS } from '../domain/dns-answer.ts';
import type { InvocationPlan, Leg, Looks } from '../domain/schedule/plan.ts';
import type { Config } from '../config.ts';
import { isFree } from './budgets.ts';
import type { Engine, InvocationDeps } from './deps.ts';
import { logInfo, logWarning } from './log.ts';
import { begin, maintain } from './maintenance.ts';
import type { MaintenanceReport } from './maintenance.ts';
import type { RunReport } from './report.ts';
import { run } from './run.ts';
import { wordsOfLocked } from './seals.ts';

export interface CronReport extends RunReport, MaintenanceReport {
  /** What the invocation asked D1, the heartbeat's end included. */
  readonly d1_requests: number;
}

/** The report is written with the last request. */
const HEARTBEAT = 1;
/**
 * The Free plan allows 50 requests to D1, the Paid one 1,000 (https://developers.cloudflare.com/d1/platform/limits/); and 10 ms of
 * CPU time, of which a look takes half a millisecond and more.
 */
const LOOKS = {
  free: { idleMs: 15_000, busyMs: 15_000, queueMs: 6_000 },
  paid: { idleMs: 3_000, busyMs: 1_000, queueMs: 3_000 },
} as const satisfies Record<string, Looks>;
/**
 * On the Free plan a tick with work is so many invocations, which call each other by messages. Two messages a minute are 8,640
 * operations a day, of 10,000: a message is written, read and deleted (https://developers.cloudflare.com/queues/platform/pricing/).
 */
const LEGS = 3;
/** A shorter tick is one invocation. */
const MIN_TICK_OF_LEGS_MS = 30_000;

/** One cron invocation: the heartbeat, maintenance in small batches, and the run. */
export async function runCron(engine: Engine): Promise<CronReport> {
  const deps = engine.startInvocation();
  const { clock, stores, budgets } = deps;
  const startedAt = clock.now();
  const begun = await begin(deps);
  const locked = await deps.seals.judge(begun.samples);
  if (locked !== null) logWarning(wordsOfLocked(locked));
  const maintained = await maintain(deps, begun);
  const done = await run(deps, planOf(deps, 'cron', firstLeg(deps.config, clock.now())), begun.isEmpty);
  const report = { ...done, ...maintained, d1_requests: budgets.d1.spent + HEARTBEAT };
  await stores.ticks.finished(clock.now(), startedAt, report);
  logInfo('tick', report);
  return report;
}

function firstLeg({ tickMs }: Config, now: number): Leg {
  return { endsAt: now + tickMs, legsLeft: tickMs < MIN_TICK_OF_LEGS_MS ? 0 : LEGS - 1 };
}

function planOf(
  { clock, config, wakeUps }: InvocationDeps,
  role: InvocationPlan['role'],
  { endsAt, legsLeft }: Leg,
): InvocationPlan {
  const startedAt = clock.now();
  const hasLegs = isFree(config) && wakeUps !== null && legsLeft > 0;
  // Messages are delayed by whole seconds.
  const legMs = Math.floor(config.tickMs / LEGS / 1_000) * 1_000;
  const looksUp = config.callbackDnsUrl !== null && !config.allowPrivateCallbacks;
  return {
    role,
    startedAt,
    endsAt: Math.min(endsAt, startedAt + config.tickMs),
    handOver: hasLegs ? { legMs, legsLeft } : null,
    isAlone: isFree(config) || wakeUps === null,
    looks: isFree(config) ? LOOKS.free : LOOKS.paid,
    lookUps: looksUp ? LOOK_UPS.length : 0,
    callbackTimeoutMs: config.callbackTimeoutMs,
  };
}

/** What a wake-up starts: one more invocation of the same loop, which ends when nothing is left for it. */
export async function runWorker(engine: Engine): Promise<void> {
  await stoppingCleanly('a worker', async () => {
    const deps = engine.startInvocation();
    await run(deps, planOf(deps, 'worker', { endsAt: Infinity, legsLeft: 0 }));
  });
}

/** The next leg of a tick. One that comes when its tick is over does nothing: the next cron has come. */
export async function runLeg(engine: Engine, leg: Leg): Promise<void> {
  await stoppingCleanly('a leg of the tick', async () => {
    const deps = engine.startInvocation();
    if (deps.clock.now() >= leg.endsAt) return;
    const { failed_hand_overs: failed } = await run(deps, planOf(deps, 'leg', leg));
    if (failed > 0) await deps.stores.ticks.counted('failed_hand_overs', failed);
  });
}

/**
 * The cron as it is fired: a database that cannot be used ends it, and is no failure of the Worker. What was leased comes
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
    const words = `${what} stopped; what it had leased comes due again by itself. ${wordsOfTrouble(trouble)}`;
    logWarning(words, { trouble });
  }
}
