import { createRoute, z } from '@hono/zod-openapi';
import { cancel } from '../engine/cancel.ts';
import type { Models } from '../engine/known-models.ts';
import { BODY_PROBLEMS, clientKey, json, jsonRequest, LOCATION, problems } from './contract.ts';
import { acceptTask } from './accept-task.ts';
import { findTask } from './find-task.ts';
import { ProblemError } from './problem.ts';
import type { App, Services } from './services.ts';
import { placedTaskJson, TaskId, TaskJson } from './task-json.ts';
import { refuseInvalidTask } from './task-faults.ts';
import { toTaskRequest, waitBody, waitOptions } from './task-request.ts';
import { jsonBody } from './validation.ts';

const TAG = { tags: ['Tasks'], security: clientKey };

const create = (models: Models) =>
  createRoute({
    method: 'post',
    path: '/v1/waits',
    ...TAG,
    operationId: 'createWait',
    summary: 'Post a task and wait for its end at a URL',
    description:
      'For platforms whose steps wait until a URL of their own is called, and end by a `DELETE` of the `Location`: the webhook ' +
      'actions of Power Automate and Logic Apps.',
    middleware: [jsonBody] as const,
    request: {
      headers: z.object({
        'Idempotency-Key': z.string().optional().openapi({
          description: '1 to 255 printable characters; the same key and body answer the same task.',
        }),
      }),
      ...jsonRequest(waitBody(models)),
    },
    responses: {
      200: json(TaskJson, 'The key was used before for the same wait', LOCATION),
      201: json(TaskJson, 'Accepted', LOCATION),
      ...problems(...BODY_PROBLEMS, 401, 402, 404, 409, 429, 502),
    },
  });

const giveUp = createRoute({
  method: 'delete',
  path: '/v1/waits/{id}',
  ...TAG,
  operationId: 'deleteWait',
  summary: 'Give a wait up',
  description:
    'A task that has not ended is canceled, and its callback is not sent. One that has ended stays as it is.',
  request: { params: z.object({ id: TaskId }) },
  responses: { 204: { description: 'Nobody waits any more' }, ...problems(401, 404, 429) },
});

/** A task together with somebody's wait for it. */
export function registerWaits(app: App, services: Services): void {
  const surface = { options: waitOptions, callbackUrlField: 'callback_url' };
  const refuse = refuseInvalidTask(services, surface);
  app.openapi(
    create(services.models),
    async (c) => {
      const body = c.req.valid('json');
      const request = await toTaskRequest(c, services, {
        model: body.model,
        input: body.input,
        callbackUrl: body.callback_url,
        callbackUrlField: surface.callbackUrlField,
        callbackHeaders: {},
        callbackFormat: 'wait',
        metadata: body.metadata ?? {},
        timeoutSeconds: body.timeout_seconds ?? null,
        keepResult: body.keep_result !== false,
      });
      const { task, isNew } = await acceptTask(c, services, c.get('client'), request);
      // Absolute, because that is what such a platform keeps and calls.
      c.header('Location', `${new URL(c.req.url).origin}/v1/waits/${task.id}`);
      return c.json(await placedTaskJson(services, task), isNew ? 201 : 200);
    },
    refuse,
  );

  app.openapi(giveUp, async (c) => {
    const { id } = c.req.valid('param');
    const task = await findTask(services, id, c.get('client').id);
    if (task.callback?.format !== 'wait')
      throw new ProblemError('not-found', `Nobody waits for ${task.id} by /v1/waits.`);
    await cancel(services, task, 'untold');
    return c.body(null, 204);
  });
}
