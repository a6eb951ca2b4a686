import type { Context } from 'hono';
import { parseWaitPreference } from '../domain/prefer.ts';
import { isEnded } from '../domain/task.ts';
import type { Task } from '../domain/task.ts';
import type { TaskWithDelivery } from '../domain/task-with-delivery.ts';
import { logError } from '../engine/log.ts';
import { waitSteps } from '../engine/wait-steps.ts';
import type { WaitSteps } from '../engine/wait-steps.ts';
import { ProblemError } from './problem.ts';
import type { Services } from './services.ts';

const MAX_WAIT_SECONDS = 25;
const WAIT: WaitSteps = { firstMs: 500, longestMs: 2_000 };
/** What a caller that polls us is asked to leave between two looks. */
const RETRY_AFTER_SECONDS = 5;

/** 404 and not 409, which clients of the upstream try again by themselves: it would be made and paid for once more. */
export function erasedMeanwhile(): ProblemError {
  return new ProblemError(
    'not-found',
    'The task was erased while this request was being answered, and nothing of it is left here. Upstream may have begun ' +
      'it. Post it again only if you want it once more.',
  );
}

/** Honours `Prefer: wait=N` (RFC 7240): holds until the task ends, for N seconds and 25 at the most
 * after `receivedAt` (epoch ms). */
export async function waitIfPreferred(
  c: Context,
  services: Services,
  task: TaskWithDelivery,
  receivedAt: number,
): Promise<TaskWithDelivery> {
  const preferred = parseWaitPreference(c.req.header('prefer'));
  if (preferred === null) return task;
  const seconds = Math.min(preferred, MAX_WAIT_SECONDS);
  c.header('Preference-Applied', `wait=${seconds}`);
  const until = receivedAt + seconds * 1_000;
  const steps = waitSteps(WAIT);
  let current = task;
  while (!isEnded(current) && services.clock.now() < until) {
    await services.clock.sleep(Math.min(steps.nextMs(), until - services.clock.now()));
    current = await latest(services, current);
  }
  return current;
}

/**
 * The task as it stands; as it was known where D1 does not answer, because a caller that waits is never told less. 404 where
 * it was erased meanwhile.
 */
async function latest(services: Services, task: TaskWithDelivery): Promise<TaskWithDelivery> {
  try {
    return await services.stores.tasks.get(task.id, task.clientId).then((current) => {
      if (current === null) throw erasedMeanwhile();
      return current;
    });
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    logError('a waiting caller could not be told more', error, {
      task_id: task.id,
      client_id: task.clientId,
    });
    return task;
  }
}

/** Where to look again, and when: the asynchronous pattern that Power Automate and Logic Apps follow by themselves. */
export function pointToResult(c: Context, task: Task): void {
  c.header('Location', `/v1/tasks/${task.id}/result`);
  c.header('Retry-After', String(RETRY_AFTER_SECONDS));
}

/** 404 for what is not there and for what is somebody else's: no answer tells the two apart. */
export async function findTask(
  services: Services,
  id: string,
  clientId: string | null,
): Promise<TaskWithDelivery> {
  const task = await services.stores.tasks.get(id, clientId);
  if (task === null)
    throw new ProblemError('not-found', `There is no task ${JSON.stringify(id.slice(0, 64))}.`);
  return task;
}
