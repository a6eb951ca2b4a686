import { planTurn } from '../domain/turn.ts';
import type { Act } from '../domain/turn.ts';
import type { PollPlans } from '../domain/poll-plans.ts';
import { isRunning } from '../domain/task.ts';
import type { Task } from '../domain/task.ts';
import type { Claim, DueTask, Lane, OpenHosts } from '../store/due.ts';
import type { EngineDeps } from './deps.ts';
import { laneOf } from './in-flight.ts';
import { LookTimes } from './look-times.ts';
import { UpstreamRoom } from './room.ts';
import type { Room } from './room.ts';
import type { View } from './view.ts';

/** How often it is asked whether somebody else ended what is held: a canceled task is not polled for longer. */
const CHECK_HELD_MS = 2_000;
/** Callbacks that are looked at for each that may start: behind those of a busy host stand those of others. */
const CALLBACKS_READ = 24;
/** A turn that is claimed, or is to be. */
interface Planned {
  readonly act: Act;
  readonly claim: Claim;
}

/** Finds what is due and claims it; decides when it is worth looking again. */
export class Lookout {
  private readonly deps: EngineDeps;
  private readonly tick: View;
  private readonly times: LookTimes;
  private readonly room: UpstreamRoom;
  private checkHeldAt = 0;
  /** Whether more submits were due than there was room for: polls may stand behind them. */
  private hasSubmitsLeft = false;

  constructor(deps: EngineDeps, tick: View) {
    this.deps = deps;
    this.tick = tick;
    this.times = new LookTimes(tick);
    this.room = new UpstreamRoom(tick, deps.wakeWorkers === null);
  }

  /** Whether more was due upstream than this invocation may hold, or more callbacks than it has slots for. */
  get isShort(): boolean {
    return this.times.more.size > 0;
  }

  /** How many tasks upstream this invocation gets through in ten seconds. */
  capacity(now: number): number {
    return this.room.capacity(now);
  }

  /** When to look next, as of `now`. Epoch ms. */
  nextAt(now: number): number {
    return this.times.nextAt(now);
  }

  /** A turn of this lane came back: if more of it waits, it is time to look. */
  slotFreed(lane: Lane, now: number): void {
    this.times.slotFreed(lane, now, () => lane === 'callback' || this.room.isWide(now, this.hasSubmitsLeft));
  }

  /** Something was written that is due at an instant. Epoch ms. */
  wrote(dueAt: number): void {
    this.times.dueAt(dueAt);
  }

  /** Claims what is due. Upstream turns are held; callbacks are returned, each with a slot reserved for it. */
  async look(now: number): Promise<{ act: Act; task: Task }[]> {
    const { inFlight, held } = this.tick;
    const isLate = now >= this.tick.endsAt;
    // A claim that is over is no claim: such a task is due again, for whoever finds it first.
    held.dropExpired(now);
    await this.giveBack(this.tick.ready.takeExpired(now), now);
    const hosts = inFlight.openHosts(now, isLate);
    const isHeld = this.deps.seals.holdsCallbacks;
    const freeCallbacks = isHeld ? 0 : inFlight.free('callback', now);
    const room = this.room.at(now);
    const limits = {
      callback: freeCallbacks && CALLBACKS_READ,
      upstream: room.all && room.all + inFlight.size,
    };
    this.times.began(now);
    const { due, nextAt, ended } = await this.deps.stores.due.look({
      now,
      limits,
      polls: this.hasSubmitsLeft ? limits.upstream : 0,
      hosts,
      held: this.toCheck(now),
    });
    held.drop(ended);
    const callbacks = due.filter(({ task }) => laneOf(task) === 'callback').length;
    const plans = await this.deps.learning.plansFor(
      due.flatMap(({ task }) => (isRunning(task) ? [task] : [])),
    );
    const planned = this.plan(due, { plans, until: this.room.claimedUntil(now) }, now);
    const turns = within(room, planned);
    this.hasSubmitsLeft = planned.filter(isSubmit).length > turns.filter(isSubmit).length;
    const { starts, isBeaten } = await this.claim(turns, now);
    const isAllStarted = isHeld || (freeCallbacks > 0 && starts.length === callbacks && isOpen(hosts));
    const isMoreUpstream = turns.length < planned.length || due.length - callbacks === limits.upstream;
    const more = new Set<Lane>([
      ...(isMoreUpstream ? ['upstream' as const] : []),
      ...(isAllStarted ? [] : ['callback' as const]),
    ]);
    const mayStartMore = callbacks === CALLBACKS_READ && starts.length > 0 && starts.length < freeCallbacks;
    this.times.ended({ more, isUnfinished: mayStartMore || isBeaten, nextAt }, now);
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

  /** Callbacks that found no slot in their time are due again. */
  private async giveBack(tasks: readonly Task[], now: number): Promise<void> {
    await this.deps.stores.due.claim(tasks.map((task) => ({ task, until: now })));
  }

  private toCheck(now: number): string[] {
    if (now < this.checkHeldAt) return [];
    this.checkHeldAt = now + CHECK_HELD_MS;
    return this.tick.held.taskIds;
  }
}

const isSubmit = ({ act }: Planned): boolean => act === 'submit';

/** Those that have waited longest; callbacks have their slots already. */
function within(room: Room, planned: readonly Planned[]): Planned[] {
  let { all, submits } = room;
  return planned.filter((turn) => {
    if (laneOf(turn.claim.task) === 'callback') return true;
    if (all === 0 || (isSubmit(turn) && submits === 0)) return false;
    all--;
    if (isSubmit(turn)) submits--;
    return true;
  });
}

function isOpen({ closed, takesUnknown, takesSilent, takesSlow, takesNotice }: OpenHosts): boolean {
  return closed.length === 0 && takesUnknown && takesSilent && takesSlow && takesNotice;
}
