import { z } from '@hono/zod-openapi';
import { isoTime } from '../domain/clock.ts';
import { OPERATOR_KEY } from '../domain/client.ts';
import type { Client } from '../domain/client.ts';
import { DEFAULT_MAX_QUEUED } from '../store/stock.ts';

const name = z
  .string({ error: ({ input }) => (input === undefined || input === null ? 'is required' : 'must be text') })
  .trim()
  .min(1, 'must not be empty')
  .refine((text) => text.isWellFormed() && !/[\p{Cc}\p{Bidi_Control}]/u.test(text), 'must be printable text')
  .max(200, 'may have at most 200 characters');
const upstreamApiKey = z
  .string('must be text')
  .regex(/^[\u0021-\u007e]{1,512}$/, 'must be 1 to 512 printable characters without spaces')
  .openapi({ description: "The client's own upstream key; without it the operator's is used." });
const callbackJwt = z.boolean('must be true or false').openapi({
  description:
    'Callbacks carry a JWT too (HS256 with the signing secret), for tools that check a token and no HMAC.',
});
const keepResults = z.boolean('must be true or false').openapi({
  description:
    'Where Ringback has a bucket, result files are copied into it before the end of a task is told. True unless given.',
});
const failureCallbackUrl = z.string('must be a URL').openapi({
  description: 'Called once (`callback.failed`) for each callback of this client that is given up.',
});
const limit = z.int('must be a whole number').min(1, 'must be at least 1');

const maxQueuedTasks = z
  .int('must be a whole number')
  .min(1, 'must be at least 1')
  .max(1_000_000, 'must be at most 1000000')
  .openapi({
    description: `Tasks that may wait here at once; beyond that a post is 429. ${DEFAULT_MAX_QUEUED} unless given.`,
  });

export const NewClientBody = z
  .strictObject({
    name,
    upstream_api_key: upstreamApiKey.nullish(),
    max_active_tasks: limit.nullish(),
    daily_credit_limit: limit.nullish(),
    max_queued_tasks: maxQueuedTasks.nullish(),
    callback_jwt: callbackJwt.nullish(),
    keep_results: keepResults.nullish(),
    failure_callback_url: failureCallbackUrl.nullish(),
  })
  .openapi('NewClient', { example: { name: 'zapier', max_active_tasks: 5 } });

export const ClientChanges = z
  .strictObject({
    name: name.nullish(),
    upstream_api_key: upstreamApiKey.nullish(),
    max_active_tasks: limit.nullish(),
    daily_credit_limit: limit.nullish(),
    max_queued_tasks: maxQueuedTasks.nullish(),
    callback_jwt: callbackJwt.nullish(),
    keep_results: keepResults.nullish(),
    failure_callback_url: failureCallbackUrl.nullish(),
  })
  .openapi('ClientChanges', {
    description:
      'What is left out stays, and so does a name of null; null removes a limit, the own upstream key or the failure URL, ' +
      `and sets max_queued_tasks to ${DEFAULT_MAX_QUEUED}.`,
    example: { name: 'zapier, sales', daily_credit_limit: null },
  });

const identity = { id: z.string(), name: z.string() };
const fields = {
  max_active_tasks: z.int().nullable(),
  daily_credit_limit: z.int().nullable(),
  max_queued_tasks: z.int(),
  has_own_upstream_key: z.boolean(),
  callback_jwt: z.boolean(),
  keep_results: z.boolean(),
  failure_callback_url: z.string().nullable(),
  created_at: z.iso.datetime(),
  revoked_at: z.iso.datetime().nullable(),
};
export const ClientJson = z.object({ ...identity, ...fields }).openapi('Client');
export const signing_secret = z
  .string()
  .openapi({ description: 'Verifies callbacks (Standard Webhooks, `whsec_…`).' });
export const key = z.string().openapi({ description: 'Shown this once.' });
export const NewClientJson = z
  .object({ ...identity, key, signing_secret, ...fields })
  .openapi('CreatedClient');

/** A client as the operator sees it: no secret, and no hash of one. */
export function clientJson(client: Client): z.infer<typeof ClientJson> {
  return {
    id: client.id,
    name: client.name,
    max_active_tasks: client.maxActiveTasks,
    daily_credit_limit: client.dailyCreditLimit,
    max_queued_tasks: client.maxQueuedTasks,
    has_own_upstream_key: client.accountId !== OPERATOR_KEY,
    callback_jwt: client.callbackJwt === 1,
    keep_results: client.keepResults === 1,
    failure_callback_url: client.failureCallbackUrl,
    created_at: isoTime(client.createdAt),
    revoked_at: client.revokedAt === null ? null : isoTime(client.revokedAt),
  };
}
