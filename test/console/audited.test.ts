import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';

import { createConsole } from '../../src/console/app.tsx';
import { browserOf } from '../support/browser.ts';
import type { Browser } from '../support/browser.ts';
import { startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

const HOOK = 'https://hooks.example.com/42';
const BUILTIN = 'seedance-2.0-text-to-video';
const NOVA = {
  title: 'Nova 1',
  media: 'video',
  input_schema: { type: 'object', properties: { prompt: { type: 'string' } }, required: ['prompt'] },
  credits: { flat: 5 },
};
const FORM = {
  id: 'nova-2',
  title: 'Nova 2',
  media: 'video',
  schema: JSON.stringify(NOVA.input_schema),
  price: 'flat',
  rates: '5',
};

/** What there is to change: of a client, of the operator. */
async function stock() {
  const relay = await startRelay({ timeScale: 0 });
  relay.receiver('hooks.example.com', [{ status: 410 }]);
  const admin = relay.admin();
  const client = await relay.client();
  const me = relay.as(client.key);
  const { body: ended } = await me.post('/v1/tasks', video('a fox', { callback_url: HOOK }));
  await relay.tickUntil(async () => (await me.get(`/v1/tasks/${ended.id}`)).body.callback.state === 'failed');
  const { body: open } = await me.post('/v1/tasks', video('[never]'));
  await admin.put('/admin/models/nova-1', NOVA);
  const stopped = async (post: typeof admin.post, path: string, url: string): Promise<string> => {
    const { body } = await post(path, { url });
    await env.DB.prepare(`update subscriptions set state = 'stopped' where id = ?1`).bind(body.id).run();
    return body.id;
  };
  return {
    relay,
    key: client.key,
    ids: {
      client: client.id,
      ended: ended.id,
      open: open.id,
      mine: await stopped(admin.post, '/admin/subscriptions', 'https://hooks.example.com/mine'),
      theirs: await stopped(me.post, '/v1/subscriptions', 'https://hooks.example.com/theirs'),
    },
  };
}

type Ids = Awaited<ReturnType<typeof stock>>['ids'];

/** A way to change something, and what is written down of it; null where nothing of the kind changes. */
interface Way<Body = Record<string, string>> {
  readonly path?: (ids: Ids) => string;
  readonly send?: (ids: Ids) => Body;
  readonly written: string | null;
}

const API: Readonly<Record<string, Way<object>>> = {
  'post /admin/clients': { send: () => ({ name: 'another' }), written: 'client.created' },
  'patch /admin/clients/{id}': { send: () => ({ name: 'renamed' }), written: 'client.changed' },
  'delete /admin/clients/{id}': { written: 'client.revoked' },
  'post /admin/clients/{id}/rotate-key': { written: 'client.key-rotated' },
  'post /admin/clients/{id}/rotate-secret': { written: 'client.secret-rotated' },
  'post /admin/redeliveries': {
    send: () => ({ since: '2026-11-22T00:00:00Z', callback_state: 'failed' }),
    written: 'callbacks.redelivered',
  },
  'put /admin/models/{id}': {
    path: () => `/admin/models/${BUILTIN}`,
    send: () => ({ disabled: true }),
    written: 'model.changed',
  },
  'delete /admin/models/{id}': { path: () => '/admin/models/nova-1', written: 'model.deleted' },
  'post /admin/subscriptions': { send: () => ({ url: HOOK }), written: 'subscription.made' },
  'delete /admin/subscriptions/{id}': {
    path: ({ mine }) => `/admin/subscriptions/${mine}`,
    written: 'subscription.deleted',
  },
  'post /admin/subscriptions/{id}/activate': {
    path: ({ mine }) => `/admin/subscriptions/${mine}/activate`,
    written: 'subscription.activated',
  },
  // Sends a test, and changes nothing.
  'post /admin/subscriptions/{id}/test': {
    path: ({ mine }) => `/admin/subscriptions/${mine}/test`,
    written: null,
  },
};

const CONSOLE: Readonly<Record<string, Way>> = {
  '/console/sign-in': { send: () => ({ credential: 'wrong' }), written: null },
  '/console/sign-out': { written: 'console.signed-out' },
  '/console/tasks/redeliver-failed': {
    send: () => ({ host: 'hooks.example.com', since: '2026-11-22T00:00' }),
    written: 'callbacks.redelivered',
  },
  '/console/tasks/:id/redeliver': {
    path: ({ ended }) => `/console/tasks/${ended}/redeliver`,
    written: 'task.redelivered',
  },
  '/console/tasks/:id/cancel': {
    path: ({ open }) => `/console/tasks/${open}/cancel`,
    written: 'task.canceled',
  },
  '/console/try/preview': { written: null },
  '/console/try': {
    send: ({ client }) => ({
      client,
      model: 'nova-1',
      'input.prompt': 'a fox',
      callback: 'none',
      action: 'post',
    }),
    written: 'task.posted',
  },
  '/console/clients': { send: () => ({ name: 'another' }), written: 'client.created' },
  '/console/clients/:id': { send: () => ({ name: 'renamed' }), written: 'client.changed' },
  '/console/clients/:id/rotate-key': { written: 'client.key-rotated' },
  '/console/clients/:id/rotate-secret': { written: 'client.secret-rotated' },
  '/console/clients/:id/revoke': { written: 'client.revoked' },
  '/console/subscriptions': {
    send: () => ({ url: 'https://hooks.example.com/new', format: 'json', events: 'task.failed' }),
    written: 'subscription.made',
  },
  '/console/subscriptions/:id/test': {
    path: ({ mine }) => `/console/subscriptions/${mine}/test`,
    written: null,
  },
  '/console/subscriptions/:id/activate': {
    path: ({ mine }) => `/console/subscriptions/${mine}/activate`,
    written: 'subscription.activated',
  },
  '/console/subscriptions/:id/delete': {
    path: ({ mine }) => `/console/subscriptions/${mine}/delete`,
    written: 'subscription.deleted',
  },
  // A client's are added by the client.
  '/console/clients/:client/subscriptions': {
    path: ({ client }) => `/console/clients/${client}/subscriptions`,
    written: null,
  },
  '/console/clients/:client/subscriptions/:id/test': {
    path: ({ client, theirs }) => `/console/clients/${client}/subscriptions/${theirs}/test`,
    written: null,
  },
  '/console/clients/:client/subscriptions/:id/activate': {
    path: ({ client, theirs }) => `/console/clients/${client}/subscriptions/${theirs}/activate`,
    written: 'subscription.activated',
  },
  '/console/clients/:client/subscriptions/:id/delete': {
    path: ({ client, theirs }) => `/console/clients/${client}/subscriptions/${theirs}/delete`,
    written: 'subscription.deleted',
  },
  '/console/new-model': { send: () => FORM, written: 'model.added' },
  '/console/new-model/preview': { send: () => FORM, written: null },
  '/console/models/:id': {
    path: () => '/console/models/nova-1',
    send: () => ({ ...FORM, id: 'nova-1' }),
    written: 'model.changed',
  },
  '/console/models/:id/delete': { path: () => '/console/models/nova-1/delete', written: 'model.deleted' },
  '/console/models/:id/disable': { path: () => '/console/models/nova-1/disable', written: 'model.changed' },
  '/console/models/:id/enable': { path: () => '/console/models/nova-1/enable', written: 'model.changed' },
};

async function written(relay: Relay): Promise<string[]> {
  const { body } = await relay.admin().get('/admin/audit?limit=200');
  return body.data.map(({ what }: { what: string }) => what);
}

/** What is written down of something that is done now. */
async function writtenBy(relay: Relay, act: () => Promise<{ status: number }>) {
  // Newest first: what was done at the same instant has no order.
  relay.clock.advance(1_000);
  const before = await written(relay);
  const { status } = await act();
  const after = await written(relay);
  return { status, whats: after.slice(0, after.length - before.length) };
}

describe('each route of the operator’s API that changes something', () => {
  it('is listed here', async () => {
    const relay = await startRelay();
    const document: { paths: Record<string, object> } = JSON.parse(
      await (await relay.request('/openapi.json')).text(),
    );
    const routes = Object.entries(document.paths)
      .filter(([path]) => path.startsWith('/admin/'))
      .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`))
      .filter((route) => !route.startsWith('get '));
    expect(routes.toSorted()).toEqual(Object.keys(API).toSorted());
  });

  it.each(Object.entries(API))('%s is written down', async (route, { path, send, written: what }) => {
    const { relay, ids } = await stock();
    const [method = '', template = ''] = route.split(' ');
    const { status, whats } = await writtenBy(relay, async () => {
      const { post, patch, put, delete: remove } = relay.admin();
      const ask = new Map<string, (at: string, body?: object) => Promise<{ status: number }>>([
        ['post', post],
        ['patch', patch],
        ['put', put],
        ['delete', async (at) => await remove(at)],
      ]).get(method);
      return (await ask?.(path?.(ids) ?? template.replace('{id}', ids.client), send?.(ids))) ?? { status: 0 };
    });
    expect([status >= 200 && status < 300, whats]).toEqual([true, what === null ? [] : [what]]);
  });
});

describe('each form of the console', () => {
  it('is listed here', async () => {
    const relay = await startRelay();
    const routes = createConsole(relay.services).routes.filter(({ method }) => method === 'POST');
    expect(routes.map(({ path }) => path).toSorted()).toEqual(Object.keys(CONSOLE).toSorted());
  });

  it.each(Object.entries(CONSOLE))('%s is written down', async (route, { path, send, written: what }) => {
    const { relay, ids } = await stock();
    const browser: Browser = browserOf(relay);
    await browser.signIn();
    const { status, whats } = await writtenBy(relay, async () => {
      const fields = send?.(ids) ?? {};
      return await browser.submit(path?.(ids) ?? route.replace(':id', ids.client), fields);
    });
    expect([status < 500, whats]).toEqual([true, what === null ? [] : [what]]);
  });

  it.each(Object.entries(CONSOLE).filter(([route]) => /^\/console\/(clients|models|new-model)/.test(route)))(
    '%s is none for a client',
    async (route, { path, send }) => {
      const { relay, ids, key } = await stock();
      const browser = browserOf(relay);
      await browser.signIn(key);
      const { status, whats } = await writtenBy(
        relay,
        async () => await browser.submit(path?.(ids) ?? route.replace(':id', ids.client), send?.(ids) ?? {}),
      );
      expect([status, whats]).toEqual([404, []]);
    },
  );
});
