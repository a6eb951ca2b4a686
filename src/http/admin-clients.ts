import { createRoute, z } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { isoTime } from '../domain/clock.ts';
import { createClient, keepUpstreamKey, rotateSecret } from '../engine/clients.ts';
import { OPERATOR_ACCOUNT } from '../store/clients.ts';
import type { Client } from '../store/clients.ts';
import { hashOf, newClientKey } from './auth.ts';
import { adminToken, BODY_PROBLEMS, json, jsonRequest, problems } from './contract.ts';
import { ProblemError } from './problem.ts';
import type { AppEnv, Services } from './services.ts';
import { jsonBody } from './validation.ts';

const TAG = { tags: ['Operators'], security: adminToken };
const params = z.object({ id: z.string() });
const KEY_BYTES = 32;

const name = z
  .string({ error: ({ input }) => (input === undefined || input === null ? 'is required' : 'must be text') })
  .trim()
  .min(1, 'must not be empty')
  .max(200, 'may have at most 200 characters');
const upstreamApiKey = z
  .string('must be text')
  .regex(/^[\u0021-\u007e]{1,512}$/, 'must be 1 to 512 printable characters without spaces')
  .openapi({ description: "The client's own upstream key; without it the operator's is used." });
const limit = z.int('must be a whole number').min(1, 'must be at least 1');

const NewClientBody = z
  .strictObject({
    name,
    upstream_api_key: upstreamApiKey.nullish(),
    max_active_tasks: limit.nullish(),
    daily_credit_limit: limit.nullish(),
  })
  .openapi('NewClient', { example: { name: 'zapier', max_active_tasks: 5 } });

const ClientChanges = z
  .strictObject({
    name: name.nullish(),
    upstream_api_key: upstreamApiKey.nullish(),
    max_active_tasks: limit.nullish(),
    daily_credit_limit: limit.nullish(),
  })
  .openapi('ClientChanges', {
    description:
      'What is left out stays, and so does a name of null; null removes a limit or the own upstream key.',
    example: { name: 'zapier, sales', daily_credit_limit: null },
  });

const identity = { id: z.string(), name: z.string() };
const fields = {
  max_active_tasks: z.int().nullable(),
  daily_credit_limit: z.int().nullable(),
  has_own_upstream_key: z.boolean(),
  created_at: z.iso.datetime(),
  revoked_at: z.iso.datetime().nullable(),
};
const ClientJson = z.object({ ...identity, ...fields }).openapi('Client');
const signing_secret = z
  .string()
  .openapi({ description: 'Verifies callbacks (Standard Webhooks, `whsec_…`).' });
const key = z.string().openapi({ description: 'Shown this once.' });
const NewClientJson = z.object({ ...identity, key, signing_secret, ...fields }).openapi('CreatedClient');

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
    ...problems(...BODY_PROBLEMS, 401),
  },
});

const list = createRoute({
  method: 'get',
  path: '/admin/clients',
  ...TAG,
  operationId: 'listClients',
  summary: 'All clients, newest first',
  responses: { 200: json(z.object({ data: z.array(ClientJson) }), 'The clients'), ...problems(401) },
});

const get = createRoute({
  method: 'get',
  path: '/admin/clients/{id}',
  ...TAG,
  operationId: 'getClientById',
  summary: 'One client',
  request: { params },
  responses: { 200: json(ClientJson, 'The client'), ...problems(401, 404) },
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
  responses: { 200: json(ClientJson, 'The client'), ...problems(...BODY_PROBLEMS, 401, 404, 409) },
});

const revoke = createRoute({
  method: 'delete',
  path: '/admin/clients/{id}',
  ...TAG,
  operationId: 'revokeClient',
  summary: 'Revoke a client',
  description: 'Its key stops at once; its running tasks are followed to their end.',
  request: { params },
  responses: { 204: { description: 'Revoked' }, ...problems(401, 404) },
});

const rotateKey = createRoute({
  method: 'post',
  path: '/admin/clients/{id}/rotate-key',
  ...TAG,
  operationId: 'rotateClientKey',
  summary: 'A new key; the old one stops at once',
  request: { params },
  responses: { 200: json(z.object({ key }), 'The new key'), ...problems(401, 404, 409) },
});

