import { describe, expect, it } from 'vitest';

import { startRelay, video } from '../support/relay.ts';

const HOOK = 'https://hooks.example.com/42';

describe('making a client', () => {
  it('gives its key and its signing secret', async () => {
    const admin = (await startRelay()).admin();
    const answer = await admin.post('/admin/clients', { name: '  zapier ', daily_credit_limit: 10_000 });
    expect(answer).toMatchObject({ status: 201 });
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^client_[0-9a-z]{26}$/),
      name: 'zapier',
      key: expect.stringMatching(/^rb_[\w-]{43}$/),
      signing_secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]+=*$/),
      max_active_tasks: null,
      daily_credit_limit: 10_000,
      max_queued_tasks: 10_000,
      has_own_upstream_key: false,
      callback_jwt: false,
      failure_callback_url: null,
      created_at: '2026-11-22T15:00:00.000Z',
      keep_results: true,
      revoked_at: null,
    });
  });

  it('shows the key and every secret this once', async () => {
    const relay = await startRelay();
    const admin = relay.admin();
    const { body } = await admin.post('/admin/clients', { name: 'x', upstream_api_key: 'sk-sw0rdfish' });
    const texts = [
      JSON.stringify((await admin.get('/admin/clients')).body),
      JSON.stringify((await admin.get(`/admin/clients/${body.id}`)).body),
      JSON.stringify(await relay.services.stores.clients.get(body.id)),
    ];
    for (const text of texts) {
      expect(text).toContain(body.id);
      for (const secret of [body.key, body.signing_secret, 'sw0rdfish']) expect(text).not.toContain(secret);
    }
  });

  it('gives each client a key of its own', async () => {
    const admin = (await startRelay()).admin();
    const made = await Promise.all([1, 2, 3].map(() => admin.post('/admin/clients', { name: 'same name' })));
    expect(new Set(made.map(({ body }) => body.key)).size).toBe(3);
    expect(new Set(made.map(({ body }) => body.id)).size).toBe(3);
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ['no name', {}, 'name', 'is required'],
    ['null for the name', { name: null }, 'name', 'is required'],
    ['an empty name', { name: '  ' }, 'name', 'must not be empty'],
    ['a name too long', { name: 'x'.repeat(201) }, 'name', 'may have at most 200 characters'],
    ['a name that is no text', { name: 5 }, 'name', 'must be text'],
    ['no active tasks', { name: 'x', max_active_tasks: 0 }, 'max_active_tasks', 'must be at least 1'],
    ['half a task', { name: 'x', max_active_tasks: 0.5 }, 'max_active_tasks', 'must be a whole number'],
    [
      'credits in quotes',
      { name: 'x', daily_credit_limit: '9' },
      'daily_credit_limit',
      'must be a whole number',
    ],
    [
      'an upstream key with a line break',
      { name: 'x', upstream_api_key: 'sk-1\n' },
      'upstream_api_key',
      'must be 1 to 512 printable characters without spaces',
    ],
    ['an unknown field', { name: 'x', max_tasks: 5 }, 'max_tasks', 'is not a field of this request'],
  ])('is refused with %s', async (_, body, path, message) => {
    const admin = (await startRelay()).admin();
    const answer = await admin.post('/admin/clients', body);
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path, message }] } });
    expect((await admin.get('/admin/clients')).body.data).toEqual([]);
  });

  it('takes null for whatever is optional', async () => {
    const relay = await startRelay();
    const nulls = {
      upstream_api_key: null,
      max_active_tasks: null,
      daily_credit_limit: null,
      callback_jwt: null,
      failure_callback_url: null,
    };
    expect((await relay.admin().post('/admin/clients', { name: 'x', ...nulls })).status).toBe(201);
  });
});

async function start() {
  const relay = await startRelay();
  const admin = relay.admin();
  const { id, key } = await relay.client({ name: 'zapier', max_active_tasks: 5, daily_credit_limit: 9 });
  const get = async () => (await admin.get(`/admin/clients/${id}`)).body;
  return { relay, admin, id, key, get };
}

