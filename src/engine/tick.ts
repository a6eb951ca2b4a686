import { deliveryClaim, planTurn } from '../domain/turn.ts';
import type { Act } from '../domain/turn.ts';
import { isEnded, isRunning, isUnsent } from '../domain/task.ts';
import type { Task } from '../domain/task.ts';
import type { DueTask, Lane, Outcomes } from '../store/work.ts';
import { deliver } from './deliver.ts';
import type { EngineDeps } from './deps.ts';
import { logError } from './log.ts';
import type { Outcome } from './outcome.ts';
import { poll } from './poll.ts';
import { expire, submit } from './submit.ts';

/** The platform lets 6 connections of an invocation wait for headers; neither lane may take them all. */
const MAX_IN_FLIGHT = 6;
const MAX_IN_LANE = 4;
/**
 * Upstream work is spread over the tick, so that a small budget still looks at running tasks until its end; these many
 * requests may go at once. Callbacks are never held back.
 */
const BURST = 6;
/** How long the tick sleeps at the most while nothing is due: a task posted meanwhile is seen within this time. */
const IDLE_MS = 2_000;

export interface TickReport {
  readonly submits: number;
  readonly polls: number;
  readonly deliveries: number;
  readonly expired: number;
  /** Turns that ended in an exception: logged, and due again by their claims. */
  readonly errors: number;
}

/**
 * One cron invocation's work: claim what is due, act on it, write the outcomes; until `TICK_SECONDS` are over or
 * `SUBREQUEST_BUDGET` is used. Any number of them may run at once. Nothing in flight is left behind when it returns.
 */
export async function tick(deps: EngineDeps): Promise<TickReport> {
  return await new Tick(deps).run();
}

class Tick {
  private readonly deps: EngineDeps;
  private readonly startedAt: number;
  private readonly endsAt: number;
  private budget: number;
  private readonly inFlight = new Map<string, { readonly lane: Lane; readonly done: Promise<void> }>();
  private outcomes: Outcome[] = [];
  private readonly counts = { submits: 0, polls: 0, deliveries: 0, expired: 0, errors: 0 };

  constructor(deps: EngineDeps) {
    this.deps = deps;
    this.startedAt = deps.clock.now();
    this.endsAt = this.startedAt + deps.config.tickMs;
    this.budget = deps.config.subrequestBudget;
  }

  async run(): Promise<TickReport> {
    while (this.mayStart() || this.inFlight.size > 0 || this.outcomes.length > 0) {
      await this.flush();
      const lookedAt = this.deps.clock.now();
      if (this.mayStart()) {
        await this.startDue('callback');
        await this.startDue('upstream');
      }
      if (this.outcomes.length === 0) await this.rest(lookedAt);
    }
    return this.counts;
  }

  private mayStart(): boolean {
    return this.budget > 0 && this.deps.clock.now() < this.endsAt;
  }

  private freeSlots(lane: Lane): number {
    const inLane = Array.from(this.inFlight.values()).filter((turn) => turn.lane === lane).length;
    const budget = lane === 'upstream' ? Math.min(this.budget, this.pacedBudget()) : this.budget;
    return Math.max(0, Math.min(MAX_IN_LANE - inLane, MAX_IN_FLIGHT - this.inFlight.size, budget));
  }

  /** What of the budget upstream work may have used by now, less what was used. */
  private pacedBudget(): number {
    const { subrequestBudget, tickMs } = this.deps.config;
    const share = (this.deps.clock.now() - this.startedAt) / tickMs;
    return Math.floor(BURST + subrequestBudget * share) - (subrequestBudget - this.budget);
  }

  /** Claims as many due tasks of a lane as can be acted on at once, and starts them. */
  private async startDue(lane: Lane): Promise<void> {
    const { stores, clock, config, random } = this.deps;
    const free = this.freeSlots(lane);
    if (free === 0) return;
    const now = clock.now();
    const due = await stores.work.due(lane, now, free + this.inFlight.size);
    const turns = due
      .filter(({ task }) => !this.inFlight.has(task.id))
      .map((row: DueTask) => ({
        task: row.task,
        ...planTurn(row.task, row, config, { now, random: random() }),
      }));
    const waits = turns.filter(({ act }) => act === 'wait');
    const acts = turns.filter(({ act }) => act !== 'wait').slice(0, free);
    const actOf = new Map(acts.map(({ task, act }) => [task.id, act]));
    for (const task of await stores.work.claim([...waits, ...acts])) {
      const act = actOf.get(task.id);
      if (act !== undefined) this.start(lane, act, task);
    }
  }

