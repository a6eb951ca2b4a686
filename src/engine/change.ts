import { canonicalJson } from '../domain/canonical-json.ts';
import { isEnded, isRunning } from '../domain/task.ts';
import type { Task } from '../domain/task.ts';
import { transition } from '../domain/transition.ts';
import type { TaskEvent } from '../domain/transition.ts';
import type { EngineDeps } from './deps.ts';
import { together } from './outcome.ts';

/** How often a change is tried against others that are quicker. */
const MAX_TRIES = 25;

/** Applies an event that its owner asks for; null where the task is in no state for it (any longer). */
export async function change(deps: EngineDeps, task: Task, event: TaskEvent): Promise<Task | null> {
  let current: Task | null = task;
  for (let tries = 0; tries < MAX_TRIES && current !== null; tries++) {
    const now = deps.clock.now();
    const next = transition(deps.pollCounts.of(current), event, now);
    if (next === null) return null;
    const isEnd = !isEnded(current) && isEnded(next);
    const wake = { accountId: next.accountId, clientId: next.clientId, isEnd: isRunning(current) };
    const { ids: written } = await deps.stores.outcomes.settle({
      // A task that ends frees the slot of its client, and its place in the queue.
      ...together([{ settlement: { task: next }, ...(isEnd ? { wake } : {}) }]),
      hosts: new Map(),
      now,
    });
    if (written.has(next.id)) return next;
    current = await deps.stores.tasks.get(task.id, task.clientId);
    // D1 carried the write out and lost its answer: what stands there is this change.
    if (current !== null && isSame(current, next)) return current;
  }
  throw new Error(`${task.id} changed ${MAX_TRIES} times while it was to be changed`);
}

/** Whether a task stands as a change made it; its clock may have been moved by a claim since. */
function isSame(task: Task, changed: Task): boolean {
  const { dueAt } = changed;
  return canonicalJson({ ...task, dueAt }) === canonicalJson(changed);
}

/** Sends an ended task's callback again, with the result as upstream gives it then: links expire. */
export async function redeliver(deps: EngineDeps, task: Task): Promise<Task | null> {
  return await change(deps, task, { type: 'redelivered', dueAt: deps.clock.now() });
}
