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
  /** It was polled since it was claimed, and is held for the next poll. */
  readonly isPolled?: boolean;
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

  /** How many have not had their turn since they were claimed, by what they are to do. */
  get unstarted(): { readonly all: number; readonly submits: number } {
    const turns = this.turns.filter(({ isPolled }) => isPolled !== true);
    return { all: turns.length, submits: turns.filter(({ act }) => act !== 'poll').length };
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

  /** When the first one is due of those that are not due at `now`, or `Infinity`. */
  nextAfter(now: number): number {
    return this.turns.find(({ at }) => at > now)?.at ?? Infinity;
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
   * Takes out the first one that is due and that `mayStart`, if its key's rate allows. A submit whose claim would end before
   * upstream's answer is let go of, and so is a poll whose turn comes after its claim: both come due again.
   */
  take(now: number, mayStart: (turn: HeldTurn) => boolean): HeldTurn | null {
    for (let index = 0; ;) {
      const turn = this.turns[index];
      if (turn === undefined || turn.at > now) return null;
      if (isTooLate(turn, now)) this.remove(index);
      else if (turn.act === 'poll' && turn.isPaced !== true && this.paces.has(turn.task.accountId)) {
        this.remove(index);
        this.pacePoll(turn, now);
      } else if (mayStart(turn)) {
        this.remove(index);
        return turn;
      } else index++;
    }
  }

  /** Puts a poll back at its turn among those of its key; a turn is used up only by a poll that is kept. */
  private pacePoll(turn: HeldTurn, now: number): void {
    const pace = this.paces.get(turn.task.accountId);
    const at = Math.max(now, pace?.nextAt ?? 0);
    if (at > now && at >= (turn.task.dueAt ?? 0)) return;
    if (pace !== undefined) pace.nextAt = at + pace.intervalMs;
    this.add({ ...turn, at, isPaced: true });
  }

  /** Upstream lets this key poll once in `intervalMs`; null where it has said nothing of the kind lately. */
  pace(accountId: string, intervalMs: number | null): void {
    if (intervalMs === null) this.paces.delete(accountId);
    else this.paces.set(accountId, { intervalMs, nextAt: this.paces.get(accountId)?.nextAt ?? 0 });
  }

  private remove(index: number): void {
    for (const { task } of this.turns.splice(index, 1)) this.forget(task.id);
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

/** A submit whose claim might end before upstream's answer comes. */
function isTooLate({ act, task }: HeldTurn, now: number): boolean {
  return act === 'submit' && (task.dueAt ?? 0) - now <= UPSTREAM_TIMEOUT_MS;
}

/** A task comes back here after each of its polls; its input is measured once. */
const measured = new WeakMap<object, number>();

function sizeOf(input: object): number {
  const size = measured.get(input) ?? JSON.stringify(input).length;
  measured.set(input, size);
  return size;
}
