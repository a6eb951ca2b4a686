import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import type { ScriptedAnswer } from '../support/receiver.ts';
import { startRelay, video } from '../support/relay.ts';

const HOOK = 'https://hooks.example.com/1';
const DELAYS = [5, 30, 300];

/** A task whose video is ready at once, and a receiver that answers by script. */
async function ended(
  script: ScriptedAnswer[],
  extra: Record<string, unknown> = {},
  vars: Record<string, string> = {},
) {
  const relay = await startRelay({ timeScale: 0, vars: { RETRY_DELAYS_SECONDS: DELAYS.join(','), ...vars } });
  const receiver = relay.receiver('hooks.example.com', script);
  const client = await relay.client();
  const api = relay.as(client.key);
  const { body } = await api.post('/v1/tasks', video('a fox', { callback_url: HOOK, ...extra }));
  const path = `/v1/tasks/${body.id}`;
  return {
    relay,
    receiver,
    client,
    api,
    path,
    task: async () => (await api.get(path)).body,
    attempts: async () => (await api.get(`${path}/attempts`)).body.data,
    /** Ticks until the callback is delivered or given up. */
    settle: async () =>
      await relay.tickUntil(
        async () => ['delivered', 'failed'].includes((await api.get(path)).body.callback.state),
        60,
      ),
  };
}

function gaps(received: readonly { at: number }[]): number[] {
  return received.slice(1).map(({ at }, i) => (at - (received[i]?.at ?? 0)) / 1_000);
}

describe('a receiver that fails', () => {
  it('is tried again by the schedule, with the same webhook-id and body, until the last attempt', async () => {
    const { settle, receiver, task, attempts } = await ended([{ status: 500, body: 'no such workflow' }]);
    await settle();
    expect(await task()).toMatchObject({
      state: 'succeeded',
      callback: { state: 'failed', attempts: 4, last_status: 500, next_attempt_at: null, delivered_at: null },
    });
    expect(receiver.received).toHaveLength(DELAYS.length + 1);
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    for (const [i, gap] of gaps(receiver.received).entries()) {
      const delay = DELAYS[i] ?? 0;
      // The schedule with its jitter, and up to a minute until the next tick.
      expect(gap).toBeGreaterThanOrEqual(delay * 0.8);
      expect(gap).toBeLessThanOrEqual(delay * 1.2 + 8);
    }
    const log = await attempts();
    expect(log.map(({ number, outcome }: { number: number; outcome: string }) => [number, outcome])).toEqual([
      [1, 'retry'],
      [2, 'retry'],
      [3, 'retry'],
      [4, 'exhausted'],
    ]);
    expect(log[0]).toMatchObject({
      status: 500,
      detail: expect.stringMatching(/^Answered 500 with "no such workflow"; next attempt at 20/),
    });
    expect(log[0].next_attempt_at).not.toBeNull();
    expect(log[3].next_attempt_at).toBeNull();
  });

  it('and then answers is delivered to', async () => {
    const { settle, task, attempts } = await ended(['reset', { status: 502 }, { status: 204 }]);
    await settle();
    expect(await task()).toMatchObject({ callback: { state: 'delivered', attempts: 3, last_status: 204 } });
    expect(await attempts()).toMatchObject([
      { status: null, detail: expect.stringMatching(/^The connection failed: /) },
      { status: 502, outcome: 'retry' },
      { status: 204, outcome: 'delivered', detail: 'Answered 204; delivered.' },
    ]);
  });

  it('by never answering is given up after the timeout of each attempt', async () => {
    const { settle, task, attempts } = await ended(
      ['hang'],
      {},
      { RETRY_DELAYS_SECONDS: '5', CALLBACK_TIMEOUT_SECONDS: '4' },
    );
    await settle();
    expect(await task()).toMatchObject({ callback: { state: 'failed', attempts: 2, last_status: null } });
    expect(await attempts()).toMatchObject([
      {
        status: null,
        duration_ms: 4_000,
        detail: expect.stringMatching(/^No answer within 4 s; next attempt at /),
      },
      { outcome: 'exhausted' },
    ]);
  });

  it('uses up its schedule although the clock steps back while it is called', async () => {
    const { settle, relay, receiver, task } = await ended(['reset']);
    vi.spyOn(receiver, 'answer').mockImplementationOnce(async () => {
      relay.clock.advance(-3_000);
      throw new TypeError('Network connection lost.');
    });
    await settle();
    expect(await task()).toMatchObject({ callback: { state: 'failed', attempts: 4 } });
  });

  it('with 410 is not called again', async () => {
    const { settle, receiver, task, attempts } = await ended([{ status: 410 }]);
    await settle();
    expect(receiver.received).toHaveLength(1);
    expect(await task()).toMatchObject({ callback: { state: 'failed', attempts: 1, last_status: 410 } });
    expect(await attempts()).toMatchObject([{ outcome: 'stopped' }]);
  });

  it('with a redirect is not followed, and the log says where it pointed', async () => {
    const { relay, receiver, attempts } = await ended([
      { status: 301, headers: { location: 'https://elsewhere.example.com/x' } },
    ]);
    const elsewhere = relay.receiver('elsewhere.example.com');
    await relay.tick();
    expect(receiver.received.length).toBeGreaterThan(0);
    expect(elsewhere.received).toEqual([]);
    expect((await attempts())[0].detail).toMatch(
      /^Answered 301 to https:\/\/elsewhere\.example\.com\/x, and redirects are not followed; next attempt at /,
    );
  });

  it('with 429 and Retry-After is left alone for that long', async () => {
    const { settle, receiver } = await ended([
      { status: 429, headers: { 'retry-after': '100' } },
      { status: 200 },
    ]);
    await settle();
    expect(gaps(receiver.received)[0]).toBeGreaterThanOrEqual(100);
  });

  it('with 404 at first may not be listening yet, and is asked again within seconds', async () => {
    const { settle, receiver, task } = await ended([{ status: 404 }, { status: 409 }, { status: 200 }]);
    await settle();
    expect(await task()).toMatchObject({ callback: { state: 'delivered', attempts: 3 } });
    const [first, second] = gaps(receiver.received);
    expect(first).toBeLessThan(4);
    expect(second).toBeLessThan(5);
  });

  it('that hangs three times over delays no other receiver', async () => {
    const relay = await startRelay({ timeScale: 0, vars: { SUBREQUEST_BUDGET: '500' } });
    relay.receiver('dead.example.com', ['hang']);
    const healthy = relay.receiver('hooks.example.com');
    const { key } = await relay.client();
    const post = async (callback_url: string) =>
      await relay.as(key).post('/v1/tasks', video('', { callback_url }));
    for (let i = 0; i < 3; i++) await post(`https://dead.example.com/${i}`);
    for (let i = 0; i < 10; i++) await post(`https://hooks.example.com/${i}`);
    const startedAt = relay.clock.now();
    await relay.tick();
    expect(healthy.received).toHaveLength(10);
    for (const { at } of healthy.received) expect(at - startedAt).toBeLessThan(15_000);
  });
});

