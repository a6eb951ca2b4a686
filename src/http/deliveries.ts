import { createRoute, z } from '@hono/zod-openapi';
import { isoTime } from '../domain/clock.ts';
import type { Delivery } from '../domain/delivery.ts';
import { redeliver } from '../engine/redeliver.ts';
import { attemptPage, AttemptPage, AttemptsQuery } from './attempts.ts';
import { clientKey, json, problems } from './contract.ts';
import { ProblemError } from './problem.ts';
import { findTask } from './find-task.ts';
import type { App, Services } from './services.ts';
import { TaskId } from './task-json.ts';

const TAG = { tags: ['Callbacks'], security: clientKey };
const time = z.iso.datetime();
const params = z.object({ id: z.string().openapi({ example: 'msg_01kapzk2rfq7w3v5x8n0c4t6ym' }) });

const DeliveryJson = z
  .object({
    id: z.string().openapi({ description: 'The `webhook-id`.' }),
    kind: z.enum(['callback', 'subscription', 'notice']),
    subscription_id: z.string().nullable(),
    event: z.string().openapi({ example: 'task.succeeded' }),
    url: z.string(),
    state: z.enum(['pending', 'delivered', 'failed']),
    attempts: z.int(),
    last_status: z.int().nullable(),
    next_attempt_at: time.nullable(),
    delivered_at: time.nullable(),
    created_at: time,
  })
  .openapi('Delivery');

const list = createRoute({
  method: 'get',
  path: '/v1/tasks/{id}/deliveries',
  ...TAG,
  operationId: 'listDeliveries',
  summary: 'What was sent about a task, oldest first',
  description:
    'Its callback, what subscriptions were told, and the notice that the callback was given up. Empty while the task has no end ' +
    'and nothing was sent.',
  request: { params: z.object({ id: TaskId }) },
  responses: {
    200: json(z.object({ data: z.array(DeliveryJson) }), 'The deliveries'),
    ...problems(401, 404, 429),
  },
});

const attempts = createRoute({
  method: 'get',
  path: '/v1/deliveries/{id}/attempts',
  ...TAG,
  operationId: 'listDeliveryAttempts',
  summary: 'The log of attempts of a delivery, oldest first',
  request: { params, query: AttemptsQuery },
  responses: { 200: json(AttemptPage, 'The attempts'), ...problems(401, 404, 422, 429) },
});

const sendAgain = createRoute({
  method: 'post',
  path: '/v1/deliveries/{id}/redeliver',
  ...TAG,
  operationId: 'redeliver',
  summary: 'Send a delivery again',
  description: 'With the same `webhook-id`; a callback with the result as upstream gives it now.',
  request: { params },
  responses: { 202: json(DeliveryJson, 'The delivery is due'), ...problems(401, 404, 409, 429) },
});

function deliveryJson(delivery: Delivery): z.infer<typeof DeliveryJson> {
  const { dueAt, deliveredAt } = delivery;
  return {
    id: delivery.id,
    kind: delivery.kind,
    subscription_id: delivery.subscriptionId,
    event: delivery.event,
    url: delivery.url,
    state: delivery.state,
    attempts: delivery.attempts,
    last_status: delivery.lastStatus,
    next_attempt_at: dueAt === null ? null : isoTime(dueAt),
    delivered_at: deliveredAt === null ? null : isoTime(deliveredAt),
    created_at: isoTime(delivery.createdAt),
  };
}

/** 404 for what is not there and for what is somebody else's: no answer tells the two apart. */
async function findDelivery({ stores }: Services, id: string, clientId: string): Promise<Delivery> {
  const delivery = await stores.deliveries.get(id, clientId);
  if (delivery === null)
    throw new ProblemError('not-found', `There is no delivery ${JSON.stringify(id.slice(0, 64))}.`);
  return delivery;
}

/** Each message on its way to an address, for the owner of the task that it is about. */
export function registerDeliveries(app: App, services: Services): void {
  app.openapi(list, async (c) => {
    const task = await findTask(services, c.req.valid('param').id, c.get('client').id);
    const deliveries = await services.stores.deliveries.ofTask(task.id, task.clientId);
    return c.json({ data: deliveries.map(deliveryJson) }, 200);
  });

  app.openapi(attempts, async (c) => {
    const delivery = await findDelivery(services, c.req.valid('param').id, c.get('client').id);
    return c.json(await attemptPage(services, delivery.id, c.req.valid('query')), 200);
  });

  app.openapi(sendAgain, async (c) => {
    const delivery = await findDelivery(services, c.req.valid('param').id, c.get('client').id);
    const { subscriptionId } = delivery;
    if (subscriptionId !== null && !(await services.stores.subscriptions.isThere(subscriptionId)))
      throw new ProblemError(
        'subscription-deleted',
        'Its subscription was deleted, so there is nobody to send it to. GET /v1/events has what it told.',
      );
    const pending = await redeliver(services, delivery);
    if (pending === null) throw new ProblemError('not-found', 'The delivery was erased meanwhile.');
    return c.json(deliveryJson(pending), 202);
  });
}
