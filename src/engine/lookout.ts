import { planTurn } from '../domain/turn.ts';
import type { Act } from '../domain/turn.ts';
import type { PollPlans } from '../domain/poll-plans.ts';
import { isRunning } from '../domain/task.ts';
import type { Task } from '../domain/task.ts';
import type { Claim, DueTask, Lane, OpenHosts } from '../store/due.ts';
import type { Budget } from './budget.ts';
import type { EngineDeps } from './deps.ts';
import type { Held } from './held.ts';
import type { HostGate } from './host-gate.ts';
import { laneOf, MAX_IN_LANE } from './in-flight.ts';
import type { InFlight } from './in-flight.ts';
import type { Ledger } from './ledger.ts';
import type { Ready } from './ready.ts';

/** What somebody else made due (a task posted, or canceled) is seen within this time: while there is work, and while not. */
const BUSY_LOOK_MS = 1_000;
const IDLE_LOOK_MS = 3_000;
/**
 * From one look to the next at the least, so that what comes due one after the other is found together: this, and where
 * requests to D1 get fewer, more.
 */
const MIN_LOOK_MS = 20;
const MAX_APART_MS = 1_000;
/** How often it is asked whether somebody else ended what is held: a canceled task is not polled for longer. */
const CHECK_HELD_MS = 2_000;
/** Callbacks that are looked at for each that may start: behind those of a busy host stand those of others. */
const CALLBACKS_READ = 24;
/** Upstream turns claimed by one look. */
const MAX_CLAIMED = 100;
/** Where there may be workers beside it, an invocation holds no more than it gets through in this time. */
const HELD_FOR_MS = 10_000;
const MIN_HELD = 50;
/** An isolate has 128 MB for everything. */
const MAX_HELD = 5_000;
const MAX_HELD_CHARACTERS = 16_000_000;
/** Where workers run beside it, a running task is claimed for so long: one of them polls it if this invocation vanishes. */
const CLAIMED_FOR_MS = 20_000;

/** What the lookout sees of its tick. */
export interface View {
  readonly gate: HostGate;
  readonly inFlight: InFlight;
  readonly held: Held;
  readonly ledger: Ledger;
  readonly ready: Ready;
  readonly budget: Budget;
  /** Requests to D1. */
  readonly d1: Budget;
  /** Epoch ms. */
  readonly endsAt: number;
}

/** A turn that is claimed, or is to be. */
interface Planned {
  readonly act: Act;
  readonly claim: Claim;
}

/** Finds what is due and claims it; decides when it is worth looking again. */
export class Lookout {
  private readonly deps: EngineDeps;
  private readonly tick: View;
  private lookAt = 0;
  private soonestAt = 0;
  private checkHeldAt = 0;
  /** Lanes in which more may be due than the last look took. */
  private more: ReadonlySet<Lane> = new Set();
  /** Lanes in which turns came back since the last look began. */
  private readonly freed = new Set<Lane>();

  /** Whether more was due upstream than this invocation may hold, or more callbacks than it has slots for. */
  get isShort(): boolean {
    return this.more.size > 0;
  }

  constructor(deps: EngineDeps, tick: View) {
    this.deps = deps;
    this.tick = tick;
  }

  /** When to look next, as of `now`: not before there is a share of D1's requests for it. Epoch ms. */
  nextAt(now: number): number {
    const at = Math.max(this.lookAt, this.soonestAt);
    const { d1 } = this.tick;
    return d1.share(now) > 0 ? at : Math.max(at, d1.nextShareAt(now));
  }

  /** A turn of this lane came back: if more of it waits, it is time to look. */
  slotFreed(lane: Lane, now: number): void {
    this.freed.add(lane);
    if (!this.more.has(lane)) return;
    const isWorthIt = lane === 'callback' || this.room(now) >= Math.min(MAX_CLAIMED, this.mayHold(now)) / 4;
    if (isWorthIt) this.lookAt = now;
  }

  /** Something was written that is due at an instant. */
  wrote(dueAt: number): void {
    this.lookAt = Math.min(this.lookAt, dueAt);
  }

  /** Claims what is due. Upstream turns are held; callbacks are returned, each with a slot reserved for it. */
  async look(now: number): Promise<{ act: Act; task: Task }[]> {
    const { inFlight, held } = this.tick;
    const isLate = now >= this.tick.endsAt;
    // A claim that is over is no claim: such a task is due again, for whoever finds it first.
    held.dropExpired(now);
    await this.giveBack(this.tick.ready.takeExpired(now), now);
    const hosts = inFlight.openHosts(now, isLate);
    const freeCallbacks = inFlight.free('callback', now);
    const room = this.room(now);
    const limits = {
      callback: freeCallbacks && CALLBACKS_READ,
      upstream: room && room + inFlight.size,
    };
    this.lookAt = Infinity;
    this.soonestAt = now + this.apartMs(now);
    this.freed.clear();
    const { due, nextAt, ended } = await this.deps.stores.due.look({
      now,
      limits,
      hosts,
      held: this.toCheck(now),
    });
    held.drop(ended);
    const callbacks = due.filter(({ task }) => laneOf(task) === 'callback').length;
    const plans = await this.deps.learning.plansFor(
      due.flatMap(({ task }) => (isRunning(task) ? [task] : [])),
    );
    const turns = this.plan(due, { plans, until: this.claimedUntil(now) }, now);
    const { starts, isBeaten } = await this.claim(turns, now);
    const isAllStarted = freeCallbacks > 0 && starts.length === callbacks && isOpen(hosts);
    this.more = new Set<Lane>([
      ...(due.length - callbacks === limits.upstream ? ['upstream' as const] : []),
      ...(isAllStarted ? [] : ['callback' as const]),
    ]);
    const mayStartMore = callbacks === CALLBACKS_READ && starts.length > 0 && starts.length < freeCallbacks;
    const isFreed = Array.from(this.more).some((lane) => this.freed.has(lane));
    this.wrote(mayStartMore || isFreed || isBeaten ? now : this.next(nextAt, now));
    return starts;
  }

