import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import { webhookId } from '../../src/domain/ids.ts';
import { createInboxStore } from '../../src/store/inbox.ts';
import { browserOf } from '../support/browser.ts';
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
  it.each([
    ['one attempt', 200, ['deliveries', 'tasks']],
    ['attempts and a notice', 410, ['deliveries', 'delivery_attempts', 'events', 'tasks']],
  ])('leaves nothing behind in any table, after %s', async (_, status, tables) => {
    const relay = await startRelay({ timeScale: 0 });
    relay.receiver('alerts.example.com', [{ status: 500 }]);
    const { key } = await relay.client({ failure_callback_url: 'https://alerts.example.com/' });
    const { me, id } = await ended(relay, key, status);
    // Deliveries have ids of their own, made from their task's.
    const core = id.slice('task_'.length);
    expect((await mentions(core)).toSorted()).toEqual(tables);
    const answer = await me.delete(`/v1/tasks/${id}`);
    expect([answer.status, answer.body]).toEqual([204, '']);
    for (const text of [core, 'private-prompt', 'private-name', HOOK, 'private-header']) {
      expect([text, await mentions(text)]).toEqual([text, []]);
    }
    for (const path of ['', '/attempts', '/result', '/deliveries'].map((rest) => `/v1/tasks/${id}${rest}`)) {
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

  it('leaves nothing in the built-in inbox either, nor what comes there while it is erased', async () => {
    const relay = await startRelay({ timeScale: 0 });
    const client = await relay.client({ daily_credit_limit: 10_000 });
    const browser = browserOf(relay);
    await browser.signIn(client.key);
    const form = {
      model: video().model,
      'input.prompt': 'private-prompt',
      'input.duration': '5',
      'input.resolution': '720p',
    };
    const posted = await browser.submit('/console/try', { ...form, callback: 'inbox' });
    const id = posted.headers.get('location')?.split('/').at(-1) ?? '';
    const me = relay.as(client.key);
    await relay.tickUntil(async () => (await me.get(`/v1/tasks/${id}`)).body.callback.state === 'delivered');
    const part = id.replace('task_', '');
    expect(await mentions(part)).toContain('inbox_callbacks');
    expect(await mentions(part)).toContain('spent_credits');
    // Where a pass of resealing has come to: at this very task.
    await env.DB.prepare(`insert into resealing values ('00000000', 3, ?1, 0, 0, 0, null)`).bind(id).run();
    const [callback] = (await env.DB.prepare('select * from inbox_callbacks').all<Record<string, string>>())
      .results;
    expect((await me.delete(`/v1/tasks/${id}`)).status).toBe(204);
    expect(await mentions(part)).toEqual([]);
    const late = { receivedAt: 1, webhookId: `msg_${part}`, headers: {}, body: callback?.['body'] ?? '' };
    await createInboxStore(env.DB).keep(callback?.['inbox_id'] ?? '', late);
    expect(await mentions(part)).toEqual([]);
  });

  it('leaves what came about other tasks, to the same inbox too', async () => {
    const relay = await startRelay({ timeScale: 0 });
    const { me, id } = await ended(relay, (await relay.client()).key);
    const other = String((await me.post('/v1/tasks', video('[never]'))).body.id);
    const store = createInboxStore(env.DB);
    for (const [at, task] of [id, other].entries())
      await store.keep('inbox', { receivedAt: at, webhookId: webhookId(task), headers: {}, body: '{}' });
    expect((await me.delete(`/v1/tasks/${id}`)).status).toBe(204);
    expect(await store.read('inbox', webhookId(id), 0)).toEqual([]);
    expect(await store.read('inbox', webhookId(other), 0)).toHaveLength(1);
  });

  it.each([
    ['POST /v1/tasks', '/v1/tasks', 'created'],
    ['POST /v1/tasks, which upstream does not answer', '/v1/tasks', 'unavailable'],
    ['createTask', '/api/v1/jobs/createTask', 'created'],
  ] as const)('while upstream is asked for it is not told to be there, by %s', async (_what, path, kind) => {
    const relay = await startRelay({ timeScale: 0 });
    const me = relay.as((await relay.client()).key);
    let id = '';
    vi.spyOn(relay.services.upstream, 'create').mockImplementation(async ({ requestId }) => {
      id = requestId;
      await me.post(`/v1/tasks/${id}/cancel`);
      expect((await me.delete(`/v1/tasks/${id}`)).status).toBe(204);
      return kind === 'created'
        ? { kind, upstreamTaskId: 'upstream_1' }
        : { kind, message: 'no answer', retryAfterMs: null };
    });
    const answer = await me.post(path, video(), { 'X-Request-ID': 'row-1' });
    expect(answer.status).toBe(404);
    expect(answer.body.detail ?? answer.body.msg).toContain('was erased while this request');
    expect(await mentions(id)).toEqual([]);
    vi.restoreAllMocks();
    expect((await me.post(path, video(), { 'X-Request-ID': 'row-1' })).status).toBeLessThan(300);
  });

  it('while its caller waits for the end is not told to be there', async () => {
    const relay = await startRelay({ timeScale: 0 });
    const me = relay.as((await relay.client()).key);
    const answering = me.post('/v1/tasks', video('[never]'), { Prefer: 'wait=20' });
    const list = async () => (await me.get('/v1/tasks')).body.data;
    await expect.poll(async () => (await list())[0]?.id).toBeDefined();
    const [{ id }] = await list();
    expect((await me.post(`/v1/tasks/${id}/cancel`)).status).toBe(200);
    expect((await me.delete(`/v1/tasks/${id}`)).status).toBe(204);
    expect(await answering).toMatchObject({
      status: 404,
      body: { type: 'urn:problem-type:ringback:not-found' },
    });
  });

  it('while somebody waits for its result is 404 there too', async () => {
    const relay = await startRelay({ timeScale: 0 });
    const me = relay.as((await relay.client()).key);
    const { id } = (await me.post('/v1/tasks', video('[never]'))).body;
    const waiting = me.get(`/v1/tasks/${id}/result`, { Prefer: 'wait=20' });
    await me.post(`/v1/tasks/${id}/cancel`);
    await me.delete(`/v1/tasks/${id}`);
    expect((await waiting).status).toBe(404);
  });
});
