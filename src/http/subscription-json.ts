import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { problemOfCallbackHeaders } from '../domain/callback-headers.ts';
import { isoTime } from '../domain/clock.ts';
import { ALERTS, ENDS, TASK_EVENTS } from '../domain/events/event.ts';
import type { EventType } from '../domain/events/event.ts';
import { modelIdsOf } from '../domain/models/catalog.ts';
import { FORMATS, OPERATOR } from '../domain/subscription.ts';
import type { Subscription } from '../domain/subscription.ts';
import { judgeCallbackUrl } from '../domain/url-policy.ts';
import type { NewSubscription } from '../engine/subscriptions.ts';
import { refuseWithAll } from './all-faults.ts';
import type { AnyBody } from './all-faults.ts';
import { invalid } from './problem.ts';
import type { FieldError } from './problem.ts';
import type { Services } from './services.ts';
import { callbackPolicy, hostOf } from './task-request.ts';

const MAX_DESCRIPTION = 200;
/** As many names as there are, and some given twice; the rest is no list that anybody means. */
const MAX_NAMES = 100;
const time = z.iso.datetime();
const EVENTS = [...TASK_EVENTS, ...ALERTS] as const;

function bodyWith<Event extends EventType>(events: readonly [Event, ...Event[]]) {
  const names = z.enum(events, `must be among ${events.join(', ')}`);
  return z.strictObject({
    url: z.string('must be a URL').openapi({ example: 'https://hooks.example.com/ringback' }),
    events: z
      .array(names, 'must be a list')
      .min(1, 'must name at least one event; leave it out for the three ends of a task')
      .max(MAX_NAMES, `may have at most ${MAX_NAMES} names`)
      .nullish()
      .openapi({ description: `By default ${ENDS.join(', ')}.` }),
    models: z
      .array(z.string('must be the id of a model'), 'must be a list')
      .min(1, 'must name at least one model; leave it out for all')
      .max(MAX_NAMES, `may have at most ${MAX_NAMES} names`)
      .nullish()
      .openapi({ description: 'Ids of models; by default all.' }),
    headers: z
      .record(z.string(), z.string('must be text'), 'must be an object of header names and values')
      .nullish()
      .openapi({ description: 'At most 10, sent with each message; sealed at rest and never read back.' }),
    format: z
      .enum(FORMATS, `must be one of ${FORMATS.join(', ')}`)
      .nullish()
      .openapi({
        description: '`json`, the default, is the flat body; the others are a sentence for a chat.',
      }),
    description: z
      .string('must be text')
      .max(MAX_DESCRIPTION, `may have at most ${MAX_DESCRIPTION} characters`)
      .nullish(),
  });
}

/** What a client, and what an operator may subscribe to. */
export const SubscriptionBody = bodyWith(TASK_EVENTS).openapi('SubscriptionRequest', {
  example: { url: 'https://hooks.example.com/all', events: ['task.succeeded', 'task.failed'] },
});
export const AlertSubscriptionBody = bodyWith(EVENTS).openapi('OperatorSubscriptionRequest', {
  example: { url: 'https://hooks.example.com/alerts', events: ['receiver.failing', 'receiver.recovered'] },
});

const Shown = z.object({
  id: z.string().openapi({ example: 'sub_01kapzk2rfq7w3v5x8n0c4t6ym' }),
  url: z.string(),
  events: z.array(z.enum(EVENTS)),
  models: z.array(z.string()).nullable(),
  format: z.enum(FORMATS),
  description: z.string().nullable(),
  state: z.enum(['active', 'stopped']),
  stopped_reason: z.string().nullable().openapi({ description: 'In words: what stopped it.' }),
  created_at: time,
  last_delivered_at: time.nullable().openapi({ description: 'As of at most a minute ago.' }),
  last_status: z.int().nullable().openapi({ description: 'What it answered last; null if it did not.' }),
});

export const SubscriptionJson = Shown.openapi('Subscription');
export const NewOperatorSubscription = Shown.extend({
  signing_secret: z.string().optional().openapi({ description: 'Signs its messages; shown this once.' }),
}).openapi('OperatorSubscription');

/** A subscription as its owner sees it. */
export function subscriptionJson(subscription: Subscription): z.infer<typeof SubscriptionJson> {
  const { lastDeliveredAt } = subscription;
  return {
    id: subscription.id,
    url: subscription.url,
    events: Array.from(subscription.events),
    models: subscription.models && Array.from(subscription.models),
    format: subscription.format,
    description: subscription.description,
    state: subscription.state,
    stopped_reason: subscription.stoppedReason,
    created_at: isoTime(subscription.createdAt),
    last_delivered_at: lastDeliveredAt === null ? null : isoTime(lastDeliveredAt),
    last_status: subscription.lastStatus,
  };
}

/** The hook of a route that subscriptions are made at. */
export function refuseInvalidSubscription(services: Services) {
  return refuseWithAll(async (c, body) => await subscriptionFaults(c, services, body));
}

const Judged = z.object({
  url: z.string().optional().catch(undefined),
  headers: z.record(z.string(), z.string()).nullish().catch(null),
  models: z.array(z.unknown()).nullish().catch(null),
});

/** The checks that need more than the body's schema: the policy of the deployment, and the models that there are. */
async function subscriptionFaults(
  c: Context,
  { config, models: catalog }: Services,
  body: AnyBody,
): Promise<FieldError[]> {
  const { url, headers, models } = Judged.parse(body);
  const errors: FieldError[] = [];
  const verdict = url === undefined ? null : judgeCallbackUrl(url, callbackPolicy(c, config));
  if (verdict !== null && !verdict.ok) errors.push({ path: 'url', message: verdict.problem });
  const bad = problemOfCallbackHeaders(headers ?? {});
  if (bad !== null) errors.push({ path: `headers.${bad.name}`, message: bad.problem });
  for (const [i, model] of (models ?? []).slice(0, MAX_NAMES).entries()) {
    if (typeof model !== 'string') continue;
    // One that is disabled may run on, and be enabled again.
    const isKnown = (await catalog.find(model)) !== null || catalog.known().entry(model) !== undefined;
    const message = `must be one of: ${modelIdsOf(catalog.known()).join(', ')}`;
    if (!isKnown) errors.push({ path: `models.${i}`, message });
  }
  return errors;
}

/** A valid body as what it asks for; 422 where its values are not allowed. */
export async function toSubscription(
  c: Context,
  services: Services,
  owner: string,
  body: z.infer<typeof AlertSubscriptionBody>,
): Promise<NewSubscription> {
  const { url } = body;
  const errors = await subscriptionFaults(c, services, body);
  const verdict = judgeCallbackUrl(url, callbackPolicy(c, services.config));
  if (!verdict.ok || errors.length > 0) throw invalid(errors);
  const models = body.models ?? null;
  const headers = body.headers ?? {};
  return {
    clientId: owner,
    url,
    host: verdict.host,
    relayHost: hostOf(c),
    events: Array.from(new Set<EventType>(body.events ?? ENDS)),
    models: models && Array.from(new Set(models)),
    format: body.format ?? 'json',
    description: body.description ?? null,
    headers,
  };
}

/** Where the subscriptions of an owner stand. */
export function pathOf(owner: string): '/admin/subscriptions' | '/v1/subscriptions' {
  return owner === OPERATOR ? '/admin/subscriptions' : '/v1/subscriptions';
}
