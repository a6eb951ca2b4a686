import { describe, expect, it } from 'vitest';

import type { ScriptedAnswer } from '../support/receiver.ts';
import { startRelay, video } from '../support/relay.ts';
import { independentSignature } from './independent-signature.ts';

const HOOK = 'https://hooks.example.com/42';
const ALERTS = 'https://alerts.example.com/ringback?token=a%2Fb';
const GONE: ScriptedAnswer = { status: 410 };

interface Scripts {
  readonly hook?: ScriptedAnswer[];
  readonly alerts?: ScriptedAnswer[];
  readonly client?: Record<string, unknown>;
  readonly delays?: string;
}

/** A client that wants to be told of callbacks that were given up. */
async function start({ hook = [GONE], alerts: script, client: fields, delays = '5,30' }: Scripts = {}) {
  const relay = await startRelay({ timeScale: 0, vars: { RETRY_DELAYS_SECONDS: delays } });
  const receiver = relay.receiver('hooks.example.com', hook);
  const alerts = relay.receiver('alerts.example.com', script);
  const client = await relay.client({ failure_callback_url: ALERTS, ...fields });
  const me = relay.as(client.key);
  const post = async (prompt = 'a fox'): Promise<string> =>
    (await me.post('/v1/tasks', video(prompt, { callback_url: HOOK, metadata: { row: '42' } }))).body.id;
  const task = async (id: string) => (await me.get(`/v1/tasks/${id}`)).body;
  const ticks = async (count: number) => {
    let left = count;
    await relay.tickUntil(async () => left-- === 0, count);
  };
  return { relay, receiver, alerts, client, me, post, task, ticks };
}

describe('a callback that is given up', () => {
  it('is told to the failure URL of its client, once', async () => {
    const { alerts, receiver, client, post, task, ticks } = await start();
    const id = await post();
    await ticks(5);
    const ended = await task(id);
    expect(ended).toMatchObject({ state: 'succeeded', callback: { state: 'failed', attempts: 1 } });
    expect(receiver.received).toHaveLength(1);
    expect(alerts.received).toHaveLength(1);
    const [notice] = alerts.received;
    if (notice === undefined) throw new Error('no notice');
    expect(notice.url).toBe(ALERTS);
    expect(JSON.parse(notice.body)).toEqual({
      ...JSON.parse(receiver.received[0]?.body ?? ''),
      type: 'callback.failed',
      event_id: `${id.replace('task_', 'evt_')}_givenup_1`,
      timestamp: expect.stringMatching(/^2026-11-22T15:0\d:\d\d\.\d{3}Z$/),
      callback_url: HOOK,
      attempts: 1,
      last_status: 410,
    });
    expect(notice.headers['content-type']).toBe('application/json');
    expect(notice.headers['user-agent']).toMatch(/^Ringback\/\d/);
    expect(notice.headers['webhook-signature']).toBe(independentSignature(client.signing_secret, notice));
    expect(notice.headers['webhook-id']).not.toBe(receiver.received[0]?.headers['webhook-id']);
  });

  it.each<[string, string, ScriptedAnswer, { attempts: number; last_status: number | null }]>([
    ['after the whole schedule', 'a fox', { status: 500 }, { attempts: 3, last_status: 500 }],
    ['where nobody ever answered', 'a fox', 'reset', { attempts: 3, last_status: null }],
    ['of a task that failed itself', '[fail]', GONE, { attempts: 1, last_status: 410 }],
  ])('is told %s', async (_, prompt, answer, given) => {
    const { alerts, post, task, ticks } = await start({ hook: [answer] });
    const id = await post(prompt);
    await ticks(5);
    const { state, error_code, callback } = await task(id);
    expect(callback).toMatchObject({ state: 'failed', ...given });
    expect(alerts.received.map(({ body }) => JSON.parse(body))).toMatchObject([
      { type: 'callback.failed', id, state, error_code, ...given },
    ]);
  });

  it("is told without the task's own headers, which are for its own receiver", async () => {
    const { alerts, me, ticks } = await start();
    const own = { callback_url: HOOK, callback_headers: { Authorization: 'Bearer n8n', 'X-Row': '42' } };
    await me.post('/v1/tasks', video('a fox', own));
    await ticks(2);
    expect(alerts.received).toHaveLength(1);
    expect(alerts.received[0]?.headers).not.toHaveProperty('authorization');
    expect(alerts.received[0]?.headers).not.toHaveProperty('x-row');
  });

  it('is told to nobody where its client has not asked for it', async () => {
    const { alerts, post, task, ticks } = await start({ client: { failure_callback_url: null } });
    const id = await post();
    await ticks(3);
    expect((await task(id)).callback.state).toBe('failed');
    expect(alerts.received).toEqual([]);
  });

  it('stays in the log of attempts as it was: the notice is none of them', async () => {
    const { me, post, ticks, task } = await start({ alerts: [{ status: 500 }, { status: 200 }] });
    const id = await post();
    await ticks(3);
    expect((await me.get(`/v1/tasks/${id}/attempts`)).body.data).toHaveLength(1);
    expect((await task(id)).callback).toMatchObject({ attempts: 1, last_status: 410, next_attempt_at: null });
  });
});

