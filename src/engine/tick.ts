import { nextPollAt } from '../domain/poll-schedule.ts';
import { isEnded, isRunning } from '../domain/task.ts';
import type { Task } from '../domain/task.ts';
import { callbackAct, deliveryClaim } from '../domain/turn.ts';
import type { Act } from '../domain/turn.ts';
import type { Settlement } from '../store/outcomes.ts';
import { actOn } from './act.ts';
import { Bell } from './bell.ts';
import { Budget } from './budget.ts';
import type { EngineDeps } from './deps.ts';
import { Held } from './held.ts';
import { HostGate } from './host-gate.ts';
import { InFlight, laneOf } from './in-flight.ts';
import { logLate } from './late-attempt.ts';
import { Ledger } from './ledger.ts';
import { logError } from './log.ts';
import { Lookout } from './lookout.ts';
import type { View } from './lookout.ts';
import { together } from './outcome.ts';
import type { Outcome } from './outcome.ts';

/** How long the loop sleeps at the least and at the most, unless the bell rings. */
const MIN_REST_MS = 20;
const MAX_REST_MS = 60_000;

export interface TickReport {
  readonly submits: number;
  readonly polls: number;
  readonly deliveries: number;
  readonly notices: number;
  readonly expired: number;
  /** Turns that ended in an exception: logged, and due again by their claims. */
  readonly errors: number;
}

/** What each act counts as. */
const COUNTED = {
  submit: 'submits',
  poll: 'polls',
  deliver: 'deliveries',
  notify: 'notices',
  expire: 'expired',
} as const;

/**
 * One invocation's work: claim what is due, act on it, write the outcomes; until `TICK_SECONDS` are over or
 * `SUBREQUEST_BUDGET` is used. Any number of them may run at once. Nothing in flight is left behind when it returns.
 */
export async function tick(deps: EngineDeps): Promise<TickReport> {
  return await new Tick(deps).run();
}

/**
 * The loop starts turns and never waits for D1: a look at what is due and a write of what came back run beside it, one of
 * each at a time, and ring the bell.
 */
class Tick implements View {
  private readonly deps: EngineDeps;
  readonly endsAt: number;
  readonly budget: Budget;
  readonly gate = new HostGate();
  readonly inFlight: InFlight;
  readonly held = new Held();
  readonly ledger = new Ledger();
  private readonly bell = new Bell();
  private readonly lookout: Lookout;
  private readonly counts = { submits: 0, polls: 0, deliveries: 0, notices: 0, expired: 0, errors: 0 };
  private looking: Promise<void> | null = null;
  private writing: Promise<void> | null = null;
  private failure: { readonly error: unknown } | null = null;

  constructor(deps: EngineDeps) {
    const { clock, config } = deps;
    this.deps = deps;
    this.endsAt = clock.now() + config.tickMs;
    this.budget = new Budget(config.subrequestBudget, clock.now(), config.tickMs);
    this.inFlight = new InFlight(this.budget, this.gate);
    this.lookout = new Lookout(deps, this);
  }

  async run(): Promise<TickReport> {
    await this.work();
    for (let left = this.underWay; left.length > 0; left = this.underWay) await Promise.all(left);
    await this.leave();
    if (this.failure !== null) throw this.failure.error;
    return this.counts;
  }

  private async work(): Promise<void> {
    const { clock } = this.deps;
    while (this.failure === null && (this.mayStart() || this.underWay.length > 0 || !this.ledger.isEmpty)) {
      const now = clock.now();
      if (this.ledger.isReady) this.beside('writing', this.write());
      if (this.mayStart()) {
        this.startHeld(now);
        if (this.looking === null && now >= this.lookout.nextAt) this.beside('looking', this.look(now));
      }
      await this.bell.sleep(clock, Math.max(MIN_REST_MS, Math.ceil(this.wakeAt(now) - now)));
    }
  }

  /** Runs beside the loop, and rings when it is done; what it throws ends the tick. */
  private beside(what: 'looking' | 'writing', work: Promise<void>): void {
    this[what] = work
      .catch((error: unknown) => {
        this.failure ??= { error };
      })
      .finally(() => {
        this[what] = null;
        this.bell.ring();
      });
  }

  /** What this invocation still waits for. */
  private get underWay(): Promise<void>[] {
    const { looking, writing } = this;
    return [...[looking, writing].filter((work) => work !== null), ...this.inFlight.done];
  }

  /** Until its end, and for as long after it as turns from before still run: work goes on while a dead receiver hangs. */
  private mayStart(): boolean {
    const isTime = !this.isLate() || this.inFlight.hasFrom(this.endsAt);
    return this.failure === null && this.budget.left > 0 && isTime;
  }

  private isLate(): boolean {
    return this.deps.clock.now() >= this.endsAt;
  }

  /** When there is something to do that no bell tells of. */
  private wakeAt(now: number): number {
    if (!this.mayStart()) return now + MAX_REST_MS;
    const lookAt = this.looking === null ? this.lookout.nextAt : Infinity;
    const pollAt = this.inFlight.free('upstream', now) > 0 ? this.held.nextAt : this.budget.nextShareAt(now);
    return Math.min(lookAt, pollAt, now < this.endsAt ? this.endsAt : now + MAX_REST_MS);
  }

