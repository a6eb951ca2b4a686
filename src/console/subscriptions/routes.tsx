import type { Context } from 'hono';
import { ALERTS, ENDS, TASK_EVENTS } from '../../domain/events/event.ts';
import type { Client } from '../../domain/client.ts';
import { OPERATOR } from '../../domain/subscription.ts';
import { audit } from '../../http/audit.ts';
import type { Audited } from '../../http/audit.ts';
import { findClient } from '../../http/client-changes.ts';
import { ProblemError } from '../../http/problem.ts';
import type { Services } from '../../http/services.ts';
import {
  activateSubscription,
  findSubscription,
  makeSubscription,
  testSubscription,
} from '../../http/subscription-actions.ts';
import { AlertSubscriptionBody, SubscriptionBody, toSubscription } from '../../http/subscription-json.ts';
import { refuseInvalid } from '../../http/validation.ts';
import type { ConsoleApp, ConsoleEnv } from '../env.ts';
import { Page } from '../layout.tsx';
import { SubscriptionsPage } from './page.tsx';
import type { Done, Place } from './page.tsx';

type Ctx = Context<ConsoleEnv>;

/** Whose subscriptions a request is about: the operator's own, or a client's. */
interface Owner {
  /** Null: the operator. */
  readonly client: Client | null;
  readonly place: Place;
}

const MINE: Omit<Place, 'events' | 'chosen'> = {
  base: '/console/subscriptions',
  title: 'Subscriptions',
  note: 'Addresses that are told of every task, beside the callbacks: a channel, a tool, a program.',
  from: null,
};

/** Standing addresses: a client's own, the operator's alerts, and for the operator those of each client. */
export function registerSubscriptionPages(app: ConsoleApp, services: Services): void {
  registerAt(app, services, '/subscriptions', async (c) => {
    const viewer = c.get('viewer');
    if (viewer.kind === 'client')
      return { client: viewer.client, place: { ...MINE, events: TASK_EVENTS, chosen: ENDS } };
    const note =
      'Hear of what is in trouble before your clients do: in Slack, Discord, Teams, or by a webhook.';
    const place = {
      ...MINE,
      title: 'Alerts',
      note,
      events: [...ALERTS, ...TASK_EVENTS],
      chosen: [...ALERTS, 'callback.failed' as const],
    };
    return { client: null, place };
  });

  // Behind `/clients/*`, which is the operator's alone.
  registerAt(app, services, '/clients/:client/subscriptions', async (c) => {
    const client = await findClient(services, c.req.param('client') ?? '');
    const href = `/console/clients/${client.id}`;
    const note = `Addresses that ${client.name} has told of every task. The client adds them by its key.`;
    const from = { href, name: client.name };
    return {
      client,
      place: { ...MINE, base: `${href}/subscriptions`, note, events: null, chosen: [], from },
    };
  });
}

function idOf({ client }: Owner): string {
  return client?.id ?? OPERATOR;
}

function registerAt(
  app: ConsoleApp,
  services: Services,
  path: string,
  ownerOf: (c: Ctx) => Promise<Owner>,
): void {
  const { stores, clock } = services;
  // The operator may change a client's too.
  const auditChange = async (c: Ctx, { client }: Owner, what: Audited, id: string): Promise<void> => {
    if (c.get('viewer').kind === 'operator')
      await audit(c, services, what, { clientId: client?.id ?? null, detail: id });
  };
  const show = async (c: Ctx, owner: Owner, done: Done): Promise<Response> => {
    const subscriptions = await stores.subscriptions.list(idOf(owner));
    if (done.problem !== undefined) c.status(done.problem.status);
    const section = owner.place.from === null ? 'subscriptions' : 'clients';
    return await c.html(
      <Page title={owner.place.title} viewer={c.get('viewer')} section={section}>
        <SubscriptionsPage place={owner.place} subscriptions={subscriptions} done={done} now={clock.now()} />
      </Page>,
    );
  };

  app.get(path, async (c) => {
    const words = c.req.query('done');
    const done = words === undefined ? {} : { words: DONE[words] ?? 'Done.' };
    return await show(c, await ownerOf(c), done);
  });

  app.post(path, async (c) => {
    const owner = await ownerOf(c);
    if (owner.place.events === null) throw new ProblemError('not-found', 'Nothing is added here.');
    const form = await c.req.parseBody({ all: true });
    try {
      const body = bodyOf(form, owner.client === null);
      const wanted = await toSubscription(c, services, idOf(owner), body);
      const made = await makeSubscription(services, wanted);
      await auditChange(c, owner, 'subscription.made', made.subscription.id);
      const signingSecret = made.kind === 'made' ? made.signingSecret : null;
      const words = made.kind === 'made' ? 'It is connected.' : 'It was connected already, and is active.';
      // Whether it works is what people want to know next.
      const tested = await testSubscription(c, services, made.subscription, owner.client);
      return await show(c, owner, { words, signingSecret, tested });
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      return await show(c, owner, { problem: error, typed: typedOf(form) });
    }
  });

  app.post(`${path}/:id/test`, async (c) => {
    const owner = await ownerOf(c);
    const found = await findSubscription(services, c.req.param('id') ?? '', idOf(owner));
    return await show(c, owner, { tested: await testSubscription(c, services, found, owner.client) });
  });

  app.post(`${path}/:id/activate`, async (c) => {
    const owner = await ownerOf(c);
    const active = await activateSubscription(services, c.req.param('id') ?? '', idOf(owner));
    await auditChange(c, owner, 'subscription.activated', active.id);
    return c.redirect(`${owner.place.base}?done=activated`, 303);
  });

  app.post(`${path}/:id/delete`, async (c) => {
    const owner = await ownerOf(c);
    const id = c.req.param('id') ?? '';
    if (await stores.subscriptions.delete(id, idOf(owner)))
      await auditChange(c, owner, 'subscription.deleted', id);
    return c.redirect(`${owner.place.base}?done=deleted`, 303);
  });
}

const DONE: Readonly<Record<string, string>> = {
  activated: 'It is active again, without what it missed.',
  deleted: 'It is deleted, and told nothing more.',
};

type Form = Readonly<Record<string, unknown>>;

function bodyOf(form: Form, isOperator: boolean) {
  const { url, description, format, events } = typedOf(form);
  const body = { url, description: description === '' ? null : description, format, events };
  const parsed = (isOperator ? AlertSubscriptionBody : SubscriptionBody).safeParse(body);
  refuseInvalid(parsed);
  return AlertSubscriptionBody.parse(body);
}

function typedOf(form: Form) {
  const text = (name: string): string => {
    const value = form[name];
    return typeof value === 'string' ? value.trim() : '';
  };
  const events = [form['events'] ?? []].flat().filter((one) => typeof one === 'string');
  return { url: text('url'), description: text('description'), format: text('format'), events };
}