const rotateSigningSecret = createRoute({
  method: 'post',
  path: '/admin/clients/{id}/rotate-secret',
  ...TAG,
  operationId: 'rotateSigningSecret',
  summary: 'A new signing secret; the old one signs beside it for 24 h',
  request: { params },
  responses: { 200: json(z.object({ signing_secret }), 'The new secret'), ...problems(401, 404, 409) },
});

/** Making, changing and revoking clients. */
export function registerAdminClients(app: OpenAPIHono<AppEnv>, services: Services): void {
  const { clients } = services.stores;
  const deps = { clients, secrets: services.secrets, randomBytes: services.randomBytes };

  app.openapi(create, async (c) => {
    const body = c.req.valid('json');
    const newKey = newClientKey(services.randomBytes(KEY_BYTES));
    const given = {
      name: body.name,
      keyHash: await hashOf(newKey),
      upstreamApiKey: body.upstream_api_key ?? null,
      maxActiveTasks: body.max_active_tasks ?? null,
      dailyCreditLimit: body.daily_credit_limit ?? null,
    };
    const { client, signingSecret } = await createClient(deps, given, services.clock.now());
    const { id, name: givenName, ...rest } = clientJson(client);
    return c.json({ id, name: givenName, key: newKey, signing_secret: signingSecret, ...rest }, 201);
  });

  app.openapi(list, async (c) => c.json({ data: (await clients.list()).map(clientJson) }, 200));

  app.openapi(get, async (c) => c.json(clientJson(await find(services, c.req.valid('param').id)), 200));

  app.openapi(patch, async (c) => {
    const client = await findInUse(services, c.req.valid('param').id);
    const body = c.req.valid('json');
    await clients.update(client.id, {
      ...(body.name === undefined || body.name === null ? {} : { name: body.name }),
      ...(body.max_active_tasks === undefined ? {} : { maxActiveTasks: body.max_active_tasks }),
      ...(body.daily_credit_limit === undefined ? {} : { dailyCreditLimit: body.daily_credit_limit }),
      ...(body.upstream_api_key === undefined
        ? {}
        : { accountId: await keepUpstreamKey(deps, body.upstream_api_key) }),
    });
    return c.json(clientJson(await find(services, client.id)), 200);
  });

  app.openapi(revoke, async (c) => {
    const client = await find(services, c.req.valid('param').id);
    if (client.revokedAt === null) await clients.update(client.id, { revokedAt: services.clock.now() });
    return c.body(null, 204);
  });

  app.openapi(rotateKey, async (c) => {
    const client = await findInUse(services, c.req.valid('param').id);
    const newKey = newClientKey(services.randomBytes(KEY_BYTES));
    await clients.update(client.id, { keyHash: await hashOf(newKey) });
    return c.json({ key: newKey }, 200);
  });

  app.openapi(rotateSigningSecret, async (c) => {
    const client = await findInUse(services, c.req.valid('param').id);
    return c.json({ signing_secret: await rotateSecret(deps, client, services.clock.now()) }, 200);
  });
}

async function find(services: Services, id: string): Promise<Client> {
  const client = await services.stores.clients.get(id);
  if (client === null) throw new ProblemError('not-found', 'There is no client with this id.');
  return client;
}

async function findInUse(services: Services, id: string): Promise<Client> {
  const client = await find(services, id);
  if (client.revokedAt !== null) {
    throw new ProblemError('client-revoked', 'A revoked client stays as it is: make a new one.');
  }
  return client;
}

function clientJson(client: Client): z.infer<typeof ClientJson> {
  return {
    id: client.id,
    name: client.name,
    max_active_tasks: client.maxActiveTasks,
    daily_credit_limit: client.dailyCreditLimit,
    has_own_upstream_key: client.accountId !== OPERATOR_ACCOUNT,
    created_at: isoTime(client.createdAt),
    revoked_at: client.revokedAt === null ? null : isoTime(client.revokedAt),
  };
}
