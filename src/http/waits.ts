import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { cancel } from '../engine/cancel.ts';
import type { Models } from '../engine/known-models.ts';
import { BODY_PROBLEMS, clientKey, json, jsonRequest, LOCATION, problems } from './contract.ts';
import type { AcceptedTask } from './accept-task.ts';
import { findTask } from './find-task.ts';
import { ProblemError } from './problem.ts';
import { postTask, refuseUnlessRetried } from './post-task.ts';
import type { PostSurface } from './post-task.ts';
import type { App, AppEnv, Services } from './services.ts';
import { placedTaskJson, TaskId, TaskJson } from './task-json.ts';
import { waitBody, waitOptions } from './task-request.ts';
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

const SURFACE: PostSurface = {
  options: waitOptions,
  callbackUrlField: 'callback_url',
  callbackFormat: 'wait',
};

/** A task together with somebody's wait for it. */
export function registerWaits(app: App, services: Services): void {
  const answer = async (c: Context<AppEnv>, { task, isNew }: AcceptedTask) => {
    // Absolute, because that is what such a platform keeps and calls.
    c.header('Location', `${new URL(c.req.url).origin}/v1/waits/${task.id}`);
    return c.json(await placedTaskJson(services, task), isNew ? 201 : 200);
  };
  app.openapi(
    create(services.models),
    async (c) => await answer(c, await postTask(c, services, c.req.valid('json'), SURFACE)),
    refuseUnlessRetried(services, SURFACE, answer),
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
