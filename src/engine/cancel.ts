import type { Outcome } from '../domain/outcome.ts';
import { isEnded, isKeeping, isRunning } from '../domain/task.ts';
import type { Task } from '../domain/task.ts';
import type { TaskWithDelivery } from '../domain/task-with-delivery.ts';
import { transition } from '../domain/transition.ts';
import type { EngineDeps } from './deps.ts';
import { stillRunning } from './poll.ts';

/** How often a change is tried against others that are quicker. */
const MAX_TRIES = 25;
/** Tasks that are canceled together. */
const BATCH = 100;

/** Stops following a task, and calls back that it was canceled, unless it is `untold`; null where it has ended. */
export async function cancel(deps: EngineDeps, task: Task, how?: 'untold'): Promise<TaskWithDelivery | null> {
  let current: Task | null = task;
  for (let tries = 0; tries < MAX_TRIES && current !== null; tries++) {
    const outcome = canceled(deps, current, how);
    if (outcome === null) return null;
    const settled = await write(deps, [outcome]);
    const stands = await deps.stores.tasks.get(task.id, task.clientId);
    if (settled.has(task.id)) return stands;
    current = stands;
  }
  if (current === null) return null;
  throw new Error(`${task.id} changed ${MAX_TRIES} times while it was to be canceled`);
}

/**
 * Cancels what a client has without an end: what waits here and, if `withRunning`, what runs upstream. What changes meanwhile is
 * found again by the next round, of which there are at most `maxRounds`.
 */
export async function cancelAllOf(
  deps: EngineDeps,
  clientId: string,
  { withRunning = false, maxRounds = MAX_TRIES } = {},
): Promise<number> {
  let count = 0;
  for (let rounds = 0; rounds < maxRounds; rounds++) {
    const open = await deps.stores.openTasks.ofClient(clientId, withRunning, BATCH);
    const settled = await write(
      deps,
      open.flatMap((task) => canceled(deps, task) ?? []),
    );
    count += settled.size;
    if (open.length < BATCH && settled.size === open.length) break;
  }
  return count;
}

function canceled(deps: EngineDeps, task: Task, how?: 'untold'): Outcome | null {
  const now = deps.clock.now();
  const next = transition(deps.pollCounts.of(task), { type: 'canceled' }, now);
  if (next === null || isEnded(task)) return null;
  return {
    task: { task: next, ...(how === 'untold' ? { isUntold: true as const } : {}) },
    ...(isRunning(task) && !isKeeping(task) ? { running: stillRunning(task, now) } : {}),
  };
}

async function write(deps: EngineDeps, outcomes: readonly Outcome[]): Promise<ReadonlySet<string>> {
  const now = deps.clock.now();
  const { completed } = await deps.stores.exchange.exchange({ outcomes, receivers: [], now }, null);
  return completed.settled;
}