describe('changing a client', () => {
  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['of its name leaves the rest', { name: 'make' }, { name: 'make' }],
    ['of a limit leaves the rest', { max_active_tasks: 7 }, { max_active_tasks: 7 }],
    ['to null removes a limit', { daily_credit_limit: null }, { daily_credit_limit: null }],
    ['of its name to null changes nothing', { name: null }, {}],
    ['of nothing changes nothing', {}, {}],
    ['gives its callbacks a JWT', { callback_jwt: true }, { callback_jwt: true }],
    ['of its JWT to null changes nothing', { callback_jwt: null }, {}],
    ['gives it a URL for what is given up', { failure_callback_url: HOOK }, { failure_callback_url: HOOK }],
    ['gives it an upstream key', { upstream_api_key: 'sk-own' }, { has_own_upstream_key: true }],
  ])('%s', async (_, changes, expected) => {
    const { admin, id, get } = await start();
    const before = await get();
    const answer = await admin.patch(`/admin/clients/${id}`, changes);
    expect(answer).toMatchObject({ status: 200, body: { ...before, ...expected } });
    expect(await get()).toEqual({ ...before, ...expected });
  });

  it('gives it an upstream key and takes it away again, for new tasks', async () => {
    const { relay, admin, id, key } = await start();
    await admin.patch(`/admin/clients/${id}`, { upstream_api_key: 'sk-own', daily_credit_limit: null });
    await relay.as(key).post('/v1/tasks', video());
    const answer = await admin.patch(`/admin/clients/${id}`, { upstream_api_key: null });
    expect(answer.body.has_own_upstream_key).toBe(false);
    await relay.as(key).post('/v1/tasks', video());
    const keys = relay.simulator.snapshot().tasks.map((task) => task.key);
    expect(keys).toEqual(['sk-own', 'sk-sandbox-enterprise']);
  });

  it('is refused for what it cannot be', async () => {
    const { admin, id, get } = await start();
    const before = await get();
    const answer = await admin.patch(`/admin/clients/${id}`, {
      name: '',
      key: 'rb_x',
      daily_credit_limit: 0,
    });
    expect(answer.status).toBe(422);
    expect(answer.body.errors.map(({ path }: { path: string }) => path)).toEqual([
      'name',
      'daily_credit_limit',
      'key',
    ]);
    expect(await get()).toEqual(before);
  });
});

describe('rotating a signing secret', () => {
  it('signs with both for 24 h, and with the new one afterwards', async () => {
    const relay = await startRelay({ timeScale: 0 });
    const receiver = relay.receiver('hooks.example.com');
    const { id, key, signing_secret: old } = await relay.client();
    const { status, body } = await relay.admin().post(`/admin/clients/${id}/rotate-secret`);
    expect(status).toBe(200);
    expect(body).toEqual({ signing_secret: expect.stringMatching(/^whsec_/) });
    expect(body.signing_secret).not.toBe(old);
    const signatures = async () => {
      await relay.as(key).post('/v1/tasks', video('x', { callback_url: HOOK }));
      await relay.tick();
      return receiver.received.at(-1)?.headers['webhook-signature']?.split(' ').length;
    };
    expect(await signatures()).toBe(2);
    relay.clock.advance(24 * 3_600_000);
    expect(await signatures()).toBe(1);
  });
});

describe('a client that is revoked', () => {
  it('stays in the list, with its time, and cannot be changed any more', async () => {
    const relay = await startRelay();
    const admin = relay.admin();
    const { id } = await relay.client();
    expect(await admin.delete(`/admin/clients/${id}`)).toMatchObject({ status: 204, body: '' });
    relay.clock.advance(60_000);
    expect((await admin.delete(`/admin/clients/${id}`)).status).toBe(204);
    const { body } = await admin.get('/admin/clients');
    expect(body.data).toMatchObject([{ id, revoked_at: '2026-11-22T15:00:00.000Z' }]);
    const refused = [
      await admin.patch(`/admin/clients/${id}`, { name: 'y' }),
      await admin.post(`/admin/clients/${id}/rotate-key`),
      await admin.post(`/admin/clients/${id}/rotate-secret`),
    ];
    for (const answer of refused) {
      expect(answer).toMatchObject({
        status: 409,
        body: { type: 'urn:problem-type:ringback:client-revoked' },
      });
    }
  });
});

