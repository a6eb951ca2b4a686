import { isEnded } from '../domain/task.ts';
import type { Task } from '../domain/task.ts';
import { deliveryClaim, planTurn } from '../domain/turn.ts';
import type { Act } from '../domain/turn.ts';
import type { Claim, Lane, Outcomes, Settlement } from '../store/work.ts';
import { actOn } from './act.ts';
import { Budget } from './budget.ts';
import type { EngineDeps } from './deps.ts';
import { logLate } from './late-attempt.ts';
import { logError } from './log.ts';
import type { Outcome } from './outcome.ts';

/** The platform lets 6 connections of an invocation wait for headers; neither lane may take them all. */
const MAX_IN_FLIGHT = 6;
const MAX_IN_LANE = 4;
/** How long the tick sleeps at the most while nothing is due: a task posted meanwhile is seen within this time. */
const IDLE_MS = 3_000;
/** How long it sleeps at the least: what comes due one after the other is done together. */
const MIN_REST_MS = 20;
const LANES = ['callback', 'upstream'] as const satisfies Lane[];

export interface TickReport {
  readonly submits: number;
  readonly polls: number;
  readonly deliveries: number;
  readonly expired: number;
  /** Turns that ended in an exception: logged, and due again by their claims. */
  readonly errors: number;
}

/** What each act counts as. */
const COUNTED = { submit: 'submits', poll: 'polls', deliver: 'deliveries', expire: 'expired' } as const;

/**
 * One cron invocation's work: claim what is due, act on it, write the outcomes; until `TICK_SECONDS` are over or
 * `SUBREQUEST_BUDGET` is used. Any number of them may run at once. Nothing in flight is left behind when it returns.
 */
export async function tick(deps: EngineDeps): Promise<TickReport> {
  return await new Tick(deps).run();
}

class Tick {
  private readonly deps: EngineDeps;
  private readonly endsAt: number;
  private readonly budget: Budget;
  private readonly inFlight = new Map<string, { readonly lane: Lane; readonly done: Promise<void> }>();
  private outcomes: Outcome[] = [];
  private readonly counts = { submits: 0, polls: 0, deliveries: 0, expired: 0, errors: 0 };

  constructor(deps: EngineDeps) {
    const { clock, config } = deps;
    this.deps = deps;
    this.endsAt = clock.now() + config.tickMs;
    this.budget = new Budget(config.subrequestBudget, clock.now(), config.tickMs);
  }

  async run(): Promise<TickReport> {
    try {
      await this.work();
    } catch (error) {
      // What was sent is written down if that can be done at all: a callback that is not would be sent again.
      await Promise.all(this.turns());
      await this.flush().catch((again: unknown) =>
        logError('outcomes were not written; their claims run out', again),
      );
      throw error;
    }
    return this.counts;
  }

  private async work(): Promise<void> {
    while (this.mayStart() || this.inFlight.size > 0 || this.outcomes.length > 0) {
      await this.flush();
      const lookedAt = this.deps.clock.now();
      if (this.mayStart()) await this.startDue();
      if (this.outcomes.length === 0) await this.rest(lookedAt);
    }
  }

  private turns(): Promise<void>[] {
    return Array.from(this.inFlight.values(), ({ done }) => done);
  }

  private mayStart(): boolean {
    return this.budget.left > 0 && this.deps.clock.now() < this.endsAt;
  }

  private freeSlots(lane: Lane): number {
    const inLane = Array.from(this.inFlight.values()).filter((turn) => turn.lane === lane).length;
    const allowed = lane === 'upstream' ? this.budget.share(this.deps.clock.now()) : this.budget.left;
    return Math.max(0, Math.min(MAX_IN_LANE - inLane, MAX_IN_FLIGHT - this.inFlight.size, allowed));
  }

