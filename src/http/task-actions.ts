import { createRoute, z } from '@hono/zod-openapi';
import { isEnded } from '../domain/task.ts';
import type { TaskWithDelivery } from '../domain/task-with-delivery.ts';
import { cancel as stopFollowing } from '../engine/cancel.ts';
import { erase as eraseTask } from '../engine/erase.ts';
import { redeliver } from '../engine/redeliver.ts';
import { clientKey, json, problems } from './contract.ts';
import { ProblemError } from './problem.ts';
import { findTask } from './find-task.ts';
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

const erase = createRoute({
  method: 'delete',
  path: '/v1/tasks/{id}',
  ...TAG,
  operationId: 'eraseTask',
  summary: 'Erase a task that has ended',
  description:
    'The task, its callback and its attempt log are gone for good: a callback that is still pending is not sent any ' +
    'more, and the idempotency key is free again. Its credits still count for the day. One that has not ended is ' +
    'canceled first.',
  request: { params },
  responses: { 204: { description: 'Erased' }, ...problems(401, 404, 409, 429) },
});

/** Stops following a task; 409 where it has ended. */
export async function cancelTask(services: Services, task: TaskWithDelivery): Promise<TaskWithDelivery> {
  const canceled = await stopFollowing(services, task);
  if (canceled === null) throw new ProblemError('already-ended', 'A task that has ended cannot be canceled.');
  return canceled;
}

/** Makes the callback of an ended task due again; 409 where it has not ended or has no callback. */
export async function redeliverTask(services: Services, task: TaskWithDelivery): Promise<TaskWithDelivery> {
  if (!isEnded(task)) {
    throw new ProblemError('not-ended', 'The callback goes out by itself when the task ends.');
  }
  const pending = task.delivery && (await redeliver(services, task.delivery));
  if (pending === null) throw new ProblemError('no-callback', 'The task was posted without a callback URL.');
  return { ...task, delivery: pending };
}

/** What the owner of a task can do with it. */
export function registerTaskActions(app: App, services: Services): void {
  app.openapi(cancel, async (c) => {
    const task = await findTask(services, c.req.valid('param').id, c.get('client').id);
    return c.json(taskJson(await cancelTask(services, task)), 200);
  });

  app.openapi(erase, async (c) => {
    const task = await findTask(services, c.req.valid('param').id, c.get('client').id);
    if (!(await eraseTask(services, task)))
      throw new ProblemError('not-ended', 'Only a task that has ended can be erased: cancel it first.');
    return c.body(null, 204);
  });

  app.openapi(redeliverRoute, async (c) => {
    const task = await findTask(services, c.req.valid('param').id, c.get('client').id);
    return c.json(taskJson(await redeliverTask(services, task)), 202);
  });
}
