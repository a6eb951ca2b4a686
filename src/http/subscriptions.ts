import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Client } from '../domain/client.ts';
import { OPERATOR } from '../domain/subscription.ts';
import type { Subscription } from '../domain/subscription.ts';
import { audit } from './audit.ts';
import { adminToken, BODY_PROBLEMS, clientKey, json, jsonRequest, LOCATION, problems } from './contract.ts';
import { pageOf, pageQuery, pageWithin } from './page.ts';
import { TestResult } from './send-test.ts';
import type { App, AppEnv, Services } from './services.ts';
import {
  AlertSubscriptionBody,
  NewOperatorSubscription,
  pathOf,
  SubscriptionBody,
  subscriptionJson,
  SubscriptionJson,
  toSubscription,
} from './subscription-json.ts';
import {
  activateSubscription,
  findSubscription,
  makeSubscription,
  noSubscription,
  testSubscription,
} from './subscription-actions.ts';
import { jsonBody } from './validation.ts';

const MAX_ON_PAGE = 100;
const params = z.object({ id: z.string() });
const SubscriptionPage = pageOf(SubscriptionJson).openapi('SubscriptionPage');
const MAKES =
  'The same URL, events, models and format again answer the subscription that is there, active again, with headers and ' +
  'description replaced. It is told what happens from now on.';

/** The routes of subscriptions at one of their two places. */
function routesAt<Base extends string>(base: Base, whose: { ids: string; words: string }, shared: Shared) {
  const { ids, words } = whose;
  return {
    list: createRoute({
      method: 'get',
      path: base,
      ...shared,
      operationId: `list${ids}Subscriptions`,
      summary: `${words}, newest first`,
      request: { query: z.strictObject(pageQuery(MAX_ON_PAGE, MAX_ON_PAGE)) },
      responses: { 200: json(SubscriptionPage, 'A page'), ...problems(401, 422, 429) },
    }),
    get: createRoute({
      method: 'get',
      path: `${base}/{id}` as const,
      ...shared,
      operationId: `get${ids}Subscription`,
      summary: 'One subscription, with its health',
      request: { params },
      responses: { 200: json(SubscriptionJson, 'The subscription'), ...problems(401, 404, 429) },
    }),
    remove: createRoute({
      method: 'delete',
      path: `${base}/{id}` as const,
      ...shared,
      operationId: `delete${ids}Subscription`,
      summary: 'Delete a subscription',
      description: 'What is pending for it is not sent any more.',
      request: { params },
      responses: { 204: { description: 'Deleted' }, ...problems(401, 404, 429) },
    }),
    test: createRoute({
      method: 'post',
      path: `${base}/{id}/test` as const,
      ...shared,
      operationId: `test${ids}Subscription`,
      summary: "Send one signed test now, in the subscription's format",
      description: 'Whatever it is answered stops nothing.',
      request: { params },
      responses: { 200: json(TestResult, 'What the receiver said'), ...problems(401, 404, 429) },
    }),
    activate: createRoute({
      method: 'post',
      path: `${base}/{id}/activate` as const,
      ...shared,
      operationId: `activate${ids}Subscription`,
      summary: 'Take a stopped subscription up again',
      description: 'Without what it missed: `GET` of the events has that.',
      request: { params },
      responses: { 200: json(SubscriptionJson, 'It is active'), ...problems(401, 404, 409, 429) },
    }),
  };
}

type Shared = typeof CLIENTS | typeof OPERATORS;
const CLIENTS = { tags: ['Subscriptions'], security: clientKey };
const OPERATORS = { tags: ['Operators'], security: adminToken };

const create = createRoute({
  method: 'post',
  path: '/v1/subscriptions',
  ...CLIENTS,
  operationId: 'subscribe',
  summary: 'Be told of events at a standing address',
  description: MAKES,
  middleware: [jsonBody] as const,
  request: jsonRequest(SubscriptionBody),
  responses: {
    200: json(SubscriptionJson, 'The subscription that was there', LOCATION),
    201: json(SubscriptionJson, 'The new subscription', LOCATION),
    ...problems(...BODY_PROBLEMS, 401, 409, 429),
  },
});

