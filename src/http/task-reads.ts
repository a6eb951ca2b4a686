import { createRoute, z } from '@hono/zod-openapi';
import { webhookId } from '../domain/ids.ts';
import { isEnded } from '../domain/task.ts';
import { attemptPage, AttemptPage, AttemptsQuery } from './attempts.ts';
import { clientKey, json, problems, RESULT_HEADERS, WAIT_HEADERS } from './contract.ts';
import { pageOf, pageQuery, pageWithin } from './page.ts';
import { findTask, pointToResult, waitIfPreferred } from './find-task.ts';
import type { App, Services } from './services.ts';
import { placedTaskJson, TaskId, TaskJson, taskJson, TaskStateWord } from './task-json.ts';

const TAG = { tags: ['Tasks'], security: clientKey };
const params = z.object({ id: TaskId });

/** Strict: a misspelt filter would show what was not asked for. */
export const ListQuery = z.strictObject({ state: TaskStateWord.optional(), ...pageQuery(100, 20) });

export const TaskPage = pageOf(TaskJson).openapi('TaskPage');

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
  request: { params, query: AttemptsQuery },
  responses: {
    200: json(AttemptPage, 'The attempts'),
    ...problems(401, 404, 422, 429),
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

/** A page of the tasks of a client. */
async function taskPage(
  { stores }: Services,
  clientId: string,
  { state, limit, cursor }: z.infer<typeof ListQuery>,
): Promise<z.infer<typeof TaskPage>> {
  const { tasks, nextCursor } = await stores.tasks.list({
    clientId,
    state: state ?? null,
    limit,
    cursor: cursor ?? null,
  });
  const rows = tasks.map((task) => taskJson(task));
  return pageWithin(rows, nextCursor, ({ id }) => id);
}

/** Reading tasks, and waiting for one. */
export function registerTaskReads(app: App, services: Services): void {
  app.openapi(list, async (c) => {
    return c.json(await taskPage(services, c.get('client').id, c.req.valid('query')), 200);
  });

  app.openapi(get, async (c) => {
    const task = await findTask(services, c.req.valid('param').id, c.get('client').id);
    return c.json(await placedTaskJson(services, task), 200);
  });

  app.openapi(attempts, async (c) => {
    const task = await findTask(services, c.req.valid('param').id, c.get('client').id);
    return c.json(await attemptPage(services, webhookId(task.id), c.req.valid('query')), 200);
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
