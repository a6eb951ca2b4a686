import type { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { sha256Hex } from '../domain/hex.ts';
import { judgeCallbackUrl } from '../domain/url-policy.ts';
import { createClient, keepUpstreamKey, rotateSecret } from '../engine/clients.ts';
import { cancelAllOf } from '../engine/cancel.ts';
import type { Client } from '../domain/client.ts';
import { DEFAULT_MAX_QUEUED } from '../store/stock.ts';
import { audit } from './audit.ts';
import { newClientKey } from './auth.ts';
import type { ClientChanges, NewClientBody } from './client-json.ts';
import { invalid, ProblemError } from './problem.ts';
import type { FieldError } from './problem.ts';
import type { AnyBody } from './all-faults.ts';
import type { Services } from './services.ts';
import { callbackPolicy } from './task-request.ts';

/** A client that was just made; its key and signing secret are shown this once. */
export interface MadeClient {
  readonly client: Client;
  readonly key: string;
  readonly signingSecret: string;
}

/** Makes a client; 422 where its failure URL would not be called. */
export async function makeClient(
  c: Context,
  services: Services,
  body: z.infer<typeof NewClientBody>,
): Promise<MadeClient> {
  const key = newClientKey(services.randomBytes);
  const given = {
    name: body.name,
    keyHash: await sha256Hex(key),
    upstreamApiKey: body.upstream_api_key ?? null,
    maxActiveTasks: body.max_active_tasks ?? null,
    dailyCreditLimit: body.daily_credit_limit ?? null,
    maxQueuedTasks: body.max_queued_tasks ?? DEFAULT_MAX_QUEUED,
    callbackJwt: body.callback_jwt === true ? (1 as const) : (0 as const),
    keepResults: body.keep_results === false ? (0 as const) : (1 as const),
    failureCallbackUrl: checkFailureUrl(c, services, body.failure_callback_url ?? null),
  };
  const { client, signingSecret } = await createClient(depsOf(services), given, services.clock.now());
  await audit(c, services, 'client.created', { clientId: client.id, detail: client.name });
  return { client, key, signingSecret };
}

/** Changes what is given, and returns the client as it is then; 422 where its failure URL would not be called. */
export async function changeClient(
  c: Context,
  services: Services,
  { id }: Client,
  body: z.infer<typeof ClientChanges>,
): Promise<Client> {
  await services.stores.clients.update(id, {
    ...(body.name === undefined || body.name === null ? {} : { name: body.name }),
    ...(body.max_active_tasks === undefined ? {} : { maxActiveTasks: body.max_active_tasks }),
    ...(body.daily_credit_limit === undefined ? {} : { dailyCreditLimit: body.daily_credit_limit }),
    ...(body.max_queued_tasks === undefined
      ? {}
      : { maxQueuedTasks: body.max_queued_tasks ?? DEFAULT_MAX_QUEUED }),
    ...(body.upstream_api_key === undefined
      ? {}
      : { accountId: await keepUpstreamKey(depsOf(services), body.upstream_api_key, services.clock.now()) }),
    ...(typeof body.callback_jwt === 'boolean' ? { callbackJwt: body.callback_jwt ? 1 : 0 } : {}),
    ...(typeof body.keep_results === 'boolean' ? { keepResults: body.keep_results ? 1 : 0 } : {}),
    ...(body.failure_callback_url === undefined
      ? {}
      : { failureCallbackUrl: checkFailureUrl(c, services, body.failure_callback_url) }),
  });
  await audit(c, services, 'client.changed', { clientId: id, detail: Object.keys(body).join(', ') });
  return await findClient(services, id);
}

/**
 * Stops a client's key at once; once is enough. What waits here is canceled, and what runs upstream too if `withRunning`: whoever is
 * cut off meanwhile may ask again, and the cron cancels what waits.
 */
export async function revokeClient(
  c: Context,
  services: Services,
  client: Client,
  withRunning: boolean,
): Promise<void> {
  if (client.revokedAt === null)
    await services.stores.clients.update(client.id, { revokedAt: services.clock.now() });
  const detail = withRunning ? `${client.name}; its running tasks are canceled too` : client.name;
  await audit(c, services, 'client.revoked', { clientId: client.id, detail });
  await cancelAllOf(services, client.id, { withRunning });
}

/** A new key; the old one stops at once. */
export async function rotateClientKey(c: Context, services: Services, client: Client): Promise<string> {
  const key = newClientKey(services.randomBytes);
  await services.stores.clients.update(client.id, { keyHash: await sha256Hex(key) });
  await audit(c, services, 'client.key-rotated', { clientId: client.id, detail: client.name });
  return key;
}

/** A new signing secret; each that was replaced signs beside it for 24 h. */
export async function rotateClientSecret(c: Context, services: Services, client: Client): Promise<string> {
  const secret = await rotateSecret(depsOf(services), client, services.clock.now());
  await audit(c, services, 'client.secret-rotated', { clientId: client.id, detail: client.name });
  return secret;
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

function depsOf({ stores, secrets, randomBytes }: Services) {
  return { clients: stores.clients, secrets, randomBytes };
}

/** What of a client's body is at fault beyond its schema, where other parts of it are too. */
export function clientFaults(c: Context, services: Services, body: AnyBody): FieldError[] {
  const url = body['failure_callback_url'];
  return typeof url === 'string' ? failureUrlFaults(c, services, url) : [];
}

function checkFailureUrl(c: Context, services: Services, url: string | null): string | null {
  if (url === null) return null;
  const faults = failureUrlFaults(c, services, url);
  if (faults.length > 0) throw invalid(faults);
  return url;
}

function failureUrlFaults(c: Context, { config }: Services, url: string): FieldError[] {
  const verdict = judgeCallbackUrl(url, callbackPolicy(c, config));
  return verdict.ok ? [] : [{ path: 'failure_callback_url', message: verdict.problem }];
}