const createOfOperator = createRoute({
  method: 'post',
  path: '/admin/subscriptions',
  ...OPERATORS,
  operationId: 'subscribeOperator',
  summary: 'Be told of events of all clients, and of what is in trouble',
  description: `${MAKES} It is signed with a secret of its own, which is shown when it is made and never again.`,
  middleware: [jsonBody] as const,
  request: jsonRequest(AlertSubscriptionBody),
  responses: {
    200: json(SubscriptionJson, 'The subscription that was there', LOCATION),
    201: json(NewOperatorSubscription, 'The new subscription, with its secret', LOCATION),
    ...problems(...BODY_PROBLEMS, 401, 409, 429),
  },
});

function pointTo(c: Context, { id, clientId }: Subscription): void {
  c.header('Location', `${new URL(c.req.url).origin}${pathOf(clientId)}/${id}`);
}

/** Standing addresses, of clients and of operators. */
export function registerSubscriptions(app: App, services: Services): void {
  app.openapi(create, async (c) => {
    const { id } = c.get('client');
    const wanted = await toSubscription(c, services, id, c.req.valid('json'));
    const made = await makeSubscription(services, wanted);
    pointTo(c, made.subscription);
    return c.json(subscriptionJson(made.subscription), made.kind === 'made' ? 201 : 200);
  });

  app.openapi(createOfOperator, async (c) => {
    const wanted = await toSubscription(c, services, OPERATOR, c.req.valid('json'));
    const made = await makeSubscription(services, wanted);
    await audit(c, services, 'subscription.made', { detail: made.subscription.id });
    pointTo(c, made.subscription);
    const shown = subscriptionJson(made.subscription);
    if (made.kind === 'known') return c.json(shown, 200);
    return c.json({ ...shown, ...(made.signingSecret && { signing_secret: made.signingSecret }) }, 201);
  });

  const mine = { ids: '', words: 'Your subscriptions' };
  registerAt(app, services, routesAt('/v1/subscriptions', mine, CLIENTS), (c) => c.get('client'));
  const operators = { ids: 'Operator', words: "The operator's subscriptions" };
  registerAt(app, services, routesAt('/admin/subscriptions', operators, OPERATORS), () => null);
}

type Routes = ReturnType<typeof routesAt<string>>;

function registerAt(
  app: App,
  services: Services,
  routes: Routes,
  clientOf: (c: Context<AppEnv>) => Client | null,
): void {
  const { subscriptions } = services.stores;
  const ownerOf = (c: Parameters<typeof clientOf>[0]): string => clientOf(c)?.id ?? OPERATOR;

  app.openapi(routes.list, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const found = await subscriptions.list(ownerOf(c), {
      limit: limit + 1,
      ...(cursor === undefined ? {} : { before: cursor }),
    });
    const rows = found.slice(0, limit).map(subscriptionJson);
    const last = found.length > limit ? rows.at(-1) : undefined;
    return c.json(
      pageWithin(rows, last?.id ?? null, ({ id }) => id),
      200,
    );
  });

  app.openapi(routes.get, async (c) => {
    const found = await findSubscription(services, c.req.valid('param').id, ownerOf(c));
    return c.json(subscriptionJson(found), 200);
  });

  app.openapi(routes.remove, async (c) => {
    const { id } = c.req.valid('param');
    if (!(await subscriptions.delete(id, ownerOf(c)))) throw noSubscription(id);
    if (clientOf(c) === null) await audit(c, services, 'subscription.deleted', { detail: id });
    return c.body(null, 204);
  });

  app.openapi(routes.test, async (c) => {
    const found = await findSubscription(services, c.req.valid('param').id, ownerOf(c));
    return c.json(await testSubscription(c, services, found, clientOf(c)), 200);
  });

  app.openapi(routes.activate, async (c) => {
    const active = await activateSubscription(services, c.req.valid('param').id, ownerOf(c));
    if (clientOf(c) === null) await audit(c, services, 'subscription.activated', { detail: active.id });
    return c.json(subscriptionJson(active), 200);
  });
}
