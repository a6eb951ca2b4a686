import type { Act } from '../domain/turn.ts';
import { UPSTREAM_TIMEOUT_MS } from '../domain/turn.ts';
import type { Task } from '../domain/task.ts';

/** A claimed turn upstream that waits here for its instant, or for a slot. Epoch ms. */
export interface HeldTurn {
  readonly task: Task;
  readonly act: Act;
  readonly at: number;
}

/**
 * Upstream turns that this invocation has claimed, the earliest first. A running task is held over several polls: its row's
 * clock stands where the claim ends, so what is held is written down once, and is due again by itself if we vanish.
 */
export class Held {
  private turns: HeldTurn[] = [];
  private readonly ids = new Set<string>();

  get size(): number {
    return this.turns.length;
  }

  get taskIds(): string[] {
    return this.turns.map(({ task }) => task.id);
  }

  /** When the first one is due, or `Infinity`. */
  get nextAt(): number {
    return this.turns[0]?.at ?? Infinity;
  }

  has(taskId: string): boolean {
    return this.ids.has(taskId);
  }

  add(turn: HeldTurn): void {
    let low = 0;
    let high = this.turns.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.turns[middle]?.at ?? Infinity) <= turn.at) low = middle + 1;
      else high = middle;
    }
    this.turns.splice(low, 0, turn);
    this.ids.add(turn.task.id);
  }

  /** The first one, if it is due. A submit whose claim would end before upstream's answer is let go of: it comes due again. */
  peek(now: number): HeldTurn | null {
    for (;;) {
      const first = this.turns[0];
      if (first === undefined || first.at > now) return null;
      if (first.act !== 'submit' || (first.task.dueAt ?? 0) - now > UPSTREAM_TIMEOUT_MS) return first;
      this.drop([first.task.id]);
    }
  }

  drop(taskIds: readonly string[]): void {
    const dropped = new Set(taskIds.filter((id) => this.ids.delete(id)));
    if (dropped.size > 0) this.turns = this.turns.filter(({ task }) => !dropped.has(task.id));
  }

  /** Lets go of those whose claim is over. */
  dropExpired(now: number): void {
    this.drop(this.turns.filter(({ task }) => (task.dueAt ?? 0) <= now).map(({ task }) => task.id));
  }

  /** No poll of this upstream key before `until`; tasks whose claim ends before that are let go of. */
  pausePolls(accountId: string, until: number): void {
    const paused = this.turns.filter(({ task, act }) => act === 'poll' && task.accountId === accountId);
    this.drop(paused.map(({ task }) => task.id));
    for (const turn of paused) {
      if ((turn.task.dueAt ?? 0) > until) this.add({ ...turn, at: Math.max(turn.at, until) });
    }
  }

  /** Lets go of all of them. */
  takeAll(): HeldTurn[] {
    const all = this.turns;
    this.turns = [];
    this.ids.clear();
    return all;
  }
}
