import { createExecutionContext } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';

import { createApp } from '../../src/http/app.ts';
import worker from '../../src/index.ts';
import { startRelay, video } from '../support/relay.ts';

const MINUTE = 60_000;

async function start() {
  const relay = await startRelay({ vars: { TICK_SECONDS: '2' } });
  const me = relay.as((await relay.client()).key);
  const health = async () => {
    const response = await relay.request('/healthz');
    return { status: response.status, body: await response.json() };
  };
  return { relay, me, health };
}

/** As a tick leaves it that began and ended now, and did not get to what is due. */
const ticked = async (now: number) =>
  await env.DB.prepare('insert into ticks (id, started_at, finished_at, counts) values (1, ?1, ?1, ?2)')
    .bind(now, '{}')
    .run();

const healthy = { status: 200, body: { ok: true } };

describe('whoever asks too often', () => {
  it('is told to wait, and no other address is', async () => {
    const { relay } = await start();
    const noisy = '192.0.2.7';
    const client = { limit: async ({ key }: { key: string }) => ({ success: key !== noisy }) };
    const app = createApp({ ...relay.services, rates: { ...relay.services.rates, client } });
    const ask = async (address: string) =>
      await app.request('/healthz', { headers: { 'cf-connecting-ip': address } });
    const refused = await ask(noisy);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect((await ask('192.0.2.8')).status).toBe(200);
  });
});

describe('Ringback is healthy', () => {
  it('with nothing to do, however long ago the last tick was', async () => {
    const { relay, health } = await start();
    expect(await health()).toEqual(healthy);
    await relay.tick();
    relay.clock.advance(60 * MINUTE);
    expect(await health()).toEqual(healthy);
  });

  it('while a tick comes every minute', async () => {
    const { relay, me, health } = await start();
    await me.post('/v1/tasks', video('[never]'));
    for (let i = 0; i < 5; i++) {
      await relay.tick();
      relay.clock.advance(MINUTE);
      expect(await health()).toEqual(healthy);
    }
  });

  it('in the first minutes of a deployment', async () => {
    const { relay, me, health } = await start();
    await me.post('/v1/tasks', video('[never]'));
    relay.clock.advance(2 * MINUTE);
    expect(await health()).toEqual(healthy);
  });
});

