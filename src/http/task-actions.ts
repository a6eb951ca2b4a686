import { createRoute, z } from '@hono/zod-openapi';
import { isEnded } from '../domain/task.ts';
import type { Task } from '../domain/task.ts';
import { change, redeliver } from '../engine/change.ts';
import { clientKey, json, problems } from './contract.ts';
import { ProblemError } from './problem.ts';
import { findTask } from './respond.ts';
import type { App, Services } from './services.ts';
import { TaskId, TaskJson, taskJson } from './task-json.ts';

const TAG = { tags: ['Tasks'], security: clientKey };
const params = z.object({ id: TaskId });

const cancel = createRoute({
  method: 'post',
  path: '/v1/tasks/{id}/cancel',
  ...TAG,
  operationId: 'cancelTask',
  summary: 'Stop following a task',
  description:
    'The callback `task.canceled` goes out. Upstream knows no cancel: what it has begun, it ends and charges.',
  request: { params },
  responses: { 200: json(TaskJson, 'Canceled'), ...problems(401, 404, 409, 429) },
});

const redeliverRoute = createRoute({
  method: 'post',
  path: '/v1/tasks/{id}/redeliver',
  ...TAG,
  operationId: 'redeliverTask',
  summary: 'Send the callback again',
  description: 'With the same `webhook-id`, and the result as upstream gives it now.',
  request: { params },
  responses: { 202: json(TaskJson, 'The callback is due'), ...problems(401, 404, 409, 429) },
});

/** Stops following a task; 409 where it has ended. */
export async function cancelTask(services: Services, task: Task): Promise<Task> {
  const canceled = await change(services, task, { type: 'canceled' });
  if (canceled === null) throw new ProblemError('already-ended', 'A task that has ended cannot be canceled.');
  return canceled;
}

/** Makes the callback of an ended task due again; 409 where it has not ended or has no callback. */
export async function redeliverTask(services: Services, task: Task): Promise<Task> {
  if (!isEnded(task)) {
    throw new ProblemError('not-ended', 'The callback goes out by itself when the task ends.');
  }
  const pending = await redeliver(services, task);
  if (pending === null) throw new ProblemError('no-callback', 'The task was posted without a callback URL.');
  return pending;
}

/** What the owner of a task can do with it. */
export function registerTaskActions(app: App, services: Services): void {
  app.openapi(cancel, async (c) => {
    const task = await findTask(services, c.req.valid('param').id, c.get('client').id);
    return c.json(taskJson(await cancelTask(services, task)), 200);
  });

  app.openapi(redeliverRoute, async (c) => {
    const task = await findTask(services, c.req.valid('param').id, c.get('client').id);
    return c.json(taskJson(await redeliverTask(services, task)), 202);
  });
}
