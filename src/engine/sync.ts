import { databaseTrouble } from '../domain/database-trouble.ts';
import { callbackOf } from '../domain/delivery.ts';
import type { Outcome } from '../domain/outcome.ts';
import { neededMs } from '../domain/schedule/limits.ts';
import { leases } from '../domain/schedule/plan.ts';
import type { State } from '../domain/schedule/state.ts';
import { deliveriesByClient, MAX_CHECKED, mostDeliveries, wantsOf } from '../domain/schedule/wants.ts';
import type { Wants } from '../domain/schedule/wants.ts';
import { isEnded, isRunning } from '../domain/task.ts';
import type { Exchanged } from '../store/exchange.ts';
import type { Taking } from '../store/tell-subscribers.ts';
import type { InvocationDeps } from './deps.ts';
import { hold, holdDelivery, nextOf } from './hold.ts';
import { logError } from './log.ts';
import { outlookOf } from './outlook.ts';

/** Of those to a receiver that is not known to answer, a few: they go as soon as it has answered the first. */
const MAX_UNKNOWN_READY = 3;
/** How often it is asked whether somebody else ended what is held: a canceled task is not polled for longer. */
const CHECK_HELD_MS = 2_000;
/** Exchanges in a row that fail before an invocation gives up; and before it writes one outcome at a time, and nothing else. */
const MAX_FAILURES = 5;
const ALONE_AFTER = 3;

/** The exchanges with D1 of one invocation, one at a time: outcomes out, due work in. */
export class Sync {
  private readonly deps: InvocationDeps;
  private readonly state: State;
  private after: readonly [string, string] = ['', ''];
  private checkHeldAt = 0;
  private checkHeldFrom = 0;
  private most = Infinity;
  private broken: { readonly error: unknown } | null = null;

  constructor(deps: InvocationDeps, state: State) {
    this.deps = deps;
    this.state = state;
  }

  /** What broke for good, or null. */
  get failure(): { readonly error: unknown } | null {
    return this.broken;
  }

  /** One exchange. Never rejects: what could not be written stays, for the next. */
  async run(): Promise<void> {
    const { deps, state } = this;
    state.isSyncing = true;
    state.syncedAt = deps.clock.now();
    const count = deps.stores.exchange.fitting(state.outcomes, this.most);
    try {
      if (await this.isStillEmpty()) this.succeeded();
      else await this.exchange(count);
    } catch (error) {
      this.failed(error, count);
    } finally {
      state.isSyncing = false;
    }
  }

  private succeeded(): void {
    this.state.failures = 0;
    this.most = Infinity;
  }

  /** While nothing was there at all, and nothing is to be written, it is asked whether something is, and nothing else. */
  private async isStillEmpty(): Promise<boolean> {
    const { deps, state } = this;
    if (!state.outlook.isEmpty || !state.isIdle || state.receivers.news.length > 0) return false;
    if (!(await deps.stores.exchange.hasAnything())) return true;
    state.foundSomething();
    return false;
  }

  private async exchange(count: number): Promise<void> {
    const { deps, state } = this;
    const now = deps.clock.now();
    for (const job of state.held.removeExpired(now, (kind) => neededMs(state, kind)))
      state.giveBack(job, now);
    const outcomes = this.withLeases(state.outcomes.slice(0, count), now);
    const receivers = state.receivers.news;
    // With a wrong master key no callback could be signed: none is leased.
    const takesDeliveries = !deps.seals.holdsCallbacks;
    const checksHeldFrom = now >= this.checkHeldAt ? this.checkHeldFrom : null;
    if (checksHeldFrom !== null) this.checkHeldAt = now + CHECK_HELD_MS;
    const look = { after: this.after, takesDeliveries, checksHeldFrom };
    // Where it may be the look that fails, outcomes go alone.
    const isAlone = state.failures >= ALONE_AFTER && count > 0;
    const wants = state.isOver(now) || isAlone ? null : wantsOf(state, now, look);
    // The next check goes on behind these, or begins anew.
    if (checksHeldFrom !== null)
      this.checkHeldFrom = wants?.held.length === MAX_CHECKED ? checksHeldFrom + MAX_CHECKED : 0;
    const taking = wants === null ? {} : { taking: this.takingOf(wants, outcomes) };
    const exchanged = await deps.stores.exchange.exchange({ outcomes, receivers, now, ...taking }, wants);
    state.written(count);
    state.receivers.written(receivers);
    this.succeeded();
    await this.takeIn(outcomes, exchanged, wants);
  }

