import { createRoute, z } from '@hono/zod-openapi';
import { isoTime } from '../domain/clock.ts';
import { isEnded } from '../domain/task.ts';
import { clientKey, json, problems, RESULT_HEADERS, WAIT_HEADERS } from './contract.ts';
import { findTask, pointToResult, waitIfPreferred } from './respond.ts';
import type { App, Services } from './services.ts';
import { placedTaskJson, TaskId, TaskJson, taskJson, TaskStateWord } from './task-json.ts';

const TAG = { tags: ['Tasks'], security: clientKey };
const params = z.object({ id: TaskId });

const AttemptJson = z
  .object({
    number: z.int(),
    at: z.iso.datetime(),
    status: z.int().nullable(),
    duration_ms: z.int(),
    outcome: z.enum(['delivered', 'retry', 'stopped', 'exhausted']),
    detail: z.string().openapi({ description: 'What happened and what follows, in words.' }),
    next_attempt_at: z.iso.datetime().nullable(),
  })
  .openapi('Attempt');

/** Strict: a misspelt filter would show what was not asked for. */
export const ListQuery = z.strictObject({
  state: TaskStateWord.optional(),
  limit: z.coerce
    .number('must be a whole number from 1 to 100')
    .int('must be a whole number from 1 to 100')
    .min(1, 'must be at least 1')
    .max(100, 'must be at most 100')
    .default(20),
  cursor: z
    .string()
    .min(1, 'must be the next_cursor of the page before; leave it out for the first page')
    .max(100, 'must be the next_cursor of the page before; leave it out for the first page')
    .optional()
    .openapi({ description: '`next_cursor` of the page before.' }),
});

export const TaskPage = z
  .object({ data: z.array(TaskJson), next_cursor: z.string().nullable() })
  .openapi('TaskPage');

const list = createRoute({
  method: 'get',
  path: '/v1/tasks',
  ...TAG,
  operationId: 'listTasks',
  summary: 'List tasks, newest first',
  request: { query: ListQuery },
  responses: { 200: json(TaskPage, 'A page'), ...problems(401, 422, 429) },
});

const get = createRoute({
  method: 'get',
  path: '/v1/tasks/{id}',
  ...TAG,
  operationId: 'getTask',
  summary: 'Get a task',
  request: { params },
  responses: { 200: json(TaskJson, 'The task'), ...problems(401, 404, 429) },
});

const attempts = createRoute({
  method: 'get',
  path: '/v1/tasks/{id}/attempts',
  ...TAG,
  operationId: 'listAttempts',
  summary: 'The log of callback attempts, oldest first',
  request: { params },
  responses: {
    200: json(z.object({ data: z.array(AttemptJson) }), 'The attempts'),
    ...problems(401, 404, 429),
  },
});

const result = createRoute({
  method: 'get',
  path: '/v1/tasks/{id}/result',
  ...TAG,
  operationId: 'getResult',
  summary: 'Wait for the result',
  description:
    'While the task runs: 202 with `Location` and `Retry-After`, which Power Automate and Logic Apps follow by themselves. ' +
    '`Prefer: wait=N` holds the answer.',
  request: { params, headers: z.object({ Prefer: z.string().optional() }) },
  responses: {
    200: json(TaskJson, 'The task has ended', WAIT_HEADERS),
    202: json(TaskJson, 'Not yet', RESULT_HEADERS),
    ...problems(401, 404, 429),
  },
});

/** Reading tasks, and waiting for one. */
export function registerTaskReads(app: App, services: Services): void {
  app.openapi(list, async (c) => {
    const { state, limit, cursor } = c.req.valid('query');
    const filter = { clientId: c.get('client').id, state: state ?? null, limit, cursor: cursor ?? null };
    const { tasks, nextCursor } = await services.stores.tasks.list(filter);
    return c.json({ data: tasks.map((task) => taskJson(task)), next_cursor: nextCursor }, 200);
  });

  app.openapi(get, async (c) => {
    const task = await findTask(services, c.req.valid('param').id, c.get('client').id);
    return c.json(await placedTaskJson(services, task), 200);
  });

  app.openapi(attempts, async (c) => {
    const task = await findTask(services, c.req.valid('param').id, c.get('client').id);
    const log = await services.stores.callbacks.attempts(task.id);
    const data = log.map((attempt) => ({
      number: attempt.number,
      at: isoTime(attempt.at),
      status: attempt.status,
      duration_ms: attempt.durationMs,
      outcome: attempt.outcome,
      detail: attempt.detail,
      next_attempt_at: attempt.nextAttemptAt === null ? null : isoTime(attempt.nextAttemptAt),
    }));
    return c.json({ data }, 200);
  });

  app.openapi(result, async (c) => {
    const receivedAt = services.clock.now();
    const task = await findTask(services, c.req.valid('param').id, c.get('client').id);
    const current = await waitIfPreferred(c, services, task, receivedAt);
    if (isEnded(current)) return c.json(taskJson(current), 200);
    pointToResult(c, current);
    // Without its place in the queue: this is asked every few seconds, mostly by tools that look at the status alone.
    return c.json(taskJson(current), 202);
  });
}
