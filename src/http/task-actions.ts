import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { isEnded } from '../domain/task.ts';
import type { Task } from '../domain/task.ts';
import type { TaskWithDelivery } from '../domain/task-with-delivery.ts';
import { judgeCallbackUrl } from '../domain/url-policy.ts';
import { cancel as stopFollowing } from '../engine/cancel.ts';
import { erase as eraseTask } from '../engine/erase.ts';
import { redeliver } from '../engine/redeliver.ts';
import type { Address } from '../engine/redeliver.ts';
import { BODY_PROBLEMS, clientKey, json, problems } from './contract.ts';
import { invalid, ProblemError } from './problem.ts';
import { findTask } from './find-task.ts';
import type { App, Services } from './services.ts';
import { TaskId, TaskJson, taskJson } from './task-json.ts';
import { callbackPolicy } from './task-request.ts';
import { optionalJsonBody } from './validation.ts';

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

const RedeliverBody = z
  .strictObject({
    url: z.string('must be a URL').nullish().openapi({ description: 'Where the callback goes from now on.' }),
  })
  .openapi('Redeliver', { example: { url: 'https://hooks.example.com/another' } });

const redeliverRoute = createRoute({
  method: 'post',
  path: '/v1/tasks/{id}/redeliver',
  ...TAG,
  operationId: 'redeliverTask',
  summary: 'Send the callback again',
  description:
    'With the same `webhook-id`, and the result as upstream gives it now. With a `url` it goes there, from now on; to another ' +
    'server without the `callback_headers`, which were given for the first one. The body may be left out.',
  middleware: [optionalJsonBody] as const,
  request: { params, body: { required: false, content: { 'application/json': { schema: RedeliverBody } } } },
  responses: {
    202: json(TaskJson, 'The callback is due'),
    ...problems(...BODY_PROBLEMS, 401, 404, 409, 429),
  },
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

/**
 * Makes the callback of an ended task due again; 409 where it has not ended or has no callback.
 *
 * @param address where it goes from now on; null: where it went.
 */
export async function redeliverTask(
  services: Services,
  task: TaskWithDelivery,
  address: Address | null,
): Promise<TaskWithDelivery> {
  if (!isEnded(task)) {
    throw new ProblemError('not-ended', 'The callback goes out by itself when the task ends.');
  }
  const pending = task.delivery && (await redeliver(services, task.delivery, address));
  if (pending === null) throw new ProblemError('no-callback', 'The task was posted without a callback URL.');
  return { ...task, delivery: pending };
}

/** Another address for a task's callback; 422 where the URL policy refuses it, by the name of this request or of the task's own. */
export function addressAt(c: Context, { config }: Services, task: Task, url: string): Address {
  const own = callbackPolicy(c, config);
  const relayHosts = task.callback === null ? [] : [task.callback.relayHost];
  const verdict = judgeCallbackUrl(url, { ...own, ownHosts: [...own.ownHosts, ...relayHosts] });
  if (!verdict.ok) throw invalid([{ path: 'url', message: verdict.problem }]);
  return { url, host: verdict.host };
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
    const url = c.req.valid('json').url ?? null;
    const address = url === null ? null : addressAt(c, services, task, url);
    return c.json(taskJson(await redeliverTask(services, task, address)), 202);
  });
}
