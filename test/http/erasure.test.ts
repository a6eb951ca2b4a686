import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

const HOOK = 'https://hooks.example.com/private-hook';
const PRIVATE = {
  callback_url: HOOK,
  callback_headers: { 'X-Api-Key': 'private-header' },
  metadata: { name: 'private-name' },
};

/** Every row of every table that mentions a text. */
async function mentions(text: string): Promise<string[]> {
  const { results: tables } = await env.DB.prepare(
    `select name from sqlite_master where type = 'table' and name not like '\\_cf%' escape '\\' and name not like 'sqlite%'`,
  ).all<{ name: string }>();
  const found = await Promise.all(
    tables.map(async ({ name }) => {
      const { results } = await env.DB.prepare(`select * from ${name}`).all();
      return results.some((row) => JSON.stringify(row).includes(text)) ? [name] : [];
    }),
  );
  return found.flat();
}

async function ended(relay: Relay, key: string, status = 200) {
  relay.receiver('hooks.example.com', [{ status }]);
  const me = relay.as(key);
  const { body } = await me.post('/v1/tasks', video('private-prompt', PRIVATE), {
    'idempotency-key': 'row-1',
  });
  await relay.tick();
  return { me, id: String(body.id) };
}

describe('a task that its owner erases', () => {
  it('leaves nothing behind in any table', async () => {
    const relay = await startRelay({ timeScale: 0 });
    const { key } = await relay.client();
    const { me, id } = await ended(relay, key);
    expect(await mentions(id)).toEqual(['tasks', 'attempts']);
    const answer = await me.delete(`/v1/tasks/${id}`);
    expect([answer.status, answer.body]).toEqual([204, '']);
    for (const text of [id, 'private-prompt', 'private-name', HOOK, 'private-header']) {
      expect([text, await mentions(text)]).toEqual([text, []]);
    }
    for (const path of [`/v1/tasks/${id}`, `/v1/tasks/${id}/attempts`, `/v1/tasks/${id}/result`]) {
      expect((await me.get(path)).status).toBe(404);
    }
    expect((await me.get('/v1/tasks')).body.data).toEqual([]);
    expect((await me.delete(`/v1/tasks/${id}`)).status).toBe(404);
  });

  it('is 409 while it has not ended, and stays', async () => {
    const relay = await startRelay();
    const me = relay.as((await relay.client()).key);
    const { body } = await me.post('/v1/tasks', video());
    const answer = await me.delete(`/v1/tasks/${body.id}`);
    expect(answer).toMatchObject({ status: 409, body: { type: 'urn:problem-type:ringback:not-ended' } });
    expect((await me.get(`/v1/tasks/${body.id}`)).body.state).toBe('running');
    await me.post(`/v1/tasks/${body.id}/cancel`);
    expect((await me.delete(`/v1/tasks/${body.id}`)).status).toBe(204);
  });

  it('of another client is 404, and stays', async () => {
    const relay = await startRelay({ timeScale: 0 });
    const { me, id } = await ended(relay, (await relay.client()).key);
    expect((await relay.as((await relay.client()).key).delete(`/v1/tasks/${id}`)).status).toBe(404);
    expect((await me.get(`/v1/tasks/${id}`)).status).toBe(200);
  });

  it('is not called back any more, although its callback was pending', async () => {
    const relay = await startRelay({ timeScale: 0 });
    const { me, id } = await ended(relay, (await relay.client()).key, 500);
    const receiver = relay.receiver('hooks.example.com');
    expect((await me.get(`/v1/tasks/${id}`)).body.callback.state).toBe('pending');
    expect((await me.delete(`/v1/tasks/${id}`)).status).toBe(204);
    relay.clock.advance(3_600_000);
    await relay.tick();
    expect(receiver.received).toEqual([]);
  });

  it('while its callback is under way leaves nothing behind either', async () => {
    const relay = await startRelay({ timeScale: 0, vars: { TICK_SECONDS: '5' } });
    const { key } = await relay.client();
    const me = relay.as(key);
    relay.receiver('hooks.example.com', ['hang']);
    const { body } = await me.post('/v1/tasks', video('private-prompt', PRIVATE));
    const ticking = relay.tick();
    await expect.poll(async () => (await me.get(`/v1/tasks/${body.id}`)).body.state).toBe('succeeded');
    expect((await me.delete(`/v1/tasks/${body.id}`)).status).toBe(204);
    await ticking;
    expect(await mentions(body.id)).toEqual([]);
  });

  it('frees its idempotency key', async () => {
    const relay = await startRelay({ timeScale: 0 });
    const { me, id } = await ended(relay, (await relay.client()).key);
    await me.delete(`/v1/tasks/${id}`);
    const again = await me.post('/v1/tasks', video('private-prompt', PRIVATE), {
      'idempotency-key': 'row-1',
    });
    expect(again.status).toBe(202);
    expect(again.body.id).not.toBe(id);
  });

  it('does not give its credits back to the daily limit', async () => {
    const relay = await startRelay({ timeScale: 0 });
    const me = relay.as((await relay.client({ daily_credit_limit: 1_000 })).key);
    for (let i = 0; i < 2; i++) {
      const { body } = await me.post('/v1/tasks', video());
      await relay.tick();
      expect((await me.delete(`/v1/tasks/${body.id}`)).status).toBe(204);
    }
    expect((await me.get('/v1/client')).body.credits_today).toBe(800);
    const refused = await me.post('/v1/tasks', video());
    expect(refused.status).toBe(402);
    expect(refused.body.detail).toContain('200 are left');
    relay.clock.advance(24 * 3_600_000);
    expect((await me.post('/v1/tasks', video())).status).toBe(202);
    expect((await me.get('/v1/client')).body.credits_today).toBe(400);
  });
});