  /** Turns of what is due and not in hand already; a callback only where it has a slot. */
  private plan(
    due: readonly DueTask[],
    { plans, until: pollsUntil }: { plans: PollPlans; until: number },
    now: number,
  ): Planned[] {
    const { inFlight, held, ledger, gate } = this.tick;
    return due.flatMap(({ task, host, pollIntervalMs }) => {
      held.pace(task.accountId, pollIntervalMs);
      if (task.delivery !== null) gate.learn(task.delivery.host, host);
      this.tick.ready.drop(task.id);
      if (inFlight.has(task.id) || held.has(task.id) || ledger.has(task.id)) return [];
      const polls = { plan: plans.of(task), until: pollsUntil };
      const { act, until } = planTurn(task, this.deps.config, now, polls);
      if (laneOf(task) === 'callback' && !inFlight.reserve(task, act, now)) return [];
      return [{ act, claim: { task: this.deps.pollCounts.of(task), until } }];
    });
  }

  /** `isBeaten`: somebody else was quicker to claim some of it, and there may be more behind that. */
  private async claim(
    turns: readonly Planned[],
    now: number,
  ): Promise<{ starts: { act: Act; task: Task }[]; isBeaten: boolean }> {
    const { inFlight, held } = this.tick;
    const claims = turns.map(({ claim }) => claim);
    const owned = new Map((await this.deps.stores.due.claim(claims)).map((task) => [task.id, task]));
    const starts = turns.flatMap(({ act, claim }) => {
      const isCallback = laneOf(claim.task) === 'callback';
      const task = owned.get(claim.task.id);
      if (task === undefined) {
        if (isCallback) inFlight.release(claim.task, act, now);
        return [];
      }
      if (isCallback) return [{ act, task }];
      held.add({ act, task, at: claim.task.dueAt ?? now });
      return [];
    });
    return { starts, isBeaten: owned.size < claims.length };
  }

  /**
   * Until when running tasks are claimed: for this whole tick where it is alone, since nobody else looks before the next
   * cron, and each claim is a write; and where requests to D1 are scarce.
   */
  private claimedUntil(now: number): number {
    const { d1, endsAt } = this.tick;
    if (now >= endsAt) return now;
    const isForAll = this.deps.wakeWorkers === null || d1.isScarce(now);
    return isForAll ? endsAt : Math.min(now + CLAIMED_FOR_MS, endsAt);
  }

  private next(dueAt: number | null, now: number): number {
    const { gate, held, inFlight, ready, d1 } = this.tick;
    const usual = held.size + inFlight.size > 0 ? BUSY_LOOK_MS : IDLE_LOOK_MS;
    const latest = now + Math.max(usual, d1.pace(now));
    const knownAt = Math.min(dueAt ?? Infinity, gate.nextOpening(now), ready.expiresAt);
    // One look for both: another could not follow soon enough.
    return knownAt <= latest + this.apartMs(now) ? knownAt : latest;
  }

  private apartMs(now: number): number {
    return Math.max(MIN_LOOK_MS, Math.min(MAX_APART_MS, this.tick.d1.pace(now) / 2));
  }

  /** Callbacks that found no slot in their time are due again. */
  private async giveBack(tasks: readonly Task[], now: number): Promise<void> {
    await this.deps.stores.due.claim(tasks.map((task) => ({ task, until: now })));
  }

  private toCheck(now: number): string[] {
    if (now < this.checkHeldAt) return [];
    this.checkHeldAt = now + CHECK_HELD_MS;
    return this.tick.held.taskIds;
  }

  /** How many upstream turns may be claimed. After the tick's end none is held: only what starts at once. */
  private room(now: number): number {
    const { held, inFlight, endsAt } = this.tick;
    if (now >= endsAt) return inFlight.free('upstream', now);
    if (held.characters >= MAX_HELD_CHARACTERS) return 0;
    return Math.max(0, Math.min(MAX_CLAIMED, this.mayHold(now) - held.size));
  }

  /** Alone it holds whatever is due: what waits in D1 for a claim to end would wait longer than what is held. */
  private mayHold(now: number): number {
    if (this.deps.wakeWorkers !== null) return this.capacity(now);
    return Math.min(MAX_HELD, this.tick.budget.share(now + HELD_FOR_MS));
  }

  /** How many tasks upstream this invocation gets through in ten seconds: as fast as upstream answers, within its budget. */
  capacity(now: number): number {
    const { inFlight, budget } = this.tick;
    const done = Math.floor((MAX_IN_LANE * HELD_FOR_MS) / Math.max(1, inFlight.upstreamTurnMs));
    return Math.min(Math.max(MIN_HELD, Math.min(MAX_HELD, done)), budget.share(now + HELD_FOR_MS));
  }
}

function isOpen({ closed, takesUnknown, takesSilent, takesSlow, takesNotice }: OpenHosts): boolean {
  return closed.length === 0 && takesUnknown && takesSilent && takesSlow && takesNotice;
}
