import { createRoute, z } from '@hono/zod-openapi';
import { adminToken, BODY_PROBLEMS, clientKey, json, jsonRequest, LOCATION, problems } from './contract.ts';
import { pageOf, pageQuery } from './page.ts';
import { TestResult } from './send-test.ts';
import {
  AlertSubscriptionBody,
  NewOperatorSubscription,
  SubscriptionBody,
  SubscriptionJson,
} from './subscription-json.ts';
import { jsonBody } from './validation.ts';

const MAX_ON_PAGE = 100;
const params = z.object({ id: z.string() });
const SubscriptionPage = pageOf(SubscriptionJson).openapi('SubscriptionPage');
const MAKES =
  'The same URL, events, models and format again answer the subscription that is there, active again, with headers and ' +
  'description replaced. It is told what happens from now on.';

/** The routes of subscriptions at one of their two places. */
export function routesAt<Base extends string>(
  base: Base,
  whose: { ids: string; words: string },
  shared: Shared,
) {
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
      description: 'Its answer stops nothing.',
      request: { params },
      responses: { 200: json(TestResult, 'What the receiver said'), ...problems(401, 404, 429) },
    }),
    activate: createRoute({
      method: 'post',
      path: `${base}/{id}/activate` as const,
      ...shared,
      operationId: `activate${ids}Subscription`,
      summary: 'Take a stopped subscription up again',
      description: 'It is not sent what it missed: list the events for that.',
      request: { params },
      responses: { 200: json(SubscriptionJson, 'It is active'), ...problems(401, 404, 409, 429) },
    }),
  };
}

export type Shared = typeof CLIENTS | typeof OPERATORS;
export const CLIENTS = { tags: ['Subscriptions'], security: clientKey };
export const OPERATORS = { tags: ['Operators'], security: adminToken };

export const create = createRoute({
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

export const createOfOperator = createRoute({
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