  /** Callbacks that may start soon are leased with the ends of their tasks: the shortest way from an end to its receiver. */
  private withLeases(outcomes: readonly Outcome[], now: number): readonly Outcome[] {
    const { deps, state } = this;
    if (state.isOver(now) || deps.seals.holdsCallbacks) return outcomes;
    const lease = leases(state.plan, now).delivery;
    const perClient = deliveriesByClient(state);
    const perReceiver = new Map<string, number>();
    for (const { lane, laneKey, clientId, jobs } of state.held.lanes())
      if (lane === 'callback') perReceiver.set(`${laneKey} ${clientId}`, jobs.length);
    const most = mostDeliveries(state);
    let room = most.all - state.held.count('deliver');
    return outcomes.map((outcome) => {
      const { task } = outcome;
      if (task === undefined || !isEnded(task.task) || task.task.callback === null || room <= 0)
        return outcome;
      const { clientId, callback } = task.task;
      const key = `${callback.host} ${clientId}`;
      const taken = perReceiver.get(key) ?? 0;
      const standing = state.receivers.standing({ ...callback, clientId }, now);
      if (standing !== 'proven' && taken >= MAX_UNKNOWN_READY) return outcome;
      const ofClient = perClient.get(clientId) ?? 0;
      if (ofClient >= most.ofClient) return outcome;
      perReceiver.set(key, taken + 1);
      perClient.set(clientId, ofClient + 1);
      room--;
      return { ...outcome, task: { ...task, callbackLease: lease } };
    });
  }

  /** What tells subscriptions of an end goes the same short way, as far as there is room beside the callbacks. */
  private takingOf({ leases: { delivery: lease }, full }: Wants, outcomes: readonly Outcome[]): Taking {
    const { deps, state } = this;
    const callbacks = outcomes.filter(({ task }) => task?.callbackLease !== undefined).length;
    const inHand = state.held.count('deliver') + state.held.count('refresh') + callbacks;
    const most = mostDeliveries(state);
    const room = Math.min(most.ofClient, most.all - inHand);
    return { lease, most: deps.seals.holdsCallbacks ? 0 : Math.max(0, room), full };
  }

  private async takeIn(
    outcomes: readonly Outcome[],
    exchanged: Exchanged,
    wants: Wants | null,
  ): Promise<void> {
    const { deps, state } = this;
    const { completed, clients, fetched } = exchanged;
    const now = deps.clock.now();
    for (const { task: change, lessons = [] } of outcomes) {
      for (const lesson of lessons) state.keys.apply(lesson);
      if (change === undefined || !completed.settled.has(change.task.id)) continue;
      const { task, callbackLease = 0 } = change;
      if (isRunning(task) && task.leasedUntil > now) state.held.add(nextOf(deps, task, now));
      if (!isEnded(task)) continue;
      const delivery = callbackOf(task, state.syncedAt, callbackLease);
      const client = clients.get(task.clientId);
      if (delivery === null || client === undefined || !completed.leased.has(delivery.id)) continue;
      const work = { delivery, task, client, subscription: null, refreshed: null };
      holdDelivery(state, { work, key: null, health: completed.leased.get(delivery.id) ?? null }, now);
    }
    this.takeTold(outcomes, completed, now);
    if (fetched === null || wants === null) return;
    this.after = fetched.after;
    const tasks = [...fetched.tasks, ...fetched.queued];
    await deps.learning.plansFor(tasks.map(({ task }) => task));
    hold(deps, state, fetched, deps.clock.now());
    state.outlook = outlookOf(fetched, wants, state.outlook);
  }

  private takeTold(outcomes: readonly Outcome[], { told }: Exchanged['completed'], now: number): void {
    const tasks = new Map(outcomes.flatMap(({ task }) => (task ? [[task.task.id, task.task] as const] : [])));
    for (const { delivery, subscription, sender, health } of told) {
      const task = tasks.get(delivery.taskId);
      if (task === undefined || sender === null) continue;
      const work = { delivery, task, client: sender, subscription, refreshed: null };
      holdDelivery(this.state, { work, key: null, health }, now);
    }
  }

  /** Tried again with less at a time: one that D1 does not take is found, and does not keep the others from being written. */
  private failed(error: unknown, count: number): void {
    const { state } = this;
    state.failures++;
    const trouble = databaseTrouble(error);
    const isHopeless = trouble !== 'passing' && trouble !== 'other';
    if (isHopeless || state.failures > MAX_FAILURES) {
      state.isCutOff = true;
      this.broken = { error };
      return;
    }
    logError('an exchange with the database failed, and is tried again', error, { outcomes: count });
    this.most = state.failures >= ALONE_AFTER ? 1 : Math.max(1, Math.floor(count / 2));
    // What passes by itself is nobody's fault.
    if (trouble === 'passing' || count !== 1 || state.failures < MAX_FAILURES) return;
    logError('an outcome was not taken; its row comes due again by itself', error, { outcomes: 1 });
    state.written(1);
    state.failures = 0;
  }
}
