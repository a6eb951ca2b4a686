import { LOOK_UPS } from '../domain/dns-answer.ts';
import type { Standing } from '../domain/host-health.ts';
import { isEnded } from '../domain/task.ts';
import type { Task } from '../domain/task.ts';
import type { Act } from '../domain/turn.ts';
import type { Lane, OpenHosts } from '../store/due.ts';
import type { Budget } from './budget.ts';
import { D1_REQUESTS } from './budgets.ts';
import type { HostGate } from './host-gate.ts';
import type { Outcome } from './outcome.ts';

/** The platform lets 6 connections of an invocation wait for headers; neither lane may take them all. */
const MAX_IN_FLIGHT = 6;
export const MAX_IN_LANE = 4;
/** What one turn counts in the moving average of how long they take. */
const NEW_TURN_WEIGHT = 0.1;

interface Turn {
  readonly lane: Lane;
  readonly act: Act;
  readonly startedAt: number;
  /** Null while its place is only reserved. */
  readonly done: Promise<void> | null;
}

/** The turns under way in one invocation: what has room beside them, by lane, by budget and by receiver's host. */
export class InFlight {
  private readonly turns = new Map<string, Turn>();
  private readonly budget: Budget;
  private readonly d1: Budget;
  private readonly gate: HostGate;
  private readonly lookUps: number;
  private turnMs = 0;

  /** @param looksUp whether the name of a receiver's host is looked up before each call. */
  constructor(
    { budget, d1, gate }: { budget: Budget; d1: Budget; gate: HostGate },
    { looksUp }: { looksUp: boolean },
  ) {
    this.lookUps = looksUp ? LOOK_UPS.length : 0;
    this.budget = budget;
    this.d1 = d1;
    this.gate = gate;
  }

  get size(): number {
    return this.turns.size;
  }

  has(taskId: string): boolean {
    return this.turns.has(taskId);
  }

  /** How long turns upstream take at the moment, in ms: slow upstreams let a worker do less. */
  get upstreamTurnMs(): number {
    return this.turnMs;
  }

  /** Resolves as each turn comes back. */
  get done(): Promise<void>[] {
    return Array.from(this.turns.values()).flatMap(({ done }) => (done === null ? [] : [done]));
  }

  /**
   * How many turns of a lane may start at `now`. While no callback to a host that answers is in flight, a place is kept for
   * one: neither polls nor silent hosts together may fill all.
   */
  free(lane: Lane, now: number): number {
    const inLane = this.inLane(lane);
    const allowed = lane === 'upstream' ? this.budget.share(now) : this.budget.left;
    const isKept = lane === 'upstream' && this.inLane('callback') <= this.gate.unproven(now);
    const places = MAX_IN_FLIGHT - this.turns.size - (isKept ? 1 : 0);
    return Math.max(0, Math.min(MAX_IN_LANE - inLane, places, allowed));
  }

  private inLane(lane: Lane): number {
    let count = 0;
    for (const turn of this.turns.values()) if (turn.lane === lane) count++;
    return count;
  }

  /** Takes a place for the task's turn; false where there is none for it now. */
  reserve(task: Task, act: Act, now: number): boolean {
    const lane = laneOf(task);
    if (this.turns.has(task.id) || this.free(lane, now) === 0) return false;
    if (this.fetchesOf(task, act) > this.budget.left || !this.hasD1For(act, now)) return false;
    if (act === 'notify' && !this.gate.admitsNotice(now)) return false;
    if (act === 'deliver' && task.delivery !== null) {
      if (!this.gate.admits(task.delivery, now)) return false;
      this.gate.start(task.delivery, now);
    }
    if (act === 'notify') this.gate.startNotice();
    this.budget.take(this.fetchesOf(task, act));
    this.d1.promise(D1_REQUESTS[act]);
    this.turns.set(task.id, { lane, act, startedAt: now, done: null });
    return true;
  }

  /**
   * The outgoing fetches of a turn at the most: one, none to expire, one more where the result is fetched again before a
   * callback, and the look-ups of a receiver's name.
   */
  private fetchesOf(task: Task, act: Act): number {
    if (act === 'expire') return 0;
    const refresh = act === 'deliver' && task.delivery?.round.refresh === true ? 1 : 0;
    return 1 + refresh + (laneOf(task) === 'callback' ? this.lookUps : 0);
  }

  /** A submit asks D1 several times and can wait; a poll mostly not at all, and a callback never waits for its share. */
  private hasD1For(act: Act, now: number): boolean {
    return act === 'submit' ? this.d1.share(now) > 0 : this.d1.left > 0;
  }

  /** Gives a place back that was not used: somebody else had claimed the task. */
  release(task: Task, act: Act, now: number): void {
    this.turns.delete(task.id);
    this.budget.take(-this.fetchesOf(task, act));
    this.d1.promise(-D1_REQUESTS[act]);
    if (act === 'deliver' && task.delivery !== null) this.gate.end(task.delivery.host, null, now, 0);
    if (act === 'notify') this.gate.endNotice();
  }

  /** The turn is under way in its place; `done` has to call `end`. */
  launch(task: Task, act: Act, done: Promise<void>, now: number): void {
    this.turns.set(task.id, { lane: laneOf(task), act, startedAt: now, done });
  }

  /** Gives back the look-ups that were not needed, because the name was remembered, and a fetch that was not made. */
  end(task: Task, act: Act, { answered, unasked, lookUps }: Outcome, now: number): void {
    const turn = this.turns.get(task.id);
    const tookMs = now - (turn?.startedAt ?? now);
    if (turn?.lane === 'upstream' && unasked !== true)
      this.turnMs += (tookMs - this.turnMs) * NEW_TURN_WEIGHT;
    this.turns.delete(task.id);
    if (unasked === true) this.budget.take(-this.fetchesOf(task, act));
    if (lookUps !== undefined) this.budget.take(lookUps - this.lookUps);
    this.d1.promise(-D1_REQUESTS[act]);
    if (act === 'deliver' && task.delivery !== null)
      this.gate.end(task.delivery.host, answered ?? null, now, tookMs);
    if (act === 'notify') this.gate.endNotice();
  }

  /** Whether turns that were started before an instant are still under way. */
  hasFrom(before: number): boolean {
    return Array.from(this.turns.values()).some(({ startedAt }) => startedAt < before);
  }

  /** @param isLate only hosts that are known to answer: the tick is over, and waits for nobody new. */
  openHosts(now: number, isLate: boolean): OpenHosts {
    const takes = (standing: Standing): boolean => !isLate && this.gate.takes(standing, now);
    return {
      closed: this.gate.closed(now),
      paced: this.gate.paced(now),
      takesUnknown: takes('unknown'),
      takesSilent: takes('silent'),
      takesSlow: takes('slow'),
      takesNotice: !isLate && this.gate.admitsNotice(now),
    };
  }
}

export function laneOf(task: Task): Lane {
  return isEnded(task) ? 'callback' : 'upstream';
}
