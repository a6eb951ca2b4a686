import { describe, expect, it } from 'vitest';
import type { ScriptedAnswer } from '../support/receiver.ts';
import { startRelay, video } from '../support/relay.ts';

const HOOK = 'https://hooks.example.com/42';
const ALERTS = 'https://alerts.example.com/ringback';
const GONE: ScriptedAnswer = { status: 410 };
const TIME = expect.stringMatching(/^2026-11-22T15:.*Z$/);

interface Delivery {
  readonly id: string;
  readonly kind: string;
  readonly created_at: string;
}

async function start(hook?: ScriptedAnswer[], alerts?: ScriptedAnswer[]) {
  const relay = await startRelay({ timeScale: 0, vars: { RETRY_DELAYS_SECONDS: '20,40' } });
  const receiver = relay.receiver('hooks.example.com', hook);
  const notified = relay.receiver('alerts.example.com', alerts);
  const me = relay.as((await relay.client({ failure_callback_url: ALERTS })).key);
  const post = async (prompt = 'a fox', callback_url: string | null = HOOK): Promise<string> =>
    (await me.post('/v1/tasks', video(prompt, { callback_url }))).body.id;
  const deliveries = async (id: string) => (await me.get(`/v1/tasks/${id}/deliveries`)).body.data;
  return { relay, receiver, notified, me, post, deliveries };
}

describe('the deliveries of a task', () => {
  it('are none while it has no end, and none where nobody is to be called', async () => {
    const { relay, post, deliveries } = await start();
    const running = await post('[never]');
    const uncalled = await post('a fox', null);
    await relay.tick();
    expect([await deliveries(running), await deliveries(uncalled)]).toEqual([[], []]);
  });

  it('are its callback, once it has ended, by the id that its receiver knows', async () => {
    const { relay, receiver, post, deliveries } = await start();
    const id = await post();
    await relay.tick();
    expect(await deliveries(id)).toEqual([
      {
        id: receiver.received[0]?.headers['webhook-id'],
        kind: 'callback',
        subscription_id: null,
        event: 'task.succeeded',
        url: HOOK,
        state: 'delivered',
        attempts: 1,
        last_status: 200,
        next_attempt_at: null,
        delivered_at: TIME,
        created_at: TIME,
      },
    ]);
  });

  it.each([
    ['task.failed', '[fail]'],
    ['task.canceled', '[never]'],
  ])('tell %s', async (event, prompt) => {
    const { relay, me, post, deliveries } = await start();
    const id = await post(prompt);
    if (prompt === '[never]') await me.post(`/v1/tasks/${id}/cancel`);
    await relay.tick();
    expect(await deliveries(id)).toMatchObject([{ event, state: 'delivered' }]);
  });

  it('say when the next attempt is due, as the task does', async () => {
    const { relay, me, post, deliveries } = await start([{ status: 500 }]);
    const id = await post();
    await relay.tick();
    const [callback] = await deliveries(id);
    expect(callback).toMatchObject({
      state: 'pending',
      last_status: 500,
      next_attempt_at: TIME,
      delivered_at: null,
    });
    expect((await me.get(`/v1/tasks/${id}`)).body.callback).toMatchObject({
      state: callback.state,
      attempts: callback.attempts,
      next_attempt_at: callback.next_attempt_at,
    });
  });

  it('are the notice that it was given up too, the oldest first', async () => {
    const { relay, notified, post, deliveries } = await start([GONE]);
    const id = await post();
    await relay.tick();
    await relay.tick();
    const found: Delivery[] = await deliveries(id);
    expect(found).toMatchObject([
      { kind: 'callback', event: 'task.succeeded', state: 'failed', last_status: 410, next_attempt_at: null },
      {
        id: notified.received[0]?.headers['webhook-id'],
        kind: 'notice',
        subscription_id: null,
        event: 'callback.failed',
        url: ALERTS,
        state: 'delivered',
        attempts: 1,
      },
    ]);
    const [callback, notice] = found.map(({ created_at }) => Date.parse(created_at));
    expect(notice).toBeGreaterThan(callback ?? Infinity);
  });
});

describe('the attempts of a delivery', () => {
  it('of a callback are those of its task', async () => {
    const { relay, me, post, deliveries } = await start([
      { status: 500, body: 'no database' },
      { status: 204 },
    ]);
    const id = await post();
    await relay.tick();
    const [callback] = await deliveries(id);
    const own = (await me.get(`/v1/deliveries/${callback.id}/attempts`)).body;
    expect(own).toMatchObject({
      data: [
        { number: 1, status: 500, outcome: 'retry' },
        { number: 2, status: 204, outcome: 'delivered', next_attempt_at: null },
      ],
      next_cursor: null,
    });
    expect(own).toEqual((await me.get(`/v1/tasks/${id}/attempts`)).body);
  });

  it('of a notice are its own', async () => {
    const { relay, me, post, deliveries } = await start([GONE], [{ status: 500 }, { status: 200 }]);
    const id = await post();
    await relay.tick();
    await relay.tick();
    const [callback, notice] = await deliveries(id);
    const log = async ({ id: delivery }: Delivery) =>
      (await me.get(`/v1/deliveries/${delivery}/attempts`)).body.data;
    expect(await log(callback)).toMatchObject([{ number: 1, status: 410, outcome: 'stopped' }]);
    expect(await log(notice)).toMatchObject([
      { number: 1, status: 500, outcome: 'retry' },
      { number: 2, status: 200, outcome: 'delivered' },
    ]);
  });

  it('are none before the first', async () => {
    const { relay, me, post, deliveries } = await start();
    const id = await post('[never]');
    await me.post(`/v1/tasks/${id}/cancel`);
    const [callback] = await deliveries(id);
    expect((await me.get(`/v1/deliveries/${callback.id}/attempts`)).body).toEqual({
      data: [],
      next_cursor: null,
    });
    await relay.tick();
    expect((await me.get(`/v1/deliveries/${callback.id}/attempts`)).body.data).toHaveLength(1);
  });
});

