import { createRoute, z } from '@hono/zod-openapi';
import { isoTime } from '../domain/clock.ts';
import { redeliverFailed } from '../engine/redeliver.ts';
import { audit } from './audit.ts';
import { adminToken, BODY_PROBLEMS, clientKey, json, jsonRequest, problems } from './contract.ts';
import { invalid } from './problem.ts';
import type { App, Services } from './services.ts';
import { instant } from './time.ts';
import { jsonBody } from './validation.ts';

const Body = z
  .strictObject({
    since: instant.openapi({ description: 'Tasks that ended from here on.' }),
    until: instant.nullish().openapi({ description: 'Until here; now, unless given.' }),
    callback_state: z.literal(
      'failed',
      'must be "failed": callbacks that are pending are tried again by themselves',
    ),
  })
  .openapi('Redeliveries', { example: { since: '2026-11-22T00:00:00Z', callback_state: 'failed' } });

const AdminBody = z
  .strictObject({
    ...Body.shape,
    client_id: z
      .string('must be the id of a client')
      .nullish()
      .openapi({ description: 'Of this client; of all, unless given.' }),
  })
  .openapi('AdminRedeliveries', { example: { since: '2026-11-22T00:00:00Z', callback_state: 'failed' } });

const RESPONSES = {
  202: json(
    z
      .object({
        redelivered: z.int().openapi({ description: 'Callbacks that are due again.' }),
        next_since: z.string().nullable().openapi({
          description:
            'Not null where there are more than one request sends: ask again with this as `since`.',
        }),
      })
      .openapi('RedeliveriesResult'),
    'They are due, one after the other',
  ),
  ...problems(...BODY_PROBLEMS, 401, 429),
};
const DESCRIPTION = 'Paced, each with the same `webhook-id` and with the result as upstream gives it then.';

const create = createRoute({
  method: 'post',
  path: '/v1/redeliveries',
  tags: ['Callbacks'],
  security: clientKey,
  operationId: 'redeliverFailed',
  summary: 'Send all failed callbacks of a time span again',
  description: DESCRIPTION,
  middleware: [jsonBody] as const,
  request: jsonRequest(Body),
  responses: RESPONSES,
});

const createForAll = createRoute({
  method: 'post',
  path: '/admin/redeliveries',
  tags: ['Operators'],
  security: adminToken,
  operationId: 'redeliverAllFailed',
  summary: 'Send all failed callbacks of a time span again, of all clients or of one',
  description: DESCRIPTION,
  middleware: [jsonBody] as const,
  request: jsonRequest(AdminBody),
  responses: RESPONSES,
});

/** Replay: for a receiver that was down. */
export function registerRedeliveries(app: App, services: Services): void {
  app.openapi(create, async (c) => {
    const span = spanOf(c.req.valid('json'), services);
    return c.json(await redeliverFailed(services, { clientId: c.get('client').id, ...span }), 202);
  });

  app.openapi(createForAll, async (c) => {
    const body = c.req.valid('json');
    const span = spanOf(body, services);
    const clientId = body.client_id ?? null;
    if (clientId !== null && (await services.stores.clients.get(clientId)) === null)
      throw invalid([
        { path: 'client_id', message: 'is not the id of a client: GET /admin/clients lists them' },
      ]);
    const sent = await redeliverFailed(services, { clientId, ...span });
    const detail = `sent again: ${sent.redelivered}, of tasks that ended since ${isoTime(span.since)}`;
    await audit(c, services, 'callbacks.redelivered', { clientId, detail });
    return c.json(sent, 202);
  });
}

function spanOf({ since, until }: z.infer<typeof Body>, { clock }: Services) {
  const span = { since: Date.parse(since), until: until ? Date.parse(until) : clock.now() };
  if (span.until < span.since) throw invalid([{ path: 'until', message: 'must not be before since' }]);
  return span;
}
