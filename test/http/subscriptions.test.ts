import { describe, expect, it } from 'vitest';
import type { ScriptedAnswer } from '../support/receiver.ts';
import { startRelay, video } from '../support/relay.ts';
import { independentSignature } from './independent-signature.ts';

const HOOK = 'https://hooks.example.com/all';
const ENDS = ['task.succeeded', 'task.failed', 'task.canceled'];
const TIME = expect.stringMatching(/^2026-11-22T15:.*Z$/);

async function start(script?: ScriptedAnswer[], vars: Record<string, string> = {}) {
  const relay = await startRelay({ timeScale: 0, vars: { RETRY_DELAYS_SECONDS: '20,40', ...vars } });
  const receiver = relay.receiver('hooks.example.com', script);
  const client = await relay.client();
  const me = relay.as(client.key);
  const subscribe = async (body: Record<string, unknown> = {}) =>
    await me.post('/v1/subscriptions', { url: HOOK, ...body });
  const post = async (prompt = 'a fox', extra: Record<string, unknown> = {}): Promise<string> =>
    (await me.post('/v1/tasks', video(prompt, extra))).body.id;
  const bodies = () => receiver.received.map(({ body }) => JSON.parse(body));
  return { relay, receiver, client, me, subscribe, post, bodies };
}