describe('nothing is told', () => {
  it('of a callback that was delivered, at once or after a while', async () => {
    const { alerts, post, task, ticks } = await start({ hook: [{ status: 200 }, 'reset', { status: 204 }] });
    const ids = [await post()];
    await ticks(1);
    ids.push(await post());
    await ticks(3);
    for (const id of ids) expect((await task(id)).callback.state).toBe('delivered');
    expect(alerts.received).toEqual([]);
  });

  it('as long as there is another attempt to come', async () => {
    const { alerts, post, task, relay } = await start({ hook: [{ status: 500 }], delays: '5,300' });
    const id = await post();
    await relay.tick();
    expect((await task(id)).callback).toMatchObject({ state: 'pending', attempts: 2 });
    expect(alerts.received).toEqual([]);
  });
});

describe('a notice that nobody takes', () => {
  it('is sent again by the schedule, byte for byte the same, until somebody does', async () => {
    const { alerts, post, ticks } = await start({ alerts: ['reset', { status: 503 }, { status: 200 }] });
    await post();
    await ticks(8);
    expect(alerts.received).toHaveLength(3);
    const [one = 0, two = 0, three = 0] = alerts.received.map(({ at }) => at);
    // The schedule with its jitter, and what the tick takes to come to it.
    expect(two - one).toBeGreaterThanOrEqual(4_000);
    expect(three - two).toBeGreaterThanOrEqual(24_000);
    expect(three - two).toBeLessThan(44_000);
    expect(new Set(alerts.received.map(({ body }) => body)).size).toBe(1);
    expect(new Set(alerts.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  it('is given up after the last delay, and leaves no work behind', async () => {
    const { relay, alerts, post, ticks } = await start({ alerts: [{ status: 500 }] });
    await post();
    await ticks(12);
    expect(alerts.received).toHaveLength(3);
    expect((await relay.admin().get('/admin/stats')).body.oldest_due_seconds).toBeNull();
  });

  it('does not follow a redirect', async () => {
    const { relay, post, ticks } = await start({
      alerts: [{ status: 302, headers: { location: 'https://b.example.com/' } }],
    });
    const elsewhere = relay.receiver('b.example.com');
    await post();
    await ticks(2);
    expect(elsewhere.received).toEqual([]);
  });
});

describe('a callback that is redelivered after it was given up', () => {
  it('and arrives then is not told of again', async () => {
    const { alerts, me, post, task, ticks } = await start({ hook: [GONE, { status: 200 }] });
    const id = await post();
    await ticks(2);
    await me.post(`/v1/tasks/${id}/redeliver`);
    await ticks(2);
    expect((await task(id)).callback.state).toBe('delivered');
    expect(alerts.received).toHaveLength(1);
  });

  it('and is given up again is told of again, with all its attempts', async () => {
    const { alerts, me, post, ticks } = await start();
    const id = await post();
    await ticks(2);
    await me.post(`/v1/tasks/${id}/redeliver`);
    await ticks(2);
    const told = alerts.received.map(({ body }) => JSON.parse(body));
    expect(told).toMatchObject([
      { type: 'callback.failed', id, attempts: 1 },
      { type: 'callback.failed', id, attempts: 2 },
    ]);
    expect(told[1].timestamp > told[0].timestamp).toBe(true);
  });

  it('takes back a notice that is still on its way', async () => {
    const { relay, alerts, me, post, task, ticks } = await start({
      hook: [GONE, { status: 200 }],
      alerts: [{ status: 500 }],
    });
    const id = await post();
    await relay.tick();
    const calls = alerts.received.length;
    await me.post(`/v1/tasks/${id}/redeliver`);
    await ticks(8);
    expect((await task(id)).callback.state).toBe('delivered');
    expect(alerts.received).toHaveLength(calls);
  });
});

describe('the failure URL of a client', () => {
  it('is shown to the operator as it was given, and can be changed and taken away', async () => {
    const { relay, client } = await start();
    const admin = relay.admin();
    const path = `/admin/clients/${client.id}`;
    const shown = async () => (await admin.get(path)).body.failure_callback_url;
    expect(await shown()).toBe(ALERTS);
    const other = 'https://Alerts.Example.com:443//x?sig=%3d';
    expect((await admin.patch(path, { failure_callback_url: other })).body.failure_callback_url).toBe(other);
    await admin.patch(path, { name: 'y' });
    expect(await shown()).toBe(other);
    expect(await admin.patch(path, { failure_callback_url: null })).toMatchObject({ status: 200 });
    expect(await shown()).toBeNull();
  });

  it('is not called any more once it was taken away', async () => {
    const { relay, alerts, client, post, ticks } = await start({ alerts: [{ status: 500 }] });
    await post();
    await relay.tick();
    const calls = alerts.received.length;
    await relay.admin().patch(`/admin/clients/${client.id}`, { failure_callback_url: null });
    await ticks(8);
    expect(alerts.received).toHaveLength(calls);
  });

  it.each([
    ['without https', 'http://alerts.example.com/', 'https://'],
    ['that is none', 'alerts', 'no complete URL'],
    ['that is empty', '', 'no complete URL'],
    ['with a password', 'https://me:pw@alerts.example.com/', 'user name or password'],
    ['at another port', 'https://alerts.example.com:25/', 'Port 25'],
    ['on loopback', 'https://127.0.0.1/', 'address'],
    ['in a private network', 'https://alerts.internal/', 'private network'],
    ['of this relay', 'https://relay.test/x', 'this Ringback'],
    ['too long', `https://alerts.example.com/${'x'.repeat(2_048)}`, '2,048 characters'],
  ])('is refused: one %s', async (_, failure_callback_url, words) => {
    const { relay, client } = await start();
    const admin = relay.admin();
    const answers = [
      await admin.post('/admin/clients', { name: 'x', failure_callback_url }),
      await admin.patch(`/admin/clients/${client.id}`, { name: 'x', failure_callback_url }),
    ];
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: 'failure_callback_url' }] } });
      expect(answer.body.errors[0].message).toContain(words);
    }
    const { body } = await admin.get('/admin/clients');
    expect(body.data).toMatchObject([{ name: 'test', failure_callback_url: ALERTS }]);
  });

  it('is judged again when it is called', async () => {
    const relay = await startRelay({ timeScale: 0, vars: { ALLOW_PRIVATE_CALLBACKS: 'true' } });
    const alerts = relay.receiver('127.0.0.1:9');
    relay.receiver('hooks.example.com', [GONE]);
    const { key } = await relay.client({ failure_callback_url: 'http://127.0.0.1:9/' });
    await relay.as(key).post('/v1/tasks', video('a fox', { callback_url: HOOK }));
    relay.restart({ vars: { ALLOW_PRIVATE_CALLBACKS: 'false' } });
    await relay.tick();
    expect(alerts.received).toEqual([]);
  });
});