  /** Claims as many due tasks as can be acted on at once, callbacks first, and starts them. */
  private async startDue(): Promise<void> {
    const { stores, clock, config } = this.deps;
    const free = { callback: this.freeSlots('callback'), upstream: this.freeSlots('upstream') };
    if (free.callback + free.upstream === 0) return;
    const now = clock.now();
    const flying = this.inFlight.size;
    const limits = {
      callback: free.callback && free.callback + flying,
      upstream: free.upstream && free.upstream + flying,
    };
    let room = MAX_IN_FLIGHT - flying;
    const acts = new Map<string, Act>();
    const claims: Claim[] = [];
    for (const task of await stores.work.due(now, limits)) {
      const lane = laneOf(task);
      if (this.inFlight.has(task.id) || free[lane] === 0 || room === 0) continue;
      free[lane]--;
      room--;
      const turn = planTurn(task, config, now);
      acts.set(task.id, turn.act);
      claims.push({ task, until: turn.until });
    }
    for (const task of await stores.work.claim(claims)) {
      const act = acts.get(task.id);
      if (act !== undefined) this.start(act, task);
    }
  }

  private start(act: Act, task: Task): void {
    if (act !== 'expire') this.budget.take();
    this.counts[COUNTED[act]]++;
    const done = actOn(this.deps, act, task).then(({ outcome, failed }) => {
      if (failed) this.counts.errors++;
      this.inFlight.delete(task.id);
      this.outcomes.push(outcome);
    });
    this.inFlight.set(task.id, { lane: laneOf(task), done });
  }

  /**
   * Writes what has come back in one transaction. A task that ended is claimed for its callback in the same write, as far
   * as there is room to send it at once: the shortest way from upstream's end to the receiver.
   */
  private async flush(): Promise<void> {
    const gathered = this.outcomes;
    this.outcomes = [];
    const now = this.deps.clock.now();
    const claimUntil = deliveryClaim(this.deps.config, now);
    const claimed = new Set<string>();
    let room = this.mayStart() ? this.freeSlots('callback') : 0;
    const settlements = gathered.flatMap(({ settlement }): Settlement[] => {
      if (settlement === undefined) return [];
      const { task } = settlement;
      if (room === 0 || !isEnded(task) || task.dueAt === null || task.dueAt > now) return [settlement];
      room--;
      claimed.add(task.id);
      return [{ ...settlement, task: { ...task, dueAt: claimUntil } }];
    });
    const written = await this.settle(gathered, settlements, now);
    for (const settlement of settlements) {
      const { task } = settlement;
      if (!written.has(task.id)) await logLate(this.deps, settlement);
      if (claimed.has(task.id) && written.has(task.id)) this.start('deliver', task);
    }
  }

  private async settle(gathered: Outcome[], settlements: Settlement[], now: number): Promise<Set<string>> {
    try {
      return await this.deps.stores.work.settle({ settlements, now, ...together(gathered) });
    } catch (error) {
      this.outcomes.unshift(...gathered);
      throw error;
    }
  }

  /**
   * Until something in flight comes back or the next row comes due, whichever is sooner. What was due at `lookedAt` and was
   * not started waits for a slot, which a turn that comes back frees, or for its share of the budget.
   */
  private async rest(lookedAt: number): Promise<void> {
    const { clock, stores } = this.deps;
    const turns = this.turns();
    if (!this.mayStart()) {
      if (turns.length > 0) await Promise.race(turns);
      return;
    }
    const lanes = LANES.filter((lane) => this.freeSlots(lane) > 0);
    const nextDueAt = (lanes.length > 0 && (await stores.work.nextDueAfter(lookedAt, lanes))) || Infinity;
    const until = Math.min(nextDueAt, this.budget.nextShareAt(lookedAt), lookedAt + IDLE_MS, this.endsAt);
    const waking = new AbortController();
    await Promise.race([
      ...turns,
      clock.sleep(Math.max(MIN_REST_MS, Math.ceil(until - clock.now())), waking.signal),
    ]);
    waking.abort();
  }
}

function laneOf(task: Task): Lane {
  return isEnded(task) ? 'callback' : 'upstream';
}

/** Pauses and wakes of several outcomes as one. */
function together(outcomes: readonly Outcome[]): Pick<Outcomes, 'pauses' | 'wakes'> {
  return {
    pauses: outcomes.flatMap(({ pause }) => (pause === undefined ? [] : [pause])),
    wakes: outcomes.flatMap(({ wake }) => (wake === undefined ? [] : [wake])),
  };
}
