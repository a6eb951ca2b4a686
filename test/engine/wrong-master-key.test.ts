import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { browserOf } from '../support/browser.ts';
import { startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

const RIGHT = env.MASTER_KEY;
const WRONG = 'hQd1m0uVb5sY3nZk7rT9wX2cJ8fLgP4eA6iOqUyNvBM=';
const HOOK = 'https://hooks.example.com/42';
const VARS = { TICK_SECONDS: '5', SUBREQUEST_BUDGET: '2000' };
const MIN_MS = 60_000;

const logged: string[] = [];
beforeEach(() => {
  logged.length = 0;
  for (const how of ['log', 'warn', 'error'] as const)
    vi.spyOn(console, how).mockImplementation((line: unknown) => void logged.push(String(line)));
});

async function start(settings: Record<string, unknown> = {}) {
  const relay = await startRelay({ timeScale: 0.05, vars: VARS });
  const client = await relay.client(settings);
  const receiver = relay.receiver('hooks.example.com');
  const me = relay.as(client.key);
  const post = async (extra: Record<string, unknown> = {}): Promise<string> =>
    (await me.post('/v1/tasks', video('a fox', { callback_url: HOOK, ...extra }))).body.id;
  const task = async (id: string) => (await me.get(`/v1/tasks/${id}`)).body;
  const health = async () => {
    const response = await relay.request('/healthz');
    return { status: response.status, text: await response.text() };
  };
  return { relay, client, receiver, me, post, task, health };
}

const withKey = (relay: Relay, MASTER_KEY: string, more: Record<string, string> = {}) =>
  relay.restart({ vars: { MASTER_KEY, ...more } });

const deliveryRows = async () => (await env.DB.prepare('select * from deliveries').all()).results;

async function ticks(relay: Relay, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const startedAt = relay.clock.now();
    await relay.tick();
    relay.clock.advance(Math.max(0, startedAt + MIN_MS - relay.clock.now()));
  }
}

describe('a MASTER_KEY that does not open what is stored', () => {
  it('uses up no attempts, is told by health, log and overview, and loses nothing', async () => {
    const { relay, receiver, post, task, health } = await start();
    const id = await post({ callback_headers: { 'X-Api-Key': 'sealed' } });
    expect((await health()).status).toBe(200);
    withKey(relay, WRONG);
    await ticks(relay, 20);
    expect(await task(id)).toMatchObject({ state: 'succeeded', callback: { state: 'pending', attempts: 0 } });
    expect(receiver.received).toEqual([]);
    expect((await relay.as((await relay.client()).key).get(`/v1/tasks/${id}`)).status).toBe(404);

    const sick = await health();
    expect(sick.status).toBe(503);
    expect(sick.text).toContain('MASTER_KEY does not open what is stored: signing secrets (1)');
    expect(logged.some((line) => line.includes('warning') && line.includes('MASTER_KEY does not open'))).toBe(
      true,
    );
    const browser = browserOf(relay);
    await browser.signIn();
    expect((await browser.get('/console')).text).toContain('The MASTER_KEY does not open what is stored');

    withKey(relay, RIGHT);
    await ticks(relay, 1);
    expect(await task(id)).toMatchObject({ callback: { state: 'delivered', attempts: 1 } });
    expect(receiver.received[0]?.headers['x-api-key']).toBe('sealed');
  });

  it('writes nothing for callbacks that wait, however many there are and however long', async () => {
    const { relay, post, task } = await start();
    const ids = await Promise.all(Array.from({ length: 10 }, () => post()));
    // They come to their end, and their callbacks find nobody.
    for (let minute = 0; minute < 5 && (await deliveryRows()).length < 10; minute++) {
      relay.receiver('hooks.example.com', ['hang']);
      await ticks(relay, 1);
    }
    relay.receiver('hooks.example.com');
    relay.clock.advance(60 * MIN_MS);
    expect(await deliveryRows()).toHaveLength(10);
    const before = await deliveryRows();
    withKey(relay, WRONG);
    await ticks(relay, 3);
    expect(await deliveryRows()).toEqual(before);
    withKey(relay, RIGHT);
    await ticks(relay, 1);
    for (const id of ids) expect((await task(id)).callback.state).toBe('delivered');
  });

  it('takes no tasks of such a client, whose idempotency keys would fit nothing: 503, and nothing is stored', async () => {
    const { relay, me } = await start();
    const headers = { 'Idempotency-Key': 'row-1' };
    const first = await me.post('/v1/tasks', video(), headers);
    withKey(relay, WRONG);
    const refused = await me.post('/v1/tasks', video(), headers);
    expect(refused).toMatchObject({ status: 503, body: { type: 'urn:problem-type:ringback:misconfigured' } });
    expect(refused.body.detail).toContain('MASTER_KEY');
    expect(refused.headers.get('retry-after')).toBe('60');
    expect(await me.post('/api/v1/jobs/createTask', video())).toMatchObject({
      status: 503,
      body: { code: 503 },
    });
    expect((await me.get('/v1/tasks')).body.data).toHaveLength(1);
    withKey(relay, RIGHT);
    expect((await me.post('/v1/tasks', video(), headers)).body.id).toBe(first.body.id);
  });

  it('holds up notices that a callback was given up too', async () => {
    const { relay, receiver, me, post } = await start({ failure_callback_url: 'https://told.example.com/' });
    const told = relay.receiver('told.example.com');
    relay.receiver('hooks.example.com', [{ status: 410 }]);
    const id = await post();
    await relay.tickUntil(async () => (await me.get(`/v1/tasks/${id}`)).body.completed_at !== null, 3);
    await env.DB.prepare(`update tasks set callback_state = 'failed', notice_state = 'pending', notice_at = ?1,
      notice_tries = 0, attempts = 1, due_at = ?1`)
      .bind(relay.clock.now())
      .run();
    told.received.length = 0;
    withKey(relay, WRONG);
    await ticks(relay, 5);
    expect(told.received).toEqual([]);
    withKey(relay, RIGHT);
    await ticks(relay, 1);
    expect(told.received).toHaveLength(1);
    expect(receiver.received).toEqual([]);
  });

  it.each([
    ['opens again with the right one as MASTER_KEY_PREVIOUS', { MASTER_KEY_PREVIOUS: RIGHT }, 200],
    ['stays so with another wrong one', { MASTER_KEY_PREVIOUS: btoa(WRONG).slice(0, 43) + '=' }, 503],
  ])('%s', async (_what, more, status) => {
    const { relay, health } = await start();
    withKey(relay, WRONG, more);
    expect((await health()).status).toBe(status);
  });

  it('is no matter where nothing is stored yet, or nobody needs it any more', async () => {
    const { relay, client, health } = await start();
    await relay.admin().delete(`/admin/clients/${client.id}`);
    withKey(relay, WRONG);
    expect((await health()).status).toBe(200);
    await env.DB.prepare('delete from clients').run();
    withKey(relay, RIGHT);
    expect((await health()).status).toBe(200);
  });

  it('is got over with the old key lost: by a new secret, whatever was replaced before', async () => {
    const { relay, client, receiver, post, task, health } = await start();
    await relay.admin().post(`/admin/clients/${client.id}/rotate-secret`);
    await relay.admin().post(`/admin/clients/${client.id}/rotate-secret`);
    const id = await post();
    withKey(relay, WRONG);
    await relay.admin().post(`/admin/clients/${client.id}/rotate-secret`);
    expect((await health()).status).toBe(200);
    await ticks(relay, 3);
    expect((await task(id)).callback).toMatchObject({ state: 'delivered', attempts: 1 });
    expect(receiver.received[0]?.headers['webhook-signature']?.split(' ')).toHaveLength(1);
  });
});

