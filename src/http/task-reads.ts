import { createRoute, z } from '@hono/zod-openapi';
import { isoTime } from '../domain/clock.ts';
import { isEnded } from '../domain/task.ts';
import { clientKey, json, problems, RESULT_HEADERS, WAIT_HEADERS } from './contract.ts';
import { pageOf, pageQuery, pageWithin } from './page.ts';
import { invalid } from './problem.ts';
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
export const ListQuery = z.strictObject({ state: TaskStateWord.optional(), ...pageQuery(100, 20) });

export const TaskPage = pageOf(TaskJson).openapi('TaskPage');

/** As many as a task has with any schedule that makes sense: one page holds the whole log. */
const MAX_ATTEMPTS = 100;
const AttemptsQuery = z.strictObject(pageQuery(MAX_ATTEMPTS, MAX_ATTEMPTS));
const AFTER = /^\d{1,15}$/;

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
    200: json(pageOf(AttemptJson).openapi('AttemptPage'), 'The attempts'),
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

function attemptCursor({ number }: { readonly number: number }): string {
  return String(number);
}

/** A page of the tasks of a client, or of all (null). */
export async function taskPage(
  { stores }: Services,
  clientId: string | null,
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
    const { limit, cursor = '0' } = c.req.valid('query');
    if (!AFTER.test(cursor)) {
      throw invalid([{ path: 'cursor', message: 'must be the next_cursor of the page before' }]);
    }
    const log = await services.stores.callbacks.attempts(task.id, {
      after: Number(cursor),
      limit: limit + 1,
    });
    const rows = log.slice(0, limit).map((attempt) => ({
      number: attempt.number,
      at: isoTime(attempt.at),
      status: attempt.status,
      duration_ms: attempt.durationMs,
      outcome: attempt.outcome,
      detail: attempt.detail,
      next_attempt_at: attempt.nextAttemptAt === null ? null : isoTime(attempt.nextAttemptAt),
    }));
    const last = log.length > limit ? rows.at(-1) : undefined;
    return c.json(pageWithin(rows, last === undefined ? null : attemptCursor(last), attemptCursor), 200);
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