describe('a delivery that is sent again', () => {
  it('is the same message, with the whole schedule before it and the result as upstream gives it now', async () => {
    const { relay, receiver, me, post, deliveries } = await start([GONE, { status: 200 }]);
    const id = await post();
    await relay.tick();
    const [callback] = await deliveries(id);
    const polls = () => relay.simulator.snapshot().calls.recordInfo['200'] ?? 0;
    const before = polls();
    const answer = await me.post(`/v1/deliveries/${callback.id}/redeliver`);
    expect(answer).toMatchObject({
      status: 202,
      body: { id: callback.id, kind: 'callback', state: 'pending', attempts: 1, next_attempt_at: TIME },
    });
    await relay.tick();
    expect(polls()).toBe(before + 1);
    const [first, second, ...more] = receiver.received;
    expect([second?.headers['webhook-id'], second?.body, more]).toEqual([callback.id, first?.body, []]);
    expect((await me.get(`/v1/tasks/${id}`)).body.callback).toMatchObject({
      state: 'delivered',
      attempts: 2,
    });
  });

  it('may be a notice, which tells what it told; the callback is not sent beside it', async () => {
    const { relay, receiver, notified, me, post, deliveries } = await start([GONE]);
    const id = await post();
    await relay.tick();
    await relay.tick();
    const [, notice] = await deliveries(id);
    const answer = await me.post(`/v1/deliveries/${notice.id}/redeliver`);
    expect(answer).toMatchObject({ status: 202, body: { id: notice.id, kind: 'notice', state: 'pending' } });
    await relay.tick();
    expect(receiver.received).toHaveLength(1);
    const [first, second] = notified.received;
    expect([second?.body, second?.headers['webhook-id']]).toEqual([first?.body, notice.id]);
    expect(await deliveries(id)).toMatchObject([{ state: 'failed' }, { state: 'delivered', attempts: 2 }]);
  });

  it('by its task is the callback alone', async () => {
    const { relay, receiver, notified, me, post } = await start([GONE, { status: 200 }]);
    const id = await post();
    await relay.tick();
    await relay.tick();
    expect((await me.post(`/v1/tasks/${id}/redeliver`)).status).toBe(202);
    await relay.tick();
    expect([receiver.received.length, notified.received.length]).toEqual([2, 1]);
  });

  it('may be on its way already: it is sent once', async () => {
    const { relay, receiver, me, post, deliveries } = await start();
    const id = await post('[never]');
    await me.post(`/v1/tasks/${id}/cancel`);
    const [callback] = await deliveries(id);
    for (let i = 0; i < 5; i++)
      expect((await me.post(`/v1/deliveries/${callback.id}/redeliver`)).status).toBe(202);
    await relay.tick();
    expect(receiver.received).toHaveLength(1);
  });
});

describe('deliveries are their owner’s', () => {
  const ROUTES = [
    ['GET', (task: string, _delivery: string) => `/v1/tasks/${task}/deliveries`],
    ['GET', (_task: string, delivery: string) => `/v1/deliveries/${delivery}/attempts`],
    ['POST', (_task: string, delivery: string) => `/v1/deliveries/${delivery}/redeliver`],
  ] as const;

  it('somebody else’s and unknown ones are 404, in the same words, and nothing is sent', async () => {
    const { relay, receiver, post, deliveries } = await start();
    const id = await post();
    await relay.tick();
    const [callback] = await deliveries(id);
    const other = relay.as((await relay.client()).key);
    for (const [method, path] of ROUTES) {
      const ask = async (task: string, delivery: string) =>
        method === 'GET' ? await other.get(path(task, delivery)) : await other.post(path(task, delivery));
      const theirs = await ask(id, callback.id);
      const unknown = await ask('task_0', 'msg_0');
      expect([theirs.status, unknown.status]).toEqual([404, 404]);
      const words = ({ body }: typeof theirs) => body.detail.replace(/"[^"]*"/, '…');
      expect(words(theirs)).toBe(words(unknown));
    }
    await relay.tick();
    expect(receiver.received).toHaveLength(1);
  });

  it('go with their task', async () => {
    const { relay, me, post, deliveries } = await start([GONE]);
    const id = await post();
    await relay.tick();
    await relay.tick();
    const found: Delivery[] = await deliveries(id);
    expect(found).toHaveLength(2);
    expect((await me.delete(`/v1/tasks/${id}`)).status).toBe(204);
    expect((await me.get(`/v1/tasks/${id}/deliveries`)).status).toBe(404);
    for (const { id: delivery } of found)
      expect((await me.get(`/v1/deliveries/${delivery}/attempts`)).status).toBe(404);
  });
});
