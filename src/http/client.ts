import { createRoute, z } from '@hono/zod-openapi';
import { clientKey, json, problems } from './contract.ts';
import type { App, Services } from './services.ts';

const ClientSelf = z
  .object({
    id: z.string(),
    name: z.string(),
    max_active_tasks: z.int().nullable(),
    daily_credit_limit: z.number().nullable(),
    credits_today: z.number().openapi({
      description:
        'Estimated credits of the tasks posted since midnight UTC, as `GET /v1/usage` counts them.',
    }),
    active_tasks: z.int(),
    queued_tasks: z.int(),
  })
  .openapi('ClientSelf');

const get = createRoute({
  method: 'get',
  path: '/v1/client',
  tags: ['Client'],
  security: clientKey,
  operationId: 'getClient',
  summary: 'Who am I, and what have I in flight',
  responses: { 200: json(ClientSelf, 'The client of this key'), ...problems(401, 429) },
});

/** What a client may know of itself. */
export function registerClient(app: App, services: Services): void {
  app.openapi(get, async (c) => {
    const client = c.get('client');
    const now = services.clock.now();
    const load = await services.stores.load.ofClient(client.id, now, services.config.taskTimeoutMs);
    const self = {
      id: client.id,
      name: client.name,
      max_active_tasks: client.maxActiveTasks,
      daily_credit_limit: client.dailyCreditLimit,
      credits_today: load.creditsToday,
      active_tasks: load.activeTasks,
      queued_tasks: load.queuedTasks,
    };
    return c.json(self, 200);
  });
}
