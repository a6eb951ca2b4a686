import { describe, expect, it, vi } from 'vitest';
import { RELAY, startRelay, video } from '../support/relay.ts';

const HOOK = 'https://prod-7.logic.azure.com/workflows/42?sig=x';
const HOST = 'prod-7.logic.azure.com';

async function start(options: { keepsResults?: boolean } = {}) {
  const relay = await startRelay({ timeScale: 0, ...options });
  const receiver = relay.receiver(HOST);
  const me = relay.as((await relay.client()).key);
  const wait = async (prompt = 'a fox', extra: object = {}, headers = {}) =>
    await me.post('/v1/waits', video(prompt, { callback_url: HOOK, ...extra }), headers);
  return { relay, receiver, me, wait };
}

describe('a wait', () => {
  it('is a task whose end is told at the URL, and names the address that gives it up', async () => {
    const { relay, receiver, wait } = await start();
    const { status, headers, body } = await wait('a fox', { metadata: { row: '7' }, timeout_seconds: 60 });
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`${RELAY}/v1/waits/${body.id}`);
    expect(body).toMatchObject({ state: 'running', callback: { url: HOOK, state: 'waiting' } });
    await relay.tick();
    const [told] = receiver.received;
    expect(JSON.parse(told?.body ?? '')).toMatchObject({
      type: 'task.succeeded',
      id: body.id,
      metadata: { row: '7' },
      result_url: expect.stringMatching(/^https:/),
    });
  });

  it("may be for a model of the operator's, and for a result that is not kept", async () => {
    const { relay, receiver, wait } = await start({ keepsResults: true });
    const own = { model: 'nova-1', input: { prompt: 'a fox [size:1000]' } };
    const refused = await wait('', own);
    expect([refused.status, refused.body.errors]).toEqual([
      422,
      [{ path: 'model', message: expect.stringMatching(/^must be one of: seedance/) }],
    ]);
    const input_schema = { properties: { prompt: { type: 'string' } }, required: ['prompt'] };
    await relay.admin().put('/admin/models/nova-1', { title: 'Nova 1', media: 'video', input_schema });
    expect((await wait('', { ...own, input: { text: 'a fox' } })).status).toBe(422);
    const waits = [await wait('', own), await wait('', { ...own, keep_result: false })];
    expect(waits.map(({ status, body }) => [status, body.model])).toEqual([
      [201, 'nova-1'],
      [201, 'nova-1'],
    ]);
    await relay.tickUntil(async () => receiver.received.length === 2);
    const told = receiver.received.map(({ body }) => JSON.parse(body));
    const [kept, linked] = waits.map(({ body }) => told.find(({ id }) => id === body.id));
    expect(kept.result_url).toMatch(new RegExp(`^${RELAY}/files/`));
    expect(linked.result_urls).toEqual(linked.source_urls);
  });

  it('that is given up cancels its task, and calls nobody', async () => {
    const { relay, receiver, me, wait } = await start();
    const { id } = (await wait('[never]')).body;
    expect((await me.delete(`/v1/waits/${id}`)).status).toBe(204);
    await relay.tick();
    expect((await me.get(`/v1/tasks/${id}`)).body).toMatchObject({
      state: 'canceled',
      callback: { state: 'failed', attempts: 0 },
    });
    expect(receiver.received).toEqual([]);
  });

  it('that is given up while upstream is asked for its task calls nobody either, and what upstream made is followed', async () => {
    const { relay, receiver, me, wait } = await start();
    const create = relay.services.upstream.create.bind(relay.services.upstream);
    vi.spyOn(relay.services.upstream, 'create').mockImplementation(async (request) => {
      expect((await me.delete(`/v1/waits/${request.requestId}`)).status).toBe(204);
      return await create(request);
    });
    const { status, body } = await wait('[never]');
    vi.restoreAllMocks();
    expect([status, body.state]).toEqual([201, 'canceled']);
    expect((await me.get('/v1/client')).body.active_tasks).toBe(1);
    await relay.tick();
    expect(receiver.received).toEqual([]);
    expect((await me.get(`/v1/tasks/${body.id}`)).body.state).toBe('canceled');
  });

  it('may be given up again, and after its end, which stays as it was', async () => {
    const { relay, receiver, me, wait } = await start();
    const { id } = (await wait()).body;
    await relay.tick();
    for (let i = 0; i < 2; i++) expect((await me.delete(`/v1/waits/${id}`)).status).toBe(204);
    expect((await me.get(`/v1/tasks/${id}`)).body.state).toBe('succeeded');
    expect(receiver.received).toHaveLength(1);
  });

  it('whose task is canceled by another hand hears so', async () => {
    const { relay, receiver, me, wait } = await start();
    const { id } = (await wait('[never]')).body;
    await me.post(`/v1/tasks/${id}/cancel`);
    await relay.tick();
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({ type: 'task.canceled', id });
  });

  it('is nothing of a task that was posted without one, or by another client', async () => {
    const { relay, me, wait } = await start();
    const { id } = (await me.post('/v1/tasks', video('[never]', { callback_url: HOOK }))).body;
    const other = relay.as((await relay.client()).key);
    const mine = (await wait('[never]')).body.id;
    for (const [who, what] of [
      [me, id],
      [me, 'task_0'],
      [other, mine],
    ] as const)
      expect((await who.delete(`/v1/waits/${what}`)).status).toBe(404);
    expect((await me.get('/v1/tasks?state=running')).body.data).toHaveLength(2);
  });

  it('is made once by an idempotency key, which a task without a wait may not have', async () => {
    const { me, wait } = await start();
    const headers = { 'idempotency-key': 'run 7' };
    const first = await wait('[never]', {}, headers);
    const second = await wait('[never]', {}, headers);
    expect([second.status, second.body.id]).toEqual([200, first.body.id]);
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    const body = video('[never]', { callback_url: HOOK });
    expect((await me.post('/v1/tasks', body, headers)).status).toBe(409);
  });

  it.each<[object, string]>([
    [{ callback_url: undefined }, 'callback_url'],
    [{ callback_url: null }, 'callback_url'],
    [{ callback_url: 'https://127.0.0.1/' }, 'callback_url'],
    [{ callback_headers: { a: 'b' } }, 'callback_headers'],
  ])('with %j is refused by the name of the field', async (extra, path) => {
    const { wait } = await start();
    const { status, body } = await wait('a fox', extra);
    expect([status, body.errors[0].path]).toEqual([422, path]);
  });
});

