import { createRoute, z } from '@hono/zod-openapi';
import { ClientChanges, ClientJson, clientJson, NewClientBody, NewClientJson } from './client-json.ts';
import { adminToken, BODY_PROBLEMS, json, jsonRequest, problems } from './contract.ts';
import { refuseWithAll } from './all-faults.ts';
import {
  changeClient,
  clientFaults,
  findClient,
  findInUse,
  makeClient,
  revokeClient,
} from './client-changes.ts';
import { pageOf, pageQuery, pageWithin } from './page.ts';
import type { App, Services } from './services.ts';
import { jsonBody } from './validation.ts';

const TAG = { tags: ['Operators'], security: adminToken };
/** So many fit into one page in most cases. */
const MAX_CLIENTS = 1_000;
const params = z.object({ id: z.string() });

const create = createRoute({
  method: 'post',
  path: '/admin/clients',
  ...TAG,
  operationId: 'createClient',
  summary: 'Make a client',
  middleware: [jsonBody] as const,
  request: jsonRequest(NewClientBody),
  responses: {
    201: json(NewClientJson, 'The client, with its key and signing secret'),
    ...problems(...BODY_PROBLEMS, 401, 429),
  },
});

const list = createRoute({
  method: 'get',
  path: '/admin/clients',
  ...TAG,
  operationId: 'listClients',
  summary: 'All clients, newest first',
  request: { query: z.strictObject(pageQuery(MAX_CLIENTS, MAX_CLIENTS)) },
  responses: { 200: json(pageOf(ClientJson).openapi('ClientPage'), 'A page'), ...problems(401, 422, 429) },
});

const get = createRoute({
  method: 'get',
  path: '/admin/clients/{id}',
  ...TAG,
  operationId: 'getClientById',
  summary: 'One client',
  request: { params },
  responses: { 200: json(ClientJson, 'The client'), ...problems(401, 429, 404) },
});

const patch = createRoute({
  method: 'patch',
  path: '/admin/clients/{id}',
  ...TAG,
  operationId: 'changeClient',
  summary: 'Change a client',
  description:
    'A new upstream key holds for new tasks; those in flight stay with the key that they were made with.',
  middleware: [jsonBody] as const,
  request: { params, ...jsonRequest(ClientChanges) },
  responses: { 200: json(ClientJson, 'The client'), ...problems(...BODY_PROBLEMS, 401, 429, 404, 409) },
});

const revoke = createRoute({
  method: 'delete',
  path: '/admin/clients/{id}',
  ...TAG,
  operationId: 'revokeClient',
  summary: 'Revoke a client',
  description:
    'Its key stops at once. Its queued tasks are canceled, and their callbacks say so. Its running tasks are followed to their end, or ' +
    'canceled too with `tasks=cancel`.',
  request: {
    params,
    query: z.strictObject({ tasks: z.literal('cancel', 'must be cancel, or left out').optional() }),
  },
  responses: { 204: { description: 'Revoked' }, ...problems(401, 422, 429, 404) },
});

/** Making, changing and revoking clients. */
export function registerAdminClients(app: App, services: Services): void {
  const refuse = refuseWithAll((c, body) => clientFaults(c, services, body));
  app.openapi(
    create,
    async (c) => {
      const { client, key, signingSecret } = await makeClient(c, services, c.req.valid('json'));
      const { id, name, ...rest } = clientJson(client);
      return c.json({ id, name, key, signing_secret: signingSecret, ...rest }, 201);
    },
    refuse,
  );

  app.openapi(list, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const found = await services.stores.clients.list({ before: cursor, limit: limit + 1 });
    const rows = found.slice(0, limit).map(clientJson);
    const last = found.length > limit ? rows.at(-1) : undefined;
    return c.json(
      pageWithin(rows, last?.id ?? null, ({ id }) => id),
      200,
    );
  });

  app.openapi(get, async (c) => c.json(clientJson(await findClient(services, c.req.valid('param').id)), 200));

  app.openapi(
    patch,
    async (c) => {
      const client = await findInUse(services, c.req.valid('param').id);
      return c.json(clientJson(await changeClient(c, services, client, c.req.valid('json'))), 200);
    },
    refuse,
  );

  app.openapi(revoke, async (c) => {
    const client = await findClient(services, c.req.valid('param').id);
    await revokeClient(c, services, client, c.req.valid('query').tasks === 'cancel');
    return c.body(null, 204);
  });
}
