import { createRoute, z } from '@hono/zod-openapi';
import { ClientChanges, ClientJson, clientJson, NewClientBody, NewClientJson } from './client-json.ts';
import { adminToken, BODY_PROBLEMS, json, jsonRequest, problems } from './contract.ts';
import { changeClient, findClient, findInUse, makeClient, revokeClient } from './client-changes.ts';
import type { App, Services } from './services.ts';
import { jsonBody } from './validation.ts';

const TAG = { tags: ['Operators'], security: adminToken };
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
  responses: { 200: json(z.object({ data: z.array(ClientJson) }), 'The clients'), ...problems(401, 429) },
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
  description: 'Its key stops at once; its running tasks are followed to their end.',
  request: { params },
  responses: { 204: { description: 'Revoked' }, ...problems(401, 429, 404) },
});

/** Making, changing and revoking clients. */
export function registerAdminClients(app: App, services: Services): void {
  app.openapi(create, async (c) => {
    const { client, key, signingSecret } = await makeClient(c, services, c.req.valid('json'));
    const { id, name, ...rest } = clientJson(client);
    return c.json({ id, name, key, signing_secret: signingSecret, ...rest }, 201);
  });

  app.openapi(list, async (c) =>
    c.json({ data: (await services.stores.clients.list()).map(clientJson) }, 200),
  );

  app.openapi(get, async (c) => c.json(clientJson(await findClient(services, c.req.valid('param').id)), 200));

  app.openapi(patch, async (c) => {
    const client = await findInUse(services, c.req.valid('param').id);
    return c.json(clientJson(await changeClient(c, services, client, c.req.valid('json'))), 200);
  });

  app.openapi(revoke, async (c) => {
    await revokeClient(services, await findClient(services, c.req.valid('param').id));
    return c.body(null, 204);
  });
}
