import type { Task } from '../domain/task.ts';
import type { Act } from '../domain/turn.ts';

/** A callback waits here for a slot of its host for so long at the most; its claim reaches so much further. */
export const READY_MS = 3_000;
/** So many wait at once: with 40 callbacks a second about what goes in that time. */
const MAX_READY = 100;

export interface ReadyTurn {
  readonly act: Act;
  readonly task: Task;
  /** Epoch ms. */
  readonly startBy: number;
}

/**
 * Callbacks that were claimed with the end of their task, and start as soon as a slot is free: without them each would take a
 * look and a claim of its own, while many tasks end.
 */
export class Ready {
  private turns: readonly ReadyTurn[] = [];

  get size(): number {
    return this.turns.length;
  }

  get hasRoom(): boolean {
    return this.turns.length < MAX_READY;
  }

  /** When the first one has waited for too long, or `Infinity`. */
  get expiresAt(): number {
    return this.turns[0]?.startBy ?? Infinity;
  }

  add(turn: ReadyTurn): void {
    this.turns = [...this.turns, turn];
  }

  /** Takes those for which `reserve` finds a place, the one that waits longest first. */
  take(reserve: (turn: ReadyTurn) => boolean): ReadyTurn[] {
    const taken = new Set(this.turns.filter((turn) => reserve(turn)));
    if (taken.size > 0) this.turns = this.turns.filter((turn) => !taken.has(turn));
    return Array.from(taken);
  }

  /** Lets go of those that have waited for too long. */
  takeExpired(now: number): Task[] {
    return this.take(({ startBy }) => startBy <= now).map(({ task }) => task);
  }

  /** Lets go of a task that stands in D1 anew: somebody asked to redeliver it. */
  drop(taskId: string): void {
    this.take(({ task }) => task.id === taskId);
  }
}
