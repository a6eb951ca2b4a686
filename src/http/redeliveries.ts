import { createRoute, z } from '@hono/zod-openapi';
import { redeliverFailed } from '../engine/redeliver.ts';
import { BODY_PROBLEMS, clientKey, json, jsonRequest, problems } from './contract.ts';
import { invalid } from './problem.ts';
import type { App, Services } from './services.ts';
import { jsonBody } from './validation.ts';

const time = z.iso.datetime({ offset: true, error: 'must be a time such as 2026-11-22T15:00:00Z' });

const Body = z
  .strictObject({
    since: time.openapi({ description: 'Tasks that ended from here on.' }),
    until: time.nullish().openapi({ description: 'Until here; now, unless given.' }),
    callback_state: z.literal(
      'failed',
      'must be "failed": callbacks that are pending are tried again by themselves',
    ),
  })
  .openapi('Redeliveries', { example: { since: '2026-11-22T00:00:00Z', callback_state: 'failed' } });

const create = createRoute({
  method: 'post',
  path: '/v1/redeliveries',
  tags: ['Callbacks'],
  security: clientKey,
  operationId: 'redeliverFailed',
  summary: 'Send all failed callbacks of a time span again',
  description: 'Paced, each with the same `webhook-id` and with the result as upstream gives it then.',
  middleware: [jsonBody] as const,
  request: jsonRequest(Body),
  responses: {
    202: json(
      z
        .object({
          redelivered: z.int().openapi({ description: 'Callbacks that are due again.' }),
          next_since: z
            .string()
            .nullable()
            .openapi({ description: 'Where there were more than fit in one request: ask again from here.' }),
        })
        .openapi('RedeliveriesResult'),
      'They are due, one after the other',
    ),
    ...problems(...BODY_PROBLEMS, 401, 429),
  },
});

/** Replay: for a receiver that was down. */
export function registerRedeliveries(app: App, services: Services): void {
  app.openapi(create, async (c) => {
    const { since, until } = c.req.valid('json');
    const span = { since: Date.parse(since), until: until ? Date.parse(until) : services.clock.now() };
    if (span.until < span.since) throw invalid([{ path: 'until', message: 'must not be before since' }]);
    const result = await redeliverFailed(services, c.get('client').id, span);
    return c.json(result, 202);
  });
}