describe('a callback', () => {
  it("carries the caller's own headers, which are sealed at rest and never read back", async () => {
    const { receiver, settle, api, path } = await ended([{ status: 200 }], {
      callback_headers: { Authorization: 'Bearer n8n-secret', 'X-Row': '42' },
    });
    await settle();
    expect(receiver.received[0]?.headers).toMatchObject({
      authorization: 'Bearer n8n-secret',
      'x-row': '42',
    });
    expect(JSON.stringify((await api.get(path)).body)).not.toContain('n8n-secret');
    const tables = await Promise.all(
      ['tasks', 'attempts'].map((table) => env.DB.prepare(`select * from ${table}`).all()),
    );
    expect(JSON.stringify(tables)).not.toContain('n8n-secret');
  });

  it('is refused at the call too where the policy has changed since it was accepted', async () => {
    const { relay, attempts, task } = await ended(
      [{ status: 200 }],
      { callback_url: 'http://127.0.0.1:9/x' },
      { ALLOW_PRIVATE_CALLBACKS: 'true' },
    );
    relay.restart({ vars: { ALLOW_PRIVATE_CALLBACKS: 'false' } });
    await relay.tick();
    expect(await task()).toMatchObject({
      state: 'succeeded',
      callback: { state: 'pending', last_status: null },
    });
    expect((await attempts())[0]).toMatchObject({
      status: null,
      detail: expect.stringMatching(/^Not called: .*https/),
    });
  });

  it('of a canceled task says so, once', async () => {
    const { relay, receiver, api, path } = await ended([{ status: 200 }], {
      model: 'seedance-2.0-text-to-video',
      input: { prompt: '[never]' },
    });
    expect((await api.post(`${path}/cancel`)).body).toMatchObject({
      state: 'canceled',
      callback: { state: 'pending' },
    });
    await relay.tick();
    expect(receiver.received).toHaveLength(1);
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({
      type: 'task.canceled',
      state: 'canceled',
      result_url: null,
      error_code: null,
    });
  });

  it('still goes out where its client was revoked meanwhile', async () => {
    const { relay, receiver, client } = await ended([{ status: 200 }]);
    expect((await relay.admin().delete(`/admin/clients/${client.id}`)).status).toBe(204);
    await relay.tick();
    expect(receiver.received).toHaveLength(1);
  });

  it('carries two signatures for 24 h after a rotation, and one again afterwards', async () => {
    const { relay, receiver, client, api, path } = await ended([{ status: 200 }]);
    await relay.admin().post(`/admin/clients/${client.id}/rotate-secret`);
    await relay.tick();
    relay.clock.advance(25 * 3_600_000);
    await api.post(`${path}/redeliver`);
    await relay.tick();
    const signatures = receiver.received.map(
      ({ headers }) => headers['webhook-signature']?.split(' ').length,
    );
    expect(signatures).toEqual([2, 1]);
  });
});