describe('a subscription', () => {
  it('is made with what was asked for, at an absolute address', async () => {
    const { subscribe, me } = await start();
    const made = await subscribe({ description: 'all of it', headers: { 'X-Key': 'secret-of-mine-1234' } });
    expect(made.status).toBe(201);
    expect(made.body).toEqual({
      id: expect.stringMatching(/^sub_[0-9a-z]{26}$/),
      url: HOOK,
      events: ENDS,
      models: null,
      format: 'json',
      description: 'all of it',
      state: 'active',
      stopped_reason: null,
      created_at: TIME,
      last_delivered_at: null,
      last_status: null,
    });
    expect(made.headers.get('location')).toBe(`https://relay.test/v1/subscriptions/${made.body.id}`);
    expect((await me.get(`/v1/subscriptions/${made.body.id}`)).body).toEqual(made.body);
    expect((await me.get('/v1/subscriptions')).body).toEqual({ data: [made.body], next_cursor: null });
  });

  it.each([
    ['no events', { events: [] }, 'events'],
    ['an unknown event', { events: ['task.exploded'] }, 'events.0'],
    ["an operator's event", { events: ['receiver.failing'] }, 'events.0'],
    ['no models', { models: [] }, 'models'],
    ['an unknown model', { models: ['sora'] }, 'models.0'],
    ['an unknown format', { format: 'telegram' }, 'format'],
    ['a long description', { description: 'x'.repeat(201) }, 'description'],
    ['a private address', { url: 'https://10.0.0.1/' }, 'url'],
    ['its own signature', { headers: { 'webhook-id': '1' } }, 'headers.webhook-id'],
    ['a field that nobody knows', { event: 'task.failed' }, 'event'],
  ])('is refused with %s', async (_, body, path) => {
    const { subscribe, me } = await start();
    const answer = await subscribe(body);
    expect([answer.status, answer.body.errors?.[0].path]).toEqual([422, path]);
    expect((await me.get('/v1/subscriptions')).body.data).toEqual([]);
  });

  it('is told of an end by the flat body that the list of events has, signed', async () => {
    const { relay, receiver, client, me, subscribe, post, bodies } = await start();
    const { id } = (await subscribe({ headers: { 'X-Key': 'secret-of-mine-1234' } })).body;
    const task = await post('a fox', { metadata: { row: 1 } });
    await relay.tick();
    const [body] = bodies();
    expect(body).toMatchObject({ type: 'task.succeeded', id: task, metadata: { row: 1 } });
    expect((await me.get('/v1/events')).body.data[0]).toEqual(body);
    const [message] = receiver.received;
    expect(message?.headers).toMatchObject({ 'x-key': 'secret-of-mine-1234' });
    expect(message?.headers['webhook-signature']).toBe(
      message && independentSignature(client.signing_secret, message),
    );
    expect((await me.get(`/v1/tasks/${task}/deliveries`)).body.data).toMatchObject([
      {
        id: message?.headers['webhook-id'],
        kind: 'subscription',
        subscription_id: id,
        event: 'task.succeeded',
        url: HOOK,
        state: 'delivered',
        attempts: 1,
        last_status: 200,
      },
    ]);
    expect((await me.get(`/v1/subscriptions/${id}`)).body).toMatchObject({
      last_status: 200,
      last_delivered_at: TIME,
    });
  });

  it('shares the event_id with the callback, and no webhook-id', async () => {
    const { relay, receiver, subscribe, post, bodies } = await start();
    await subscribe();
    await post('a fox', { callback_url: 'https://hooks.example.com/own' });
    await relay.tick();
    expect(receiver.received).toHaveLength(2);
    expect(new Set(bodies().map(({ event_id: id }) => id)).size).toBe(1);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
  });

  it('is told only of its events and its models', async () => {
    const { relay, subscribe, post, bodies } = await start();
    await subscribe({ events: ['task.failed'] });
    await subscribe({ url: `${HOOK}/2`, models: ['gpt-image-2-text-to-image'] });
    await post();
    const failed = await post('[fail]');
    await relay.tick();
    expect(bodies()).toMatchObject([{ type: 'task.failed', id: failed }]);
  });

  it('is told once that upstream has taken a task', async () => {
    const { relay, me, subscribe, post, bodies } = await start();
    await subscribe({ events: ['task.running'] });
    const task = await post('[never]');
    await relay.tick();
    await relay.tick();
    expect(bodies()).toMatchObject([
      { type: 'task.running', id: task, state: 'running', result_url: null, completed_at: null },
    ]);
    await me.post(`/v1/tasks/${task}/cancel`);
    const { data } = (await me.get('/v1/events')).body;
    expect(data.map(({ type }: { type: string }) => type)).toEqual(['task.canceled', 'task.running']);
    expect(data[1]).toEqual(bodies()[0]);
  });

  it('is told that a callback was given up', async () => {
    const { relay, me, subscribe, post, bodies } = await start();
    relay.receiver('dead.example.com', [{ status: 410 }]);
    await subscribe({ events: ['callback.failed'] });
    const task = await post('a fox', { callback_url: 'https://dead.example.com/1' });
    await relay.tick();
    expect(bodies()).toMatchObject([
      {
        type: 'callback.failed',
        id: task,
        state: 'succeeded',
        callback_url: 'https://dead.example.com/1',
        attempts: 1,
        last_status: 410,
      },
    ]);
    expect((await me.get('/v1/events?type=callback.failed')).body.data).toEqual(bodies());
    await me.post(`/v1/tasks/${task}/redeliver`);
    await relay.tick();
    expect(bodies().map(({ attempts }) => attempts)).toEqual([1, 2]);
    expect((await me.get(`/v1/events?type=callback.failed&task_id=${task}`)).body.data).toHaveLength(2);
  });

  it('is told nothing of what happened before it was made, nor of other clients', async () => {
    const { relay, subscribe, post, bodies } = await start();
    await post();
    await relay.tick();
    await subscribe();
    const other = relay.as((await relay.client()).key);
    await other.post('/v1/tasks', video());
    await relay.tick();
    expect(bodies()).toEqual([]);
  });

  it('is the same one where it is asked for again, whatever the order of its names', async () => {
    const { me, subscribe } = await start();
    const first = await subscribe({ events: ['task.failed', 'task.succeeded'], description: 'one' });
    const again = await subscribe({ events: ['task.succeeded', 'task.failed'], description: 'two' });
    expect([again.status, again.body.id, again.body.description]).toEqual([200, first.body.id, 'two']);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect((await subscribe({ events: ['task.failed'] })).status).toBe(201);
    expect((await subscribe({ format: 'slack' })).status).toBe(201);
    expect((await me.get('/v1/subscriptions')).body.data).toHaveLength(3);
  });

  it('is one of at most twenty that are active', async () => {
    const { relay, me, subscribe, post } = await start([{ status: 410 }]);
    const { id } = (await subscribe()).body;
    for (let i = 1; i < 20; i++) expect((await subscribe({ url: `${HOOK}/${i}` })).status).toBe(201);
    expect((await subscribe({ url: `${HOOK}/20` })).status).toBe(409);
    expect((await subscribe()).status).toBe(200);
    await post();
    await relay.tick();
    expect((await me.get(`/v1/subscriptions/${id}`)).body.state).toBe('stopped');
    for (let i = 20; i < 40; i++) expect((await subscribe({ url: `${HOOK}/${i}` })).status).toBe(201);
    expect((await me.post(`/v1/subscriptions/${id}/activate`)).status).toBe(409);
    expect((await subscribe()).status).toBe(409);
  });

  it("is nobody else's to see, to change or to delete", async () => {
    const { relay, subscribe } = await start();
    const { id } = (await subscribe()).body;
    const other = relay.as((await relay.client()).key);
    const path = `/v1/subscriptions/${id}`;
    expect((await other.get(path)).status).toBe(404);
    expect((await other.delete(path)).status).toBe(404);
    expect((await other.post(`${path}/test`)).status).toBe(404);
    expect((await other.post(`${path}/activate`)).status).toBe(404);
  });
});

