import { isEnded } from '../domain/task.ts';
import type { Task } from '../domain/task.ts';
import { callbackAct, deliveryClaim } from '../domain/turn.ts';
import type { Act } from '../domain/turn.ts';
import type { Settlement } from '../store/outcomes.ts';
import type { EngineDeps } from './deps.ts';
import type { HostGate } from './host-gate.ts';
import type { InFlight } from './in-flight.ts';
import { together } from './outcome.ts';
import type { Outcome } from './outcome.ts';

/** What a write leaves to be done. */
export interface Written {
  /** Callbacks that are claimed, each with a slot reserved for it. */
  readonly starts: readonly { readonly act: Act; readonly task: Task }[];
  /** Tasks as they stand now that are not started here. */
  readonly others: readonly Task[];
  /** When the first of what was written is due. Epoch ms, or `Infinity`. */
  readonly dueAt: number;
}

/** Writes outcomes into D1. */
export class Scribe {
  private readonly deps: EngineDeps;
  private readonly gate: HostGate;
  private readonly inFlight: InFlight;

  constructor(deps: EngineDeps, { gate, inFlight }: { gate: HostGate; inFlight: InFlight }) {
    this.deps = deps;
    this.gate = gate;
    this.inFlight = inFlight;
  }

  /**
   * Writes outcomes in one transaction. A task that ended is claimed for its callback in the same write, if `mayCallBack`
   * and there is room to send it at once: the shortest way from upstream's end to the receiver.
   */
  async write(outcomes: readonly Outcome[], mayCallBack: boolean): Promise<Written> {
    const now = this.deps.clock.now();
    const claimed = new Map<string, Act>();
    const settlements = outcomes.flatMap(({ settlement }): Settlement[] => {
      if (settlement === undefined) return [];
      const { task } = settlement;
      const act = mayCallBack ? this.reserveAtOnce(task, now) : null;
      if (act === null) return [settlement];
      claimed.set(task.id, act);
      return [{ ...settlement, task: { ...task, dueAt: deliveryClaim(task, this.deps.config, now) } }];
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
      const { task, attempt } = settlement;
      if (attempt !== undefined) await this.deps.stores.callbacks.logLate(task.id, attempt);
    }
    const tasks = settlements.flatMap(({ task }) => (written.has(task.id) ? [task] : []));
    return {
      starts: tasks.flatMap((task) => {
        const act = claimed.get(task.id);
        return act === undefined ? [] : [{ act, task }];
      }),
      others: tasks.filter(({ id }) => !claimed.has(id)),
      dueAt: hasWoken ? now : Math.min(...tasks.map(({ dueAt }) => dueAt ?? Infinity)),
    };
  }

  private release(act: Act | undefined, task: Task, now: number): void {
    if (act !== undefined) this.inFlight.release(task, act, now);
  }

  /** A place for the callback of a task that has just ended, where its host is known and all have room. */
  private reserveAtOnce(task: Task, now: number): Act | null {
    if (!isEnded(task) || task.delivery === null || task.dueAt === null || task.dueAt > now) return null;
    if (!this.gate.knows(task.delivery.host)) return null;
    const act = callbackAct(task);
    return this.inFlight.reserve(task, act, now) ? act : null;
  }
}
