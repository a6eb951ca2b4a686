import { databaseTrouble } from '../domain/database-trouble.ts';
import { isEnded, isRunning, isUnsent } from '../domain/task.ts';
import type { Task } from '../domain/task.ts';
import type { Act } from '../domain/turn.ts';
import { deliver } from './deliver.ts';
import type { EngineDeps } from './deps.ts';
import { logError } from './log.ts';
import type { Outcome } from './outcome.ts';
import { notify } from './notify.ts';
import { poll } from './poll.ts';
import { expire, submit } from './submit.ts';

/** What a turn left, and whether it broke. */
export interface Acted {
  readonly outcome: Outcome;
  readonly failed: boolean;
  /** The platform lets this invocation ask D1 no more: the tick is over. */
  readonly cutOff?: { readonly error: unknown };
}

/** Does one turn. Never rejects: an exception is logged, and the task comes due again by its claim. */
export async function actOn(deps: EngineDeps, act: Act, task: Task): Promise<Acted> {
  try {
    return { outcome: await dispatch(deps, act, task), failed: false };
  } catch (error) {
    if (databaseTrouble(error) === 'too-many-requests')
      return { outcome: {}, failed: true, cutOff: { error } };
    const whose = { task_id: task.id, client_id: task.clientId };
    logError(`${act} failed; the task comes due again by itself`, error, whose);
    return { outcome: {}, failed: true };
  }
}

async function dispatch(deps: EngineDeps, act: Act, task: Task): Promise<Outcome> {
  if (act === 'poll' && isRunning(task)) return await poll(deps, task);
  if (act === 'submit' && isUnsent(task)) return await submit(deps, task);
  if (act === 'deliver' && isEnded(task)) return await deliver(deps, task);
  if (act === 'notify' && isEnded(task)) return await notify(deps, task);
  if (act === 'expire' && isUnsent(task)) return expire(deps, task);
  throw new Error(`${act} does not fit a task that is ${task.phase.state}`);
}
