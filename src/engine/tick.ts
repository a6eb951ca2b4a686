import { databaseTrouble } from '../domain/database-trouble.ts';
import { nextPollOf } from '../domain/poll-schedule.ts';
import { isRunning } from '../domain/task.ts';
import type { Task } from '../domain/task.ts';
import type { Act } from '../domain/turn.ts';
import { actOn } from './act.ts';
import { Bell } from './bell.ts';
import { Beside } from './beside.ts';
import type { Budget } from './budget.ts';
import { fetchBudget } from './budgets.ts';
import type { InvocationDeps } from './deps.ts';
import { giveBack } from './give-back.ts';
import { Held } from './held.ts';
import { HostGate } from './host-gate.ts';
import { InFlight, laneOf } from './in-flight.ts';
import { Ledger } from './ledger.ts';
import { logError, logWarning } from './log.ts';
import { Lookout } from './lookout.ts';
import type { View } from './view.ts';
import { turnAt, writeAt } from './wake-times.ts';
import { Muster } from './muster.ts';
import { Ready } from './ready.ts';
import { Scribe } from './scribe.ts';
import { COUNTED } from './tick-report.ts';
import type { TickReport } from './tick-report.ts';

/** How long the loop sleeps at the least and at the most, unless the bell rings. */
const MIN_REST_MS = 20;
const MAX_REST_MS = 60_000;

/** The cron's invocation calls workers where it falls behind; a worker ends where nothing is left for it. */
export type Role = 'cron' | 'worker';

/** How long a worker looks for work in vain before it ends. */
const WORKER_IDLE_MS = 5_000;

/**
 * One invocation's work: claim what is due, act on it, write the outcomes; until `TICK_SECONDS` are over, or
 * `SUBREQUEST_BUDGET` or the requests to D1 are used. Any number of them may run at once. Nothing in flight is left behind
 * when it returns.
 */
export async function tick(deps: InvocationDeps, role: Role = 'cron'): Promise<TickReport> {
  return await new Tick(deps, role).run();
}

/**
 * The loop starts turns and never waits for D1: a look at what is due and a write of what came back run beside it, one of
 * each at a time, and ring the bell.
 */
class Tick implements View {
  private readonly deps: InvocationDeps;
  readonly endsAt: number;
  readonly budget: Budget;
  readonly d1: Budget;
  readonly gate = new HostGate();
  readonly inFlight: InFlight;
  readonly held = new Held();
  readonly ready = new Ready();
  readonly ledger = new Ledger();
  private readonly bell = new Bell();
  private readonly lookout: Lookout;
  private readonly scribe: Scribe;
  private readonly counts = { submits: 0, polls: 0, deliveries: 0, notices: 0, expired: 0, errors: 0 };
  private readonly beside = new Beside(this.bell);
  private readonly role: Role;
  private readonly muster: Muster;
  private busyAt: number;

  constructor(deps: InvocationDeps, role: Role) {
    const { clock, config, d1 } = deps;
    this.deps = deps;
    this.role = role;
    this.muster = new Muster(deps);
    this.busyAt = clock.now();
    this.endsAt = clock.now() + config.tickMs;
    this.d1 = d1;
    this.budget = fetchBudget(config, clock.now());
    this.inFlight = new InFlight(this, {
      looksUp: config.callbackDnsUrl !== null && !config.allowPrivateCallbacks,
    });
    this.lookout = new Lookout(deps, this);
    this.scribe = new Scribe(deps, this);
  }

  async run(): Promise<TickReport> {
    await this.work();
    for (let left = this.underWay; left.length > 0; left = this.underWay) await Promise.all(left);
    await this.leave();
    if (this.beside.failure !== null) throw this.beside.failure.error;
    return this.counts;
  }

  private async work(): Promise<void> {
    const { clock } = this.deps;
    while (
      this.beside.failure === null &&
      (this.mayStart() || this.underWay.length > 0 || !this.ledger.isEmpty)
    ) {
      const now = clock.now();
      if (now >= writeAt(this, now)) this.beside.run('writing', this.write());
      if (this.mayStart()) {
        this.startReady(now);
        this.startHeld(now);
        if (!this.beside.has('looking') && now >= this.lookout.nextAt(now))
          this.beside.run('looking', this.look(now));
      }
      await this.bell.sleep(clock, Math.max(MIN_REST_MS, Math.ceil(this.wakeAt(now) - now)));
    }
  }

