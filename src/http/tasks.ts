import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { wantsNoLocation } from '../domain/prefer.ts';
import { isEnded } from '../domain/task.ts';
import {
  BODY_PROBLEMS,
  clientKey,
  json,
  jsonRequest,
  problems,
  RESULT_HEADERS,
  WAIT_HEADERS,
} from './contract.ts';
import type { AcceptedTask } from './accept-task.ts';
import { pointToResult, waitIfPreferred } from './find-task.ts';
import { postTask, refuseUnlessRetried } from './post-task.ts';
import type { PostSurface } from './post-task.ts';
import type { App, AppEnv, Services } from './services.ts';
import { jsonOrForm } from './task-form.ts';
import type { FormServices } from './task-form.ts';
import { placedTaskJson, TaskJson } from './task-json.ts';
import { taskBody, taskOptions } from './task-request.ts';

const TAG = { tags: ['Tasks'], security: clientKey };

/** What a platform sends that would poll a `Location` by itself. */
export const NO_LOCATION = 'respond-async=no-location';

const create = (services: FormServices) =>
  createRoute({
    method: 'post',
    path: '/v1/tasks',
    ...TAG,
    operationId: 'createTask',
    summary: 'Post a task',
    description:
      'The task is stored, then asked for upstream. Its end is pushed to `callback_url`. `Prefer: wait=N` holds the answer ' +
      'until the task ends, for at most 25 s. `Prefer: respond-async=no-location` answers 201 without `Location`, for platforms ' +
      'that would follow it by themselves. The body may be a form (`application/x-www-form-urlencoded`) too.',
    middleware: [jsonOrForm(services)] as const,
    request: {
      headers: z.object({
        'Idempotency-Key': z.string().optional().openapi({
          description:
            '1 to 255 printable characters; the same key and body answer the same task. `X-Request-ID` means the same.',
        }),
        Prefer: z.string().optional().openapi({
          description: '`wait=10` holds the answer until the task ends, for at most ten seconds.',
        }),
      }),
      ...jsonRequest(taskBody(services.models)),
    },
    responses: {
      200: json(
        TaskJson,
        'The key was used before for the same task, or the task has ended within the wait',
        RESULT_HEADERS,
      ),
      201: json(
        TaskJson,
        'Accepted, or used before; there is no `Location`, as the caller prefers',
        WAIT_HEADERS,
      ),
      202: json(TaskJson, 'Accepted', RESULT_HEADERS),
      ...problems(...BODY_PROBLEMS, 401, 402, 404, 409, 429, 502),
    },
  });

const SURFACE: PostSurface = {
  options: taskOptions,
  callbackUrlField: 'callback_url',
  callbackFormat: 'event',
};

/** Posting a task. */
export function registerTasks(app: App, services: Services): void {
  const answer = async (c: Context<AppEnv>, { task, isNew }: AcceptedTask, receivedAt: number) => {
    const current = await waitIfPreferred(c, services, task, receivedAt);
    if (wantsNoLocation(c.req.header('prefer'))) {
      c.header('Preference-Applied', NO_LOCATION, { append: true });
      return c.json(await placedTaskJson(services, current), 201);
    }
    pointToResult(c, current);
    return c.json(await placedTaskJson(services, current), isNew && !isEnded(current) ? 202 : 200);
  };
  app.openapi(
    create(services),
    async (c) => {
      const receivedAt = services.clock.now();
      return await answer(c, await postTask(c, services, c.req.valid('json'), SURFACE), receivedAt);
    },
    refuseUnlessRetried(services, SURFACE, answer),
  );
}
