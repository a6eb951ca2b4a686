import { isEnded } from '../domain/task.ts';
import type { Task } from '../domain/task.ts';
import { callbackAct, deliveryClaim } from '../domain/turn.ts';
import type { Act } from '../domain/turn.ts';
import type { Settlement } from '../store/outcomes.ts';
import type { Budget } from './budget.ts';
import type { EngineDeps } from './deps.ts';
import type { HostGate } from './host-gate.ts';
import type { InFlight } from './in-flight.ts';
import { logWarning } from './log.ts';
import { together } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { READY_MS } from './ready.ts';
import type { Ready } from './ready.ts';

/** What a write leaves to be done. */
export interface Written {
  /** Callbacks that are claimed, each with a slot reserved for it. */
  readonly starts: readonly { readonly act: Act; readonly task: Task }[];
  /** Tasks as they stand now that are not started here. */
  readonly others: readonly Task[];
  /** When the first of what was written is due. Epoch ms, or `Infinity`. */
  readonly dueAt: number;
}

interface ScribeView {
  readonly gate: HostGate;
  readonly inFlight: InFlight;
  readonly ready: Ready;
  /** Requests to D1. */
  readonly d1: Budget;
}

/** Where a callback goes as its task ends. */
interface Place {
  readonly act: Act;
  readonly isReserved: boolean;
  /** Epoch ms. */
  readonly startBy: number;
}

/** Writes outcomes into D1. */
export class Scribe {
  private readonly deps: EngineDeps;
  private readonly gate: HostGate;
  private readonly inFlight: InFlight;
  private readonly ready: Ready;
  private readonly d1: Budget;

  constructor(deps: EngineDeps, { gate, inFlight, ready, d1 }: ScribeView) {
    this.deps = deps;
    this.gate = gate;
    this.inFlight = inFlight;
    this.ready = ready;
    this.d1 = d1;
  }

  /**
   * Writes outcomes in one transaction. A task that ended is claimed for its callback in the same write, if `mayCallBack`
   * and there is room to send it at once, or will be soon: the shortest way from upstream's end to the receiver.
   */
  async write(outcomes: readonly Outcome[], mayCallBack: boolean): Promise<Written> {
    const now = this.deps.clock.now();
    const claimed = new Map<string, Place>();
    const settlements = outcomes.flatMap(({ settlement }): Settlement[] => {
      if (settlement === undefined) return [];
      const { task } = settlement;
      const place = mayCallBack && !this.deps.seals.holdsCallbacks ? this.placeFor(task, now) : null;
      if (place === null) return [settlement];
      claimed.set(task.id, place);
      return [
        { ...settlement, task: { ...task, dueAt: deliveryClaim(task, this.deps.config, place.startBy) } },
      ];
    });
    const hosts = this.gate.takeChanges();
    const { ids: written, hasWoken } = await this.deps.stores.outcomes
      .settle({ ...together(outcomes), settlements, now, hosts })
      .catch((error: unknown) => {
        for (const { task } of settlements) this.release(claimed.get(task.id), task, now);
        throw error;
      });
    for (const settlement of settlements) {
      if (written.has(settlement.task.id)) continue;
      this.release(claimed.get(settlement.task.id), settlement.task, now);
      if (this.d1.left > 0) await this.logLate(settlement);
      else logUnlogged(settlement);
    }
    const tasks = settlements.flatMap(({ task }) => (written.has(task.id) ? [task] : []));
    return {
      starts: tasks.flatMap((task) => {
        const place = claimed.get(task.id);
        if (place?.isReserved === false) this.ready.add({ ...place, task });
        return place?.isReserved === true ? [{ act: place.act, task }] : [];
      }),
      others: tasks.filter(({ id }) => !claimed.has(id)),
      dueAt: hasWoken ? now : Math.min(...tasks.map(({ dueAt }) => dueAt ?? Infinity)),
    };
  }

  /** What was sent is in the log, although its task had moved on. */
  private async logLate({ task, attempt }: Settlement): Promise<void> {
    if (attempt !== undefined) await this.deps.stores.callbacks.logLate(task.id, attempt);
  }

  private release(place: Place | undefined, task: Task, now: number): void {
    if (place?.isReserved === true) this.inFlight.release(task, place.act, now);
  }

  /** A place for the callback of a task that has just ended, where its host is known: a slot, or to wait for one. */
  private placeFor(task: Task, now: number): Place | null {
    if (!isEnded(task) || task.delivery === null || task.dueAt === null || task.dueAt > now) return null;
    if (!this.gate.knows(task.delivery.host)) return null;
    const act = callbackAct(task);
    if (this.inFlight.reserve(task, act, now)) return { act, isReserved: true, startBy: now };
    const waits = act === 'deliver' && this.ready.hasRoom && this.gate.isQuick(task.delivery, now);
    return waits ? { act, isReserved: false, startBy: now + READY_MS } : null;
  }
}

/** To enter it takes a request: one too many where what is left of them is for outcomes. */
function logUnlogged({ task, attempt }: Settlement): void {
  if (attempt === undefined) return;
  const whose = { task_id: task.id, client_id: task.clientId };
  logWarning('an attempt is not in the log: its task had moved on, and no requests to D1 were left', whose);
}