  private start(lane: Lane, act: Act, task: Task): void {
    if (act !== 'expire') this.budget--;
    const done = this.turn(act, task)
      .catch((error: unknown): Outcome => {
        this.counts.errors++;
        logError(`${act} failed; the task comes due again by itself`, error, {
          task_id: task.id,
          client_id: task.clientId,
        });
        return {};
      })
      .then((outcome) => {
        this.inFlight.delete(task.id);
        this.outcomes.push(outcome);
      });
    this.inFlight.set(task.id, { lane, done });
  }

  private async turn(act: Act, task: Task): Promise<Outcome> {
    if (act === 'poll' && isRunning(task)) {
      this.counts.polls++;
      return await poll(this.deps, task);
    }
    if (act === 'submit' && isUnsent(task)) {
      this.counts.submits++;
      return await submit(this.deps, task);
    }
    if (act === 'deliver' && isEnded(task)) {
      this.counts.deliveries++;
      return await deliver(this.deps, task);
    }
    if (act === 'expire' && isUnsent(task)) {
      this.counts.expired++;
      return expire(this.deps, task);
    }
    return {};
  }

  /**
   * Writes what has come back in one transaction. A task that ended is claimed for its callback in the same write, as far
   * as there is room to send it at once: the shortest way from upstream's end to the receiver.
   */
  private async flush(): Promise<void> {
    const gathered = this.outcomes;
    this.outcomes = [];
    const now = this.deps.clock.now();
    let room = this.mayStart() ? this.freeSlots('callback') : 0;
    const settlements = gathered.flatMap(({ settlement }) => {
      if (settlement === undefined) return [];
      const { task } = settlement;
      const sendsAtOnce = isEnded(task) && task.dueAt !== null && task.dueAt <= now && room-- > 0;
      return [
        sendsAtOnce
          ? { ...settlement, task: { ...task, dueAt: deliveryClaim(this.deps.config, now) } }
          : settlement,
      ];
    });
    const written = await this.deps.stores.work.settle({ settlements, now, ...together(gathered) });
    for (const { task, attempt } of settlements) {
      const isClaimed = isEnded(task) && attempt === undefined && task.dueAt !== null && task.dueAt > now;
      if (isClaimed && written.has(task.id)) this.start('callback', 'deliver', task);
    }
  }

  /**
   * Until something in flight comes back or the next row comes due, whichever is sooner. What was due at `lookedAt` and was
   * not started waits for a slot, which a turn that comes back frees, or for its share of the budget.
   */
  private async rest(lookedAt: number): Promise<void> {
    const { clock, config, stores } = this.deps;
    const turns = Array.from(this.inFlight.values(), ({ done }) => done);
    if (!this.mayStart()) {
      if (turns.length > 0) await Promise.race(turns);
      return;
    }
    const nextDueAt = (await stores.work.nextDueAfter(lookedAt)) ?? Infinity;
    const shareAt = this.pacedBudget() > 0 ? Infinity : lookedAt + config.tickMs / config.subrequestBudget;
    const until = Math.min(nextDueAt, shareAt, lookedAt + IDLE_MS, this.endsAt);
    const waking = new AbortController();
    await Promise.race([...turns, clock.sleep(Math.max(1, Math.ceil(until - clock.now())), waking.signal)]);
    waking.abort();
  }
}

/** Pauses and wakes of several outcomes as one. */
function together(outcomes: readonly Outcome[]): Pick<Outcomes, 'pauses' | 'wakes'> {
  const wakes = new Map<string, number>();
  for (const { wake } of outcomes) if (wake !== undefined) wakes.set(wake, (wakes.get(wake) ?? 0) + 1);
  return { pauses: outcomes.flatMap(({ pause }) => (pause === undefined ? [] : [pause])), wakes };
}
