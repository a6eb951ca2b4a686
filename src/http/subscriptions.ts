import type { Context } from 'hono';
import type { Client } from '../domain/client.ts';
import { OPERATOR } from '../domain/subscription.ts';
import type { Subscription } from '../domain/subscription.ts';
import { audit } from './audit.ts';
import { pageWithin } from './page.ts';
import type { App, AppEnv, Services } from './services.ts';
import { pathOf, refuseInvalidSubscription, subscriptionJson, toSubscription } from './subscription-json.ts';
import { CLIENTS, create, createOfOperator, OPERATORS, routesAt } from './subscription-routes.ts';
import {
  activateSubscription,
  findSubscription,
  makeSubscription,
  noSubscription,
  testSubscription,
} from './subscription-actions.ts';

function pointTo(c: Context, { id, clientId }: Subscription): void {
  c.header('Location', `${new URL(c.req.url).origin}${pathOf(clientId)}/${id}`);
}

/** Standing addresses, of clients and of operators. */
export function registerSubscriptions(app: App, services: Services): void {
  const refuse = refuseInvalidSubscription(services);
  app.openapi(
    create,
    async (c) => {
      const { id } = c.get('client');
      const wanted = await toSubscription(c, services, id, c.req.valid('json'));
      const made = await makeSubscription(services, wanted);
      pointTo(c, made.subscription);
      return c.json(subscriptionJson(made.subscription), made.kind === 'made' ? 201 : 200);
    },
    refuse,
  );

  app.openapi(
    createOfOperator,
    async (c) => {
      const wanted = await toSubscription(c, services, OPERATOR, c.req.valid('json'));
      const made = await makeSubscription(services, wanted);
      await audit(c, services, 'subscription.made', { detail: made.subscription.id });
      pointTo(c, made.subscription);
      const shown = subscriptionJson(made.subscription);
      if (made.kind === 'known') return c.json(shown, 200);
      return c.json({ ...shown, ...(made.signingSecret && { signing_secret: made.signingSecret }) }, 201);
    },
    refuse,
  );

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
