import { isUnsent } from '../domain/task.ts';
import type { QueueReason, Task } from '../domain/task.ts';
import type { Line } from '../store/queue.ts';
import type { EngineDeps } from './deps.ts';

/** Where a task stands that waits here for upstream. */
export interface Place {
  /** 1 for the next to go; null where it waits for no other task, and where more go before it than are counted. */
  readonly position: number | null;
  /** Null without a position, and where nothing is known of how long such tasks take. */
  readonly estimatedWaitMs: number | null;
}

/** A task's place in the queue; null where it does not wait. */
export async function placeOf(deps: EngineDeps, task: Task): Promise<Place | null> {
  if (!isUnsent(task)) return null;
  const { phase } = task;
  const line = phase.state === 'accepting' ? null : await lineOf(deps, task, phase.reason);
  if (line === null || line.ahead === null) return { position: null, estimatedWaitMs: null };
  const position = line.ahead + 1;
  const typicalMs = (await deps.learning.plansFor([task])).typicalMs(task);
  // Of so many that run, one ends in its share of the time that one takes.
  const estimatedWaitMs = typicalMs === null ? null : (position * typicalMs) / Math.max(1, line.slots);
  return { position, estimatedWaitMs };
}

/** Who goes before the task, and how many run at once; null where it waits for upstream alone. */
async function lineOf({ stores }: EngineDeps, task: Task, reason: QueueReason): Promise<Line | null> {
  switch (reason) {
    case 'failing':
    case 'unasked':
      return null;
    case 'limited':
    case 'full':
    case 'behind':
      return await stores.queue.lineOfKey(task);
    case 'own-limit': {
      const limit = (await stores.clients.get(task.clientId))?.maxActiveTasks ?? 1;
      return { ahead: await stores.queue.aheadOfOwn(task), slots: limit };
    }
  }
}
