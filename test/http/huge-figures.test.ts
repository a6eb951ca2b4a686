import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { newTask } from '../../src/engine/new-task.ts';
import { browserOf } from '../support/browser.ts';
import { startRelay, video } from '../support/relay.ts';

/** The largest number that SQLite keeps: two of them are more than its `sum` bears. */
const HUGE = '9223372036854775807';

/** A client with tasks of absurd cost, as an older release may have stored them, beside one that has done nothing. */
async function start(credits: string, settings: Record<string, unknown> = {}) {
  const relay = await startRelay({ timeScale: 0 });
  const client = await relay.client({ name: 'absurd', ...settings });
  const plain = await relay.client({ name: 'plain' });
  const me = relay.as(client.key);
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) ids.push((await me.post('/v1/tasks', video('[fail]'))).body.id);
  await relay.tick();
  await env.DB.prepare(
    `update tasks set estimated_credits = ${credits}, polls = ${credits} where client_id = ?1`,
  )
    .bind(client.id)
    .run();
  return { relay, client, plain, me, ids };
}

describe('tasks of absurd cost that were stored before', () => {
  it.each([HUGE, String(Number.MAX_SAFE_INTEGER), `-${HUGE}`])(
    'fail no list, no page and no figure, of their client or another: %s',
    async (credits) => {
      const { relay, client, plain, me } = await start(credits);
      const self = await me.get('/v1/client');
      expect(self.status).toBe(200);
      expect(Number.isFinite(self.body.credits_today)).toBe(true);
      expect(self.body.credits_today).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER);
      expect((await me.get('/v1/tasks')).status).toBe(200);
      expect((await relay.as(plain.key).get('/v1/client')).body.credits_today).toBe(0);
      for (const path of ['/admin/clients', `/admin/clients/${client.id}`, '/admin/stats', '/admin/tasks'])
        expect([path, (await relay.admin().get(path)).status]).toEqual([path, 200]);
      const browser = browserOf(relay);
      await browser.signIn();
      for (const path of [
        '/console',
        '/console/live?span=7d',
        '/console/clients',
        `/console/clients/${client.id}`,
        `/console/tasks?client=${client.id}`,
      ])
        expect([path, (await browser.get(path)).status]).toEqual([path, 200]);
    },
  );

  it('count against a daily limit, and not as an error', async () => {
    const { relay, client, me, ids } = await start(HUGE);
    await relay.admin().patch(`/admin/clients/${client.id}`, { daily_credit_limit: 1_000 });
    const refused = await me.post('/v1/tasks', video());
    expect(refused).toMatchObject({
      status: 402,
      body: { type: 'urn:problem-type:ringback:daily-credit-limit' },
    });
    for (const id of ids) expect((await me.delete(`/v1/tasks/${id}`)).status).toBe(204);
    // As usage counted them when they ended, before their rows were given such a cost.
    expect((await me.get('/v1/client')).body.credits_today).toBe(ids.length * 400);
    expect((await me.post('/v1/tasks', video())).status).toBe(402);
    relay.clock.advance(24 * 3_600_000);
    expect((await me.post('/v1/tasks', video())).status).toBe(202);
  });
});

describe('the cost of a task', () => {
  it('is bounded as it is stored, so that no number of tasks breaks a sum', async () => {
    const relay = await startRelay({ timeScale: 0 });
    const me = relay.as((await relay.client()).key);
    const { services } = relay;
    const { client } = await services.stores.clients.byKeyHash(
      (await env.DB.prepare('select key_hash from clients').first<string>('key_hash')) ?? '',
      null,
    );
    if (client === null) throw new Error('there is no client');
    const request = {
      ...video(),
      media: 'video' as const,
      callback: null,
      metadata: {},
      timeoutMs: null,
      idempotencyKey: null,
      filesOrigin: null,
    };
    const absurd = { ...request, estimatedCredits: Number.MAX_SAFE_INTEGER, fingerprint: null };
    expect((await newTask(services, client, absurd)).estimatedCredits).toBe(1_000_000_000);
    expect(
      (await newTask(services, client, { ...absurd, estimatedCredits: null })).estimatedCredits,
    ).toBeNull();
    expect((await me.post('/v1/tasks', video())).body.estimated_credits).toBe(400);
  });
});

async function fail(): Promise<never> {
  return await Promise.reject(new Error('no figures'));
}

describe("a client's figures that cannot be had", () => {
  it('leave a dash on the pages of the console, and everything else in place', async () => {
    const { relay, client } = await start(HUGE);
    const browser = browserOf(relay);
    await browser.signIn();
    Object.assign(relay.services.stores.load, { ofClient: fail, ofAll: fail });
    for (const path of ['/console/clients', `/console/clients/${client.id}`]) {
      const { status, text } = await browser.get(path);
      expect([path, status]).toEqual([path, 200]);
      expect(text).toContain('absurd');
      expect(text).toContain('–');
    }
  });
});