describe('a database of which only a part is sealed with the MASTER_KEY', () => {
  it('calls back what opens, has the rest wait without attempts, and says how much that is', async () => {
    const { relay, client, receiver, me, post, task, health } = await start();
    const sealed = await post({ callback_headers: { 'X-Api-Key': 'sealed-with-the-old-key' } });
    const locked = await relay.client({ name: 'locked' });
    withKey(relay, WRONG, { MASTER_KEY_PREVIOUS: RIGHT });
    // As if the pass of resealing had come no further than the first client, and the old key was taken away then.
    const { clients } = relay.services.stores;
    const row = await clients.get(client.id);
    const { secrets } = relay.services;
    const context = `clients.signing_secret:${client.id}`;
    const signingSecret = await secrets.seal(await secrets.open(row?.signingSecret ?? '', context), context);
    await clients.update(client.id, { signingSecret });
    withKey(relay, WRONG);
    const plain = await post();
    expect((await relay.as(locked.key).post('/v1/tasks', video())).status).toBe(503);
    await ticks(relay, 12);
    expect((await task(plain)).callback).toMatchObject({ state: 'delivered', attempts: 1 });
    expect((await task(sealed)).callback).toMatchObject({ state: 'pending', attempts: 0 });
    expect((await me.get(`/v1/tasks/${sealed}/attempts`)).body.data).toEqual([]);
    expect(receiver.received).toHaveLength(1);
    expect(await health()).toMatchObject({
      status: 503,
      text: expect.stringContaining('signing secrets (1), callback headers (1)'),
    });
    withKey(relay, WRONG, { MASTER_KEY_PREVIOUS: RIGHT });
    await ticks(relay, 6);
    expect((await task(sealed)).callback).toMatchObject({ state: 'delivered', attempts: 1 });
    expect((await health()).status).toBe(200);
  });

  it('names upstream keys that do not open', async () => {
    const { relay, client, health } = await start({ upstream_api_key: 'sk-sandbox-pro' });
    withKey(relay, WRONG);
    await relay.admin().post(`/admin/clients/${client.id}/rotate-secret`);
    expect(await health()).toMatchObject({ status: 503, text: expect.stringContaining('upstream keys (1)') });
    await relay.admin().patch(`/admin/clients/${client.id}`, { upstream_api_key: 'sk-sandbox-pro' });
    relay.clock.advance(MIN_MS);
    expect((await health()).status).toBe(200);
  });
});

describe('a sealed value that was changed in the database', () => {
  it('is no fault of the key: its callback uses up its attempts, and its client is told', async () => {
    const { relay, client, post, task, health } = await start();
    const id = await post();
    await env.DB.prepare(
      `update clients set signing_secret = substr(signing_secret, 1, 40) || 'AAAA' where id = ?1`,
    )
      .bind(client.id)
      .run();
    relay.restart();
    await ticks(relay, 3);
    expect((await task(id)).callback.attempts).toBeGreaterThan(0);
    expect((await health()).status).toBe(200);
  });
});

describe('values of the first release, which do not name their key', () => {
  it('are held back alike, where the key is another', async () => {
    const { relay, client, post, task, health } = await start();
    const id = await post();
    const named = (await env.DB.prepare('select signing_secret as s from clients').first<string>('s')) ?? '';
    await env.DB.prepare('update clients set signing_secret = ?2 where id = ?1')
      .bind(client.id, `v1.${named.split('.').slice(1).join('.')}`)
      .run();
    withKey(relay, WRONG);
    await ticks(relay, 5);
    expect((await task(id)).callback).toMatchObject({ state: 'pending', attempts: 0 });
    expect((await health()).status).toBe(503);
  });
});