describe('a redelivery', () => {
  it('sends the same webhook-id again and counts the attempts on', async () => {
    const { relay, receiver, settle, api, path, task, attempts } = await ended([{ status: 200 }]);
    await settle();
    const again = await api.post(`${path}/redeliver`);
    expect(again).toMatchObject({
      status: 202,
      body: { callback: { state: 'pending', attempts: 1, delivered_at: null } },
    });
    await relay.tick();
    expect(await task()).toMatchObject({ callback: { state: 'delivered', attempts: 2 } });
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect((await attempts()).map(({ number }: { number: number }) => number)).toEqual([1, 2]);
  });

  it('takes the schedule from its beginning after a callback was given up', async () => {
    const { relay, receiver, settle, api, path, task } = await ended([
      ...DELAYS.map(() => ({ status: 500 })),
      { status: 500 },
      { status: 500 },
      { status: 200 },
    ]);
    await settle();
    expect(await task()).toMatchObject({ callback: { state: 'failed', attempts: 4 } });
    await api.post(`${path}/redeliver`);
    await relay.tick();
    expect(await task()).toMatchObject({ callback: { state: 'delivered', attempts: 6 } });
    expect(receiver.received).toHaveLength(6);
  });

  it('asked for while an attempt is under way loses neither from the log', async () => {
    const { relay, receiver, api, path, task, attempts } = await ended(['hang', { status: 200 }]);
    const ticking = relay.tick();
    await relay.clock.sleep(5_000);
    expect((await api.post(`${path}/redeliver`)).status).toBe(202);
    await ticking;
    expect(receiver.received).toHaveLength(2);
    expect(await task()).toMatchObject({ callback: { state: 'delivered', attempts: 2 } });
    expect((await attempts()).map(({ number }: { number: number }) => number)).toEqual([1, 2]);
  });

  it('is not spoilt by an earlier attempt that ends during it, in another invocation', async () => {
    const { relay, receiver, api, path, task, attempts } = await ended([
      'hang',
      { status: 200, afterMs: 12_000 },
    ]);
    const first = relay.tick();
    while (receiver.received.length === 0) await relay.clock.sleep(100);
    await relay.clock.sleep(5_000);
    await api.post(`${path}/redeliver`);
    const second = relay.tick();
    await Promise.all([first, second]);
    await relay.tick();
    expect(receiver.received).toHaveLength(2);
    expect(await task()).toMatchObject({ callback: { state: 'delivered', attempts: 2 } });
    const log = (await attempts()).map(({ number, status }: { number: number; status: number | null }) => ({
      number,
      status,
    }));
    expect(log).toEqual([
      { number: 1, status: null },
      { number: 2, status: 200 },
    ]);
  });

  it('carries the links that upstream gives now, because links expire', async () => {
    const { relay, receiver, settle, api, path, task } = await ended([{ status: 200 }]);
    await settle();
    await env.DB.prepare(
      `update tasks set result_json = '{"resultUrls":["https://cdn.example.com/expired.mp4"]}'`,
    ).run();
    await api.post(`${path}/redeliver`);
    await relay.tick();
    const [first, second] = receiver.received.map(({ body }) => JSON.parse(body).result_url);
    expect(second).toBe(first);
    expect((await task()).result_url).toBe(first);
  });

  it('goes out with the links of before where upstream cannot be asked', async () => {
    const { relay, receiver, settle, api, path } = await ended([{ status: 200 }]);
    await settle();
    await relay.fault({ kind: 'status', endpoint: 'recordInfo', status: 500 });
    await api.post(`${path}/redeliver`);
    await relay.tick();
    expect(receiver.received).toHaveLength(2);
    expect(receiver.received[1]?.body).toBe(receiver.received[0]?.body);
  });
});

describe('a drop-in task', () => {
  it('is called back with exactly what recordInfo answers', async () => {
    const relay = await startRelay({ timeScale: 0 });
    const receiver = relay.receiver('hooks.example.com');
    const { key } = await relay.client();
    const created = await relay
      .as(key)
      .post('/api/v1/jobs/createTask', video('a fox', { callBackUrl: HOOK }));
    await relay.tick();
    const record = await relay.request(`/api/v1/jobs/recordInfo?taskId=${created.body.data.taskId}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(receiver.received[0]?.body).toBe(await record.text());
  });
});