  /** What this invocation still waits for. */
  private get underWay(): Promise<void>[] {
    return [...this.beside.done, ...this.inFlight.done];
  }

  /** Until its end, and for as long after it as turns from before still run: work goes on while a dead receiver hangs. */
  private mayStart(): boolean {
    const isTime = !this.isLate() || this.inFlight.hasFrom(this.endsAt);
    const { budget, d1 } = this;
    return this.beside.failure === null && budget.left > 0 && d1.left > 0 && isTime && !this.isIdle();
  }

  private isIdle(): boolean {
    const isAtWork = this.held.size + this.ready.size + this.inFlight.size > 0 || !this.ledger.isEmpty;
    return this.role === 'worker' && !isAtWork && this.deps.clock.now() - this.busyAt >= WORKER_IDLE_MS;
  }

  /** The platform lets this invocation ask D1 no more: another try fails too. */
  private get isCutOff(): boolean {
    const { failure } = this.beside;
    return failure !== null && databaseTrouble(failure.error) === 'too-many-requests';
  }

  private isLate(): boolean {
    return this.deps.clock.now() >= this.endsAt;
  }

  /** When there is something to do that no bell tells of. */
  private wakeAt(now: number): number {
    const nextWriteAt = writeAt(this, now);
    if (!this.mayStart()) return Math.min(nextWriteAt, now + MAX_REST_MS);
    const endsAt = now < this.endsAt ? this.endsAt : now + MAX_REST_MS;
    const lookAt = this.beside.has('looking') ? Infinity : this.lookout.nextAt(now);
    return Math.min(nextWriteAt, lookAt, turnAt(this, now), endsAt);
  }

  private async look(now: number): Promise<void> {
    for (const { act, task } of await this.lookout.look(now)) this.start(act, task);
    if (this.role === 'cron' && this.lookout.isShort && this.d1.left > 0)
      await this.muster.call(this.lookout.capacity(now), now);
  }

  private startReady(now: number): void {
    const started = this.ready.take(
      ({ act, task, startBy }) => startBy > now && this.inFlight.reserve(task, act, now),
    );
    for (const { act, task } of started) this.start(act, task);
  }

  /** Starts what is held and due, as far as there are slots and budget. */
  private startHeld(now: number): void {
    while (this.inFlight.free('upstream', now) > 0) {
      // A submit that has to wait for its share of D1's requests stands before no poll.
      const turn = this.held.take(now, ({ act, task }) => this.inFlight.reserve(task, act, now));
      if (turn === null) return;
      this.start(turn.act, turn.task);
    }
  }

  /** Starts a turn in the place that was reserved for it. */
  private start(act: Act, task: Task): void {
    this.counts[COUNTED[act]]++;
    this.busyAt = this.deps.clock.now();
    const done = actOn(this.deps, act, task).then(({ outcome, failed, cutOff }) => {
      const now = this.deps.clock.now();
      if (failed) this.counts.errors++;
      if (cutOff !== undefined) this.beside.fail(cutOff.error);
      this.inFlight.end(task, act, outcome, now);
      this.lookout.slotFreed(laneOf(task), now);
      if (Object.keys(outcome).length > 0) this.ledger.add(outcome, now);
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
    const at = nextPollOf(task.phase, now, config, learning.known.of(task));
    if (at < (task.dueAt ?? 0) && at < task.deadlineAt)
      this.held.add({ task, act: 'poll', at, isPolled: true });
  }

  private async write(): Promise<void> {
    await this.ledger.write(async (outcomes) => {
      const mayCallBack = !this.isLate() && this.mayStart();
      const { starts, others, dueAt } = await this.scribe.write(outcomes, mayCallBack);
      const now = this.deps.clock.now();
      for (const { act, task } of starts) this.start(act, task);
      for (const task of others) this.holdOn(task, now);
      this.lookout.wrote(dueAt);
    });
    // A statistic can wait for the tick's end.
    if (this.d1.share(this.deps.clock.now()) > 0) await this.deps.learning.keep();
  }

  /** What was sent is written down if that can be done at all, and what is still held comes due when it would be polled. */
  private async leave(): Promise<void> {
    if (this.isCutOff) return;
    if (this.d1.left <= 0)
      logWarning('the tick ended early: its requests to D1 are used up; the next one carries on');
    try {
      if (!this.ledger.isEmpty) await this.write();
    } catch (error) {
      logError('outcomes were not written; their claims run out', error);
    }
    await giveBack(this.deps, this, this.deps.clock.now());
    await this.deps.learning.keep(true);
  }
}