it('a client that never was is 404 on every route', async () => {
  const admin = (await startRelay()).admin();
  const at = '/admin/clients/client_0';
  const answers = [
    await admin.get(at),
    await admin.patch(at, {}),
    await admin.delete(at),
    await admin.post(`${at}/rotate-key`),
    await admin.post(`${at}/rotate-secret`),
  ];
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
});

it('the list of clients is newest first', async () => {
  const relay = await startRelay();
  const made: string[] = [];
  for (let i = 0; i < 3; i++) {
    made.unshift((await relay.client()).id);
    relay.clock.advance(1);
  }
  const { body } = await relay.admin().get('/admin/clients');
  expect(body.data.map(({ id }: { id: string }) => id)).toEqual(made);
});

describe('the figures', () => {
  it('of an empty relay are zero', async () => {
    const relay = await startRelay();
    expect((await relay.admin().get('/admin/stats')).body).toEqual({
      tasks: { queued: 0, running: 0, succeeded: 0, failed: 0, canceled: 0 },
      callbacks: { waiting: 0, pending: 0, delivered: 0, failed: 0 },
      oldest_due_seconds: null,
      completion_to_callback_ms: { p50: null, p95: null },
      last_tick: null,
      running_tick: null,
      resealing: null,
    });
  });

  it('count tasks and callbacks by state, over all clients', async () => {
    const relay = await startRelay({ timeScale: 0 });
    relay.receiver('hooks.example.com');
    relay.receiver('gone.example.com', [{ status: 410 }]);
    relay.receiver('down.example.com', [{ status: 500 }]);
    const one = relay.as((await relay.client()).key);
    const other = relay.as((await relay.client()).key);
    const startedAt = relay.clock.now();
    await one.post('/v1/tasks', video('a fox', { callback_url: HOOK }));
    await one.post('/v1/tasks', video('[fail]', { callback_url: 'https://gone.example.com/' }));
    await other.post('/v1/tasks', video('a fox', { callback_url: 'https://down.example.com/' }));
    await relay.tick();
    await other.post('/v1/tasks', video('[never]', { callback_url: HOOK }));
    const { body: last } = await other.post('/v1/tasks', video('[never]'));
    await other.post(`/v1/tasks/${last.id}/cancel`);
    await relay.fault({ endpoint: 'createTask', kind: 'status', status: 500 });
    await other.post('/v1/tasks', video());
    relay.clock.advance(10_000);

    const { body } = await relay.admin().get('/admin/stats');
    expect(body).toMatchObject({
      tasks: { queued: 1, running: 1, succeeded: 2, failed: 1, canceled: 1 },
      callbacks: { waiting: 1, pending: 1, delivered: 1, failed: 1 },
      last_tick: { started_at: new Date(startedAt).toISOString() },
    });
    expect(body.last_tick.counts).toMatchObject({ deliveries: expect.any(Number), errors: 0 });
    expect(Date.parse(body.last_tick.finished_at)).toBeGreaterThan(startedAt);
    expect(body.oldest_due_seconds).toBe(8);
    const { p50, p95 } = body.completion_to_callback_ms;
    expect(p50).toBeGreaterThanOrEqual(0);
    expect(p95).toBeGreaterThanOrEqual(p50);
  });
});

describe('the tasks of all clients', () => {
  it('are listed as a client lists its own', async () => {
    const relay = await startRelay();
    const posted: string[] = [];
    for (let i = 0; i < 3; i++) {
      const { key } = await relay.client();
      posted.unshift((await relay.as(key).post('/v1/tasks', video('[never]'))).body.id);
      relay.clock.advance(1);
    }
    const admin = relay.admin();
    const first = (await admin.get('/admin/tasks?limit=2')).body;
    const second = (await admin.get(`/admin/tasks?limit=2&cursor=${first.next_cursor}`)).body;
    expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(posted);
    expect(second.next_cursor).toBeNull();
    expect((await admin.get('/admin/tasks?state=failed')).body).toEqual({ data: [], next_cursor: null });
    expect((await admin.get('/admin/tasks?state=lost')).status).toBe(422);
  });
});
