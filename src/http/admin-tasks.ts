import { createRoute, z } from '@hono/zod-openapi';
import { CALLBACK_STATES } from '../domain/task-with-delivery.ts';
import { adminToken, json, problems } from './contract.ts';
import { invalid } from './problem.ts';
import { pageOf, pageWithin } from './page.ts';
import type { App, Services } from './services.ts';
import { TaskJson, taskJson } from './task-json.ts';
import { ListQuery } from './task-reads.ts';
import { instant } from './time.ts';

const AdminTask = z.object({ ...TaskJson.shape, client_id: z.string() }).openapi('AdminTask');

const Query = ListQuery.extend({
  client_id: z.string().optional(),
  callback_state: z
    .enum(CALLBACK_STATES, `must be one of ${CALLBACK_STATES.join(', ')}`)
    .optional()
    .openapi({ description: 'Tasks without a callback have none of these.' }),
  since: instant.optional().openapi({ description: 'Tasks accepted from here on.' }),
  until: instant.optional().openapi({ description: 'Tasks accepted until here.' }),
});

const list = createRoute({
  method: 'get',
  path: '/admin/tasks',
  tags: ['Operators'],
  security: adminToken,
  operationId: 'listAllTasks',
  summary: 'Tasks of all clients, newest first',
  description:
    'With a filter a page may hold fewer tasks than its limit, or none, and `next_cursor` goes on behind them.',
  request: { query: Query },
  responses: {
    200: json(pageOf(AdminTask).openapi('AdminTaskPage'), 'A page'),
    ...problems(401, 422, 429),
  },
});

/** The tasks of all clients, for the operator. */
export function registerAdminTasks(app: App, { stores }: Services): void {
  app.openapi(list, async (c) => {
    const { client_id, state, callback_state, since, until, limit, cursor } = c.req.valid('query');
    const span = { since: since ? Date.parse(since) : null, until: until ? Date.parse(until) : null };
    if (span.since !== null && span.until !== null && span.until < span.since)
      throw invalid([{ path: 'until', message: 'must not be before since' }]);
    const { tasks, nextCursor } = await stores.tasks.list({
      ...span,
      clientId: client_id ?? null,
      state: state ?? null,
      callbackState: callback_state ?? null,
      limit,
      cursor: cursor ?? null,
    });
    const rows = tasks.map((task) => ({ ...taskJson(task), client_id: task.clientId }));
    return c.json(
      pageWithin(rows, nextCursor, ({ id }) => id),
      200,
    );
  });
}
