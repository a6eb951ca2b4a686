import type { Polls, Task } from '../domain/task.ts';

/** More tasks than one invocation holds. */
const MAX_TASKS = 10_000;

/**
 * How often each task was polled, as far as this isolate knows. Polls write nothing: a task's count goes into D1 with its next
 * claim or settlement. What is lost with an isolate was polled all the same, so the count is one of "at least".
 */
export class PollCounts {
  /** By task id, the one polled last at the end. */
  private readonly known = new Map<string, Polls>();

  /** By task id, since when a task waits for its first poll by this isolate. */
  private readonly waiting = new Map<string, number>();

  /** Since when a task waits for its first poll here: since `at`, unless it was expected before. Epoch ms. */
  expected(taskId: string, at: number): number {
    const since = Math.min(this.waiting.get(taskId) ?? at, at);
    if (this.waiting.size >= MAX_TASKS) this.waiting.clear();
    this.waiting.set(taskId, since);
    return since;
  }

  /** The task, with the higher of the counts in its row and in memory: never one poll counted twice. */
  of<T extends Task>(task: T): T {
    const known = this.known.get(task.id);
    return known === undefined || known.count <= task.polls.count ? task : { ...task, polls: known };
  }

  /** The task after one more poll. Epoch ms. */
  count<T extends Task>(task: T, now: number): T {
    const polls = { count: this.of(task).polls.count + 1, lastAt: now };
    this.waiting.delete(task.id);
    this.known.delete(task.id);
    this.known.set(task.id, polls);
    if (this.known.size > MAX_TASKS) this.forget(this.known.keys().next().value ?? '');
    return { ...task, polls };
  }

  /** Of a task that is polled no more. */
  forget(taskId: string): void {
    this.waiting.delete(taskId);
    this.known.delete(taskId);
  }
}
