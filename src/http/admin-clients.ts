import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { sha256Hex } from '../domain/hex.ts';
import { judgeCallbackUrl } from '../domain/url-policy.ts';
import { createClient, keepUpstreamKey } from '../engine/clients.ts';
import { together } from '../engine/outcome.ts';
import type { Client } from '../store/clients.ts';
import { newClientKey } from './auth.ts';
import { ClientChanges, ClientJson, clientJson, NewClientBody, NewClientJson } from './client-json.ts';
import { adminToken, BODY_PROBLEMS, json, jsonRequest, problems } from './contract.ts';
import { invalid, ProblemError } from './problem.ts';
import { callbackPolicy } from './task-request.ts';
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
  const { clients } = services.stores;
  const deps = { clients, secrets: services.secrets, randomBytes: services.randomBytes };

  app.openapi(create, async (c) => {
    const body = c.req.valid('json');
    const newKey = newClientKey(services.randomBytes);
    const given = {
      name: body.name,
      keyHash: await sha256Hex(newKey),
      upstreamApiKey: body.upstream_api_key ?? null,
      maxActiveTasks: body.max_active_tasks ?? null,
      dailyCreditLimit: body.daily_credit_limit ?? null,
      callbackJwt: body.callback_jwt === true ? (1 as const) : (0 as const),
      failureCallbackUrl: checkFailureUrl(c, services, body.failure_callback_url ?? null),
    };
    const { client, signingSecret } = await createClient(deps, given, services.clock.now());
    const { id, name: givenName, ...rest } = clientJson(client);
    return c.json({ id, name: givenName, key: newKey, signing_secret: signingSecret, ...rest }, 201);
  });

  app.openapi(list, async (c) => c.json({ data: (await clients.list()).map(clientJson) }, 200));

  app.openapi(get, async (c) => c.json(clientJson(await findClient(services, c.req.valid('param').id)), 200));

  app.openapi(patch, async (c) => {
    const client = await findInUse(services, c.req.valid('param').id);
    const body = c.req.valid('json');
    await clients.update(client.id, {
      ...(body.name === undefined || body.name === null ? {} : { name: body.name }),
      ...(body.max_active_tasks === undefined ? {} : { maxActiveTasks: body.max_active_tasks }),
      ...(body.daily_credit_limit === undefined ? {} : { dailyCreditLimit: body.daily_credit_limit }),
      ...(body.upstream_api_key === undefined
        ? {}
        : { accountId: await keepUpstreamKey(deps, body.upstream_api_key, services.clock.now()) }),
      ...(typeof body.callback_jwt === 'boolean' ? { callbackJwt: body.callback_jwt ? 1 : 0 } : {}),
      ...(body.failure_callback_url === undefined
        ? {}
        : { failureCallbackUrl: checkFailureUrl(c, services, body.failure_callback_url) }),
    });
    const changed = await findClient(services, client.id);
    // What waits for the client's own limit finds room now, if there is more of it.
    if (body.max_active_tasks !== undefined) {
      const wake = { accountId: changed.accountId, clientId: changed.id, isEnd: false };
      const now = services.clock.now();
      await services.stores.outcomes.settle({ ...together([{ wake }]), hosts: new Map(), now });
    }
    return c.json(clientJson(changed), 200);
  });

  app.openapi(revoke, async (c) => {
    const client = await findClient(services, c.req.valid('param').id);
    if (client.revokedAt === null) await clients.update(client.id, { revokedAt: services.clock.now() });
    return c.body(null, 204);
  });
}

/** 404 where there is none. */
export async function findClient(services: Services, id: string): Promise<Client> {
  const client = await services.stores.clients.get(id);
  if (client === null) throw new ProblemError('not-found', 'There is no client with this id.');
  return client;
}

/** 404 where there is none, 409 where it was revoked. */
export async function findInUse(services: Services, id: string): Promise<Client> {
  const client = await findClient(services, id);
  if (client.revokedAt !== null) {
    throw new ProblemError('client-revoked', 'A revoked client stays as it is: make a new one.');
  }
  return client;
}

function checkFailureUrl(c: Context, services: Services, url: string | null): string | null {
  if (url === null) return null;
  const verdict = judgeCallbackUrl(url, callbackPolicy(c, services.config));
  if (!verdict.ok) throw invalid([{ path: 'failure_callback_url', message: verdict.problem }]);
  return url;
}