describe('a caller that would follow a Location by itself', () => {
  it('asks for none, and gets the task as made', async () => {
    const { me } = await start();
    const prefer = 'respond-async=no-location';
    const headers = { prefer, 'idempotency-key': 'k' };
    for (let i = 0; i < 2; i++) {
      const answer = await me.post('/v1/tasks', video('[never]'), headers);
      expect([answer.status, answer.headers.get('location')]).toEqual([201, null]);
      expect(answer.headers.get('preference-applied')).toBe(prefer);
      expect(answer.body).toMatchObject({ state: 'running' });
    }
  });

  it('may wait a while, too', async () => {
    const { relay, me } = await start();
    const posting = me.post('/v1/tasks', video(), { prefer: 'wait=20, respond-async="no-location"' });
    await relay.tick();
    const { status, headers, body } = await posting;
    expect([status, headers.get('location'), body.state]).toEqual([201, null, 'succeeded']);
    expect(headers.get('preference-applied')).toBe('wait=20, respond-async=no-location');
  });

  it('is told the Location where it prefers to be answered asynchronously, and no more', async () => {
    const { me } = await start();
    const answer = await me.post('/v1/tasks', video(), { prefer: 'respond-async' });
    expect([answer.status, answer.headers.get('location')]).toEqual([
      202,
      `/v1/tasks/${answer.body.id}/result`,
    ]);
  });
});
