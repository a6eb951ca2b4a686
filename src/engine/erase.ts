import { isEnded } from '../domain/task.ts';
import type { Task } from '../domain/task.ts';
import { firstIdOfDay } from '../store/load.ts';
import type { EngineDeps } from './deps.ts';
import { logInfo } from './log.ts';

/**
 * Erases an ended task and its kept files, these first: whoever is told that it is gone finds its links dead. False where it has not
 * ended. May be carried out twice.
 */
export async function erase({ stores, files, clock }: EngineDeps, task: Task): Promise<boolean> {
  if (!isEnded(task)) return false;
  // Of a canceled one too, which may have left what was copied by then.
  if (files !== null && task.filesOrigin !== null) await files.removeAllOf(task.id);
  if (!(await stores.erasures.erase(task, firstIdOfDay(clock.now())))) return false;
  logInfo('a task was erased by its owner', { task_id: task.id, client_id: task.clientId });
  return true;
}
