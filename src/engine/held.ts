import type { Act } from '../domain/turn.ts';
import { UPSTREAM_TIMEOUT_MS } from '../domain/turn.ts';
import type { Task } from '../domain/task.ts';

/** A claimed turn upstream that waits here for its instant, or for a slot. Epoch ms. */
export interface HeldTurn {
  readonly task: Task;
  readonly act: Act;
  readonly at: number;
  /** It has its turn among the polls of a key whose rate upstream limits. */
  readonly isPaced?: boolean;
}

/**
 * Upstream turns that this invocation has claimed, the earliest first. A running task is held over several polls: its row's
 * clock stands where the claim ends, so what is held is written down once, and is due again by itself if we vanish.
 */
export class Held {
  private turns: HeldTurn[] = [];
  /** By task id, what each takes up. */
  private readonly sizes = new Map<string, number>();
  private total = 0;
  /** By upstream key: from one poll to the next, and when the next may be. */
  private readonly paces = new Map<string, { intervalMs: number; nextAt: number }>();

  get size(): number {
    return this.turns.length;
  }

  /** What all of them take up, in characters: an input may have a quarter of a million. */
  get characters(): number {
    return this.total;
  }

  get taskIds(): string[] {
    return this.turns.map(({ task }) => task.id);
  }

  /** When the first one is due, or `Infinity`. */
  get nextAt(): number {
    return this.turns[0]?.at ?? Infinity;
  }

  has(taskId: string): boolean {
    return this.sizes.has(taskId);
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
    const size = sizeOf(turn.task.input);
    this.sizes.set(turn.task.id, size);
    this.total += size;
  }

  /**
   * The first one, if it is due and its key's rate allows. A submit whose claim would end before upstream's answer is let go
   * of, and so is a poll whose turn comes after its claim: both come due again.
   */
  peek(now: number): HeldTurn | null {
    for (;;) {
      const first = this.turns[0];
      if (first === undefined || first.at > now) return null;
      const claimedMs = (first.task.dueAt ?? 0) - now;
      if (first.act === 'submit' && claimedMs <= UPSTREAM_TIMEOUT_MS) this.takeFirst();
      else if (first.act !== 'poll' || first.isPaced || !this.paces.has(first.task.accountId)) return first;
      else {
        const at = this.turnOf(first.task.accountId, now);
        this.takeFirst();
        if (at <= now || at < (first.task.dueAt ?? 0))
          this.add({ ...first, at: Math.max(at, first.at), isPaced: true });
      }
    }
  }

  /** Upstream lets this key poll once in `intervalMs`; null where it has said nothing of the kind lately. */
  pace(accountId: string, intervalMs: number | null): void {
    if (intervalMs === null) this.paces.delete(accountId);
    else this.paces.set(accountId, { intervalMs, nextAt: this.paces.get(accountId)?.nextAt ?? 0 });
  }

  private turnOf(accountId: string, now: number): number {
    const pace = this.paces.get(accountId);
    if (pace === undefined) return now;
    const at = Math.max(now, pace.nextAt);
    pace.nextAt = at + pace.intervalMs;
    return at;
  }

  /** Lets go of the first one. */
  takeFirst(): void {
    const first = this.turns.shift();
    if (first !== undefined) this.forget(first.task.id);
  }

  private forget(taskId: string): boolean {
    this.total -= this.sizes.get(taskId) ?? 0;
    return this.sizes.delete(taskId);
  }

  drop(taskIds: readonly string[]): void {
    if (taskIds.length === 0) return;
    const dropped = new Set(taskIds.filter((id) => this.forget(id)));
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
    this.sizes.clear();
    this.total = 0;
    return all;
  }
}

/** A task comes back here after each of its polls; its input is measured once. */
const measured = new WeakMap<object, number>();

function sizeOf(input: object): number {
  const size = measured.get(input) ?? JSON.stringify(input).length;
  measured.set(input, size);
  return size;
}