describe('a subscription ends', () => {
  it('by a delete, and what is pending for it as failed', async () => {
    const { relay, receiver, me, subscribe, post } = await start([{ status: 500 }]);
    const { id } = (await subscribe()).body;
    const task = await post();
    await relay.tick();
    expect((await me.delete(`/v1/subscriptions/${id}`)).status).toBe(204);
    expect((await me.delete(`/v1/subscriptions/${id}`)).status).toBe(404);
    const count = receiver.received.length;
    await relay.tick();
    expect(receiver.received).toHaveLength(count);
    const [delivery] = (await me.get(`/v1/tasks/${task}/deliveries`)).body.data;
    expect(delivery).toMatchObject({ state: 'failed', subscription_id: id, next_attempt_at: null });
    expect((await me.post(`/v1/deliveries/${delivery.id}/redeliver`)).status).toBe(409);
    expect((await me.get(`/v1/deliveries/${delivery.id}/attempts`)).body.data).not.toEqual([]);
  });

  it('by a 410, until it is taken up again, without what it missed', async () => {
    const { relay, me, subscribe, post, bodies } = await start([{ status: 410 }, { status: 200 }]);
    const { id } = (await subscribe()).body;
    await post('first');
    await relay.tick();
    expect((await me.get(`/v1/subscriptions/${id}`)).body).toMatchObject({
      state: 'stopped',
      stopped_reason: expect.stringContaining('410'),
      last_status: 410,
    });
    const missed = await post('second');
    await relay.tick();
    const active = await me.post(`/v1/subscriptions/${id}/activate`);
    expect([active.status, active.body.state, active.body.stopped_reason]).toEqual([200, 'active', null]);
    const third = await post('third');
    await relay.tick();
    expect(bodies().map((body) => body.id)).not.toContain(missed);
    expect(bodies().at(-1)?.id).toBe(third);
  });

  it('by failing for as long as the deployment says, and is told so', async () => {
    const vars = { SUBSCRIPTION_STOP_SECONDS: '86400', RETRY_DELAYS_SECONDS: '3600' };
    const { relay, me, subscribe, post } = await start([{ status: 500 }], vars);
    const { id } = (await subscribe()).body;
    await post();
    await relay.tick();
    relay.clock.advance(80_000_000);
    await post();
    await relay.tick();
    expect((await me.get(`/v1/subscriptions/${id}`)).body.state).toBe('active');
    relay.clock.advance(8_000_000);
    await relay.tick();
    expect((await me.get(`/v1/subscriptions/${id}`)).body).toMatchObject({
      state: 'stopped',
      stopped_reason: 'Every delivery to it has failed for 1 day.',
    });
  });

  it('not by failing, where one came through in between', async () => {
    const vars = { SUBSCRIPTION_STOP_SECONDS: '3600', RETRY_DELAYS_SECONDS: '20' };
    const { relay, me, subscribe, post } = await start(
      [{ status: 500 }, { status: 200 }, { status: 500 }],
      vars,
    );
    const { id } = (await subscribe()).body;
    await post();
    await relay.tick();
    relay.clock.advance(4_000_000);
    await post();
    await relay.tick();
    expect((await me.get(`/v1/subscriptions/${id}`)).body.state).toBe('active');
  });

  it('with its client', async () => {
    const { relay, receiver, client, subscribe, post } = await start([{ status: 500 }]);
    await subscribe();
    await post();
    await relay.tick();
    const count = receiver.received.length;
    await relay.admin().delete(`/admin/clients/${client.id}`);
    await relay.tick();
    expect(receiver.received).toHaveLength(count);
  });
});

describe('the test of a subscription', () => {
  it.each(['json', 'slack', 'discord', 'teams'])('is sent in its format: %s', async (format) => {
    const { me, subscribe, bodies } = await start([{ status: 204 }]);
    const { id } = (await subscribe({ format })).body;
    const answer = await me.post(`/v1/subscriptions/${id}/test`);
    expect([answer.status, answer.body.ok, answer.body.status]).toEqual([200, true, 204]);
    const [first] = { json: ['event_id'], slack: ['text'], discord: ['content'], teams: ['attachments'] }[
      format
    ] ?? [''];
    expect(bodies()[0]).toHaveProperty(first ?? '');
  });

  it('stops nothing, whatever it is answered', async () => {
    const { me, subscribe } = await start([{ status: 410 }]);
    const { id } = (await subscribe()).body;
    expect((await me.post(`/v1/subscriptions/${id}/test`)).body.ok).toBe(false);
    expect((await me.get(`/v1/subscriptions/${id}`)).body.state).toBe('active');
  });
});