  private async look(now: number): Promise<void> {
    for (const { act, task } of await this.lookout.look(now)) this.start(act, task);
  }

  /** Starts what is held and due, as far as there are slots and budget. */
  private startHeld(now: number): void {
    for (let turn = this.held.peek(now); turn !== null; turn = this.held.peek(now)) {
      if (!this.inFlight.reserve(turn.task, turn.act, now)) return;
      this.held.drop([turn.task.id]);
      this.start(turn.act, turn.task);
    }
  }

  /** Starts a turn in the place that was reserved for it. */
  private start(act: Act, task: Task): void {
    this.counts[COUNTED[act]]++;
    const done = actOn(this.deps, act, task).then(({ outcome, failed }) => {
      const now = this.deps.clock.now();
      if (failed) this.counts.errors++;
      this.inFlight.end(task, act, outcome.answered ?? null, now);
      this.lookout.slotFreed(laneOf(task), now);
      if (Object.keys(outcome).length > 0) this.ledger.add(outcome);
      if (act === 'poll' && outcome.settlement === undefined) this.holdOn(task, now);
      if (outcome.pause?.what === 'poll') {
        const { accountId, until, intervalMs } = outcome.pause;
        if (intervalMs !== null) this.held.pace(accountId, intervalMs);
        this.held.pausePolls(accountId, until);
      }
      this.bell.ring();
    });
    this.inFlight.launch(task, act, done, this.deps.clock.now());
  }

  /** Keeps a running task for its next poll, if that is before its claim ends. */
  private holdOn(task: Task, now: number): void {
    if (!isRunning(task) || this.isLate()) return;
    const { config, learning } = this.deps;
    const at = nextPollAt(task.phase.submittedAt, now, config, learning.known.of(task));
    if (at < (task.dueAt ?? 0) && at < task.deadlineAt) this.held.add({ task, act: 'poll', at });
  }

  private async write(): Promise<void> {
    await this.ledger.write(async (outcomes) => await this.writeAll(outcomes));
    await this.deps.learning.keep();
  }

  /**
   * Writes what has come back in one transaction. A task that ended is claimed for its callback in the same write, as far
   * as there is room to send it at once: the shortest way from upstream's end to the receiver.
   */
  private async writeAll(outcomes: readonly Outcome[]): Promise<void> {
    const now = this.deps.clock.now();
    const claimed = new Map<string, Act>();
    const settlements = outcomes.flatMap(({ settlement }): Settlement[] => {
      if (settlement === undefined) return [];
      const { task } = settlement;
      const act = this.reserveAtOnce(task, now);
      if (act === null) return [settlement];
      claimed.set(task.id, act);
      return [{ ...settlement, task: { ...task, dueAt: deliveryClaim(task, this.deps.config, now) } }];
    });
    const written = await this.settle(outcomes, settlements, now).catch((error: unknown) => {
      for (const { task } of settlements) this.release(claimed.get(task.id), task, now);
      throw error;
    });
    for (const settlement of settlements) {
      const { task } = settlement;
      const act = claimed.get(task.id);
      if (!written.has(task.id)) {
        this.release(act, task, now);
        await logLate(this.deps, settlement);
      } else if (act === undefined) this.holdOn(task, now);
      else this.start(act, task);
    }
    const wakes = outcomes.some(({ wake }) => wake !== undefined);
    this.lookout.wrote(wakes ? now : Math.min(...settlements.map(({ task }) => task.dueAt ?? Infinity)));
  }

  private release(act: Act | undefined, task: Task, now: number): void {
    if (act !== undefined) this.inFlight.release(task, act, now);
  }

  /** A place for the callback of a task that has just ended, where its host is known and all have room. */
  private reserveAtOnce(task: Task, now: number): Act | null {
    if (this.isLate() || !this.mayStart() || !isEnded(task) || task.delivery === null) return null;
    if (task.dueAt === null || task.dueAt > now || !this.gate.knows(task.delivery.host)) return null;
    const act = callbackAct(task);
    return this.inFlight.reserve(task, act, now) ? act : null;
  }

  private async settle(
    outcomes: readonly Outcome[],
    settlements: readonly Settlement[],
    now: number,
  ): Promise<Set<string>> {
    const hosts = this.gate.takeChanges();
    return await this.deps.stores.outcomes.settle({ ...together(outcomes), settlements, now, hosts });
  }

  /** What was sent is written down if that can be done at all, and what is still held comes due when it would be polled. */
  private async leave(): Promise<void> {
    try {
      if (!this.ledger.isEmpty) await this.write();
    } catch (error) {
      logError('outcomes were not written; their claims run out', error);
    }
    await this.deps.learning.keep(true);
    const held = this.held.takeAll().filter(({ task, at }) => at < (task.dueAt ?? 0));
    try {
      await this.deps.stores.due.claim(held.map(({ task, at }) => ({ task, until: at })));
    } catch (error) {
      logError('held tasks were not given back; their claims run out', error);
    }
  }
}