describe('Ringback is not healthy, and says why', () => {
  const silent = {
    status: 503,
    body: { ok: false, reason: 'Work is due, and no tick ran for 3 minutes: look at the cron trigger.' },
  };

  it('where work is due and no tick ever ran', async () => {
    const { relay, me, health } = await start();
    await me.post('/v1/tasks', video('[never]'));
    relay.clock.advance(3 * MINUTE + 10_000);
    expect(await health()).toEqual(silent);
  });

  it('where work is due and the last tick is 3 minutes ago, until the next one', async () => {
    const { relay, me, health } = await start();
    await me.post('/v1/tasks', video('[never]'));
    await relay.tick();
    relay.clock.advance(4 * MINUTE);
    expect(await health()).toEqual(silent);
    await relay.tick();
    expect(await health()).toEqual(healthy);
  });

  it('where a callback is due', async () => {
    const { relay, me, health } = await start();
    const { body } = await me.post('/v1/tasks', video('x', { callback_url: 'https://hooks.example.com/' }));
    await me.post(`/v1/tasks/${body.id}/cancel`);
    relay.clock.advance(3 * MINUTE + 1);
    expect(await health()).toEqual(silent);
  });

  const late = {
    status: 503,
    body: { ok: false, reason: expect.stringContaining('has been due for 10 minutes') },
  };

  it.each(['a poll', 'a callback'])(
    'where %s has been due for 10 minutes, although ticks run',
    async (what) => {
      const { relay, me, health } = await start();
      const { body } = await me.post(
        '/v1/tasks',
        video('[never]', { callback_url: 'https://hooks.example.com/' }),
      );
      if (what === 'a callback') await me.post(`/v1/tasks/${body.id}/cancel`);
      relay.clock.advance(9 * MINUTE);
      await ticked(relay.clock.now());
      expect(await health()).toEqual(healthy);
      relay.clock.advance(1 * MINUTE + 30_000);
      expect(await health()).toEqual(late);
      await relay.tick();
      expect(await health()).toEqual(healthy);
    },
  );

  it('but not where what is due cannot go: upstream limits its key, its receiver does not answer', async () => {
    const { relay, me, health } = await start();
    await me.post('/v1/tasks', video('[never]'));
    const { body } = await me.post('/v1/tasks', video('x', { callback_url: 'https://hooks.example.com/' }));
    await me.post(`/v1/tasks/${body.id}/cancel`);
    relay.clock.advance(20 * MINUTE);
    await ticked(relay.clock.now());
    expect(await health()).toEqual(late);
    const until = relay.clock.now() + MINUTE;
    await env.DB.batch([
      env.DB.prepare('update upstream_keys set poll_paused_until = ?1, submit_paused_until = ?1').bind(until),
      env.DB.prepare(
        'insert into receivers (host, client_id, open_until) select host, client_id, ?1 from deliveries',
      ).bind(until),
    ]);
    expect(await health()).toEqual(healthy);
  });

  it('where the database has no tables', async () => {
    const { health } = await start();
    await env.DB.prepare('alter table ticks rename to elsewhere').run();
    const answer = await health();
    await env.DB.prepare('alter table elsewhere rename to ticks').run();
    expect(answer).toEqual({
      status: 503,
      body: { ok: false, reason: 'D1 does not answer: has the database been migrated?' },
    });
  });
});

describe('a relay that is not configured', () => {
  it.each([
    ['ADMIN_TOKEN', 'short', 'ADMIN_TOKEN must have at least 24 characters.'],
    ['ADMIN_TOKEN', undefined, 'ADMIN_TOKEN is not set: wrangler secret put ADMIN_TOKEN.'],
    ['MASTER_KEY', 'sw0rdfish', 'MASTER_KEY must be 32 bytes in base64 (openssl rand -base64 32).'],
    [
      'ADMIN_TOKEN',
      'a'.repeat(24),
      'ADMIN_TOKEN is one character again and again: make one with openssl rand -base64 32.',
    ],
    [
      'MASTER_KEY',
      `${'A'.repeat(43)}=`,
      'MASTER_KEY is one character again and again: make one with openssl rand -base64 32, and set this one as ' +
        'MASTER_KEY_PREVIOUS where it was in use.',
    ],
    ['TICK_SECONDS', 'soon', 'TICK_SECONDS must be a whole number.'],
  ])('answers every request with the variable at fault: %s = %s', async (name, value, detail) => {
    const ctx = createExecutionContext();
    for (const path of ['/healthz', '/v1/tasks', '/admin/stats', '/openapi.json', '/']) {
      const request = new Request<unknown, IncomingRequestCfProperties>(`https://relay.test${path}`);
      const response = await worker.fetch(request, { ...env, [name]: value }, ctx);
      expect(response.status).toBe(503);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(await response.json()).toEqual({
        type: 'urn:problem-type:ringback:misconfigured',
        title: 'Ringback is not configured',
        status: 503,
        detail,
      });
    }
    const below = new Request<unknown, IncomingRequestCfProperties>(
      'https://relay.test/api/v1/jobs/recordInfo',
    );
    const envelope = await worker.fetch(below, { ...env, [name]: value }, ctx);
    expect([envelope.status, await envelope.json()]).toEqual([503, { code: 503, msg: detail, data: null }]);
  });
});

describe('the Worker as it is deployed', () => {
  it('answers for its health', async () => {
    await startRelay();
    const response = await exports.default.fetch('https://relay.test/healthz');
    expect([response.status, await response.json()]).toEqual([200, { ok: true }]);
  });
});
