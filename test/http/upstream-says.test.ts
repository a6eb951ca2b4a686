import { describe, expect, it } from 'vitest';

import type { FaultInput } from '../../sandbox/upstream/faults.ts';
import { startRelay, video } from '../support/relay.ts';

const HOOK = 'https://hooks.example.com/42';
/** The caller has an answer within this time, however long upstream hangs. */
const PROMISED_MS = 15_000;

const AT = { endpoint: 'createTask' } as const;

async function start(fault?: FaultInput) {
  const relay = await startRelay({ timeScale: 0.05, vars: { TICK_SECONDS: '20' } });
  const { key } = await relay.client();
  if (fault !== undefined) await relay.fault(fault);
  const upstream = () => relay.simulator.snapshot();
  return { relay, me: relay.as(key), upstream };
}

describe('upstream refuses a new task, and so its caller is told:', () => {
  it.each([
    [400, 422, 'upstream-rejected-input', 'invalid parameters'],
    [422, 422, 'upstream-rejected-input', 'validation failed'],
    [402, 402, 'insufficient-credits', 'insufficient credits'],
    [
      401,
      502,
      'upstream-refused-key',
      'Upstream does not accept the key that is configured: invalid API key',
    ],
    [404, 502, 'upstream-refused', 'Upstream answered 404: task not found'],
  ] as const)('%d becomes %d', async (status, expected, slug, detail) => {
    const { me, upstream } = await start({ ...AT, kind: 'status', status });
    const answer = await me.post('/v1/tasks', video('x', { callback_url: HOOK }));
    expect(answer).toMatchObject({
      status: expected,
      body: { type: `urn:problem-type:ringback:${slug}`, status: expected, detail },
    });
    expect((await me.get('/v1/tasks')).body.data).toEqual([]);
    expect(upstream().tasks).toEqual([]);
  });

  it('a rejected input is a field at fault', async () => {
    const { me } = await start({ ...AT, kind: 'status', status: 422 });
    const { body } = await me.post('/v1/tasks', video());
    expect(body.errors).toEqual([{ path: 'input', message: 'validation failed' }]);
  });

  it("in upstream's envelope to those who speak it", async () => {
    const { me } = await start({ ...AT, kind: 'status', status: 402 });
    const answer = await me.post('/api/v1/jobs/createTask', video());
    expect(answer).toMatchObject({
      status: 402,
      body: { code: 402, msg: 'insufficient credits', data: null },
    });
  });
});

describe('upstream cannot take a task now, and Ringback keeps it:', () => {
  it.each<[string, FaultInput]>([
    ['its active tasks are at their limit', { ...AT, kind: 'status', status: 409 }],
    ['its rate is limited', { ...AT, kind: 'status', status: 429, retryAfter: 17 }],
    ['it fails', { ...AT, kind: 'status', status: 500 }],
    ['its proxy fails', { ...AT, kind: 'status', status: 502 }],
    ['it is overloaded', { ...AT, kind: 'status', status: 503 }],
    ['it answers a page', { ...AT, kind: 'malformed' }],
    ['it breaks off', { ...AT, kind: 'disconnect' }],
    ['it hangs', { ...AT, kind: 'hang' }],
    ['it fails after it has made the task', { ...AT, kind: 'status', status: 500, afterEffect: true }],
    ['it breaks off after it has made the task', { ...AT, kind: 'disconnect', afterEffect: true }],
    ['it hangs after it has made the task', { ...AT, kind: 'hang', afterEffect: true }],
  ])('%s', async (_, fault) => {
    const { relay, me, upstream } = await start(fault);
    const since = relay.clock.now();
    const posted = await me.post('/v1/tasks', video());
    expect(posted).toMatchObject({ status: 202, body: { state: 'queued', submitted_at: null } });
    expect(relay.clock.now() - since).toBeLessThan(PROMISED_MS);

    const task = async () => (await me.get(`/v1/tasks/${posted.body.id}`)).body;
    await relay.tickUntil(async () => (await task()).state === 'succeeded');
    expect(await task()).toMatchObject({ state: 'succeeded' });
    expect(upstream().tasks).toMatchObject([{ requestId: posted.body.id }]);
    expect(upstream().keys).toMatchObject([{ charged: 400 }]);
  });

  it('after a 429, no task of that key is asked for until upstream allows it', async () => {
    const { relay, me, upstream } = await start({ ...AT, kind: 'status', status: 429, retryAfter: 17 });
    await me.post('/v1/tasks', video());
    const second = await me.post('/v1/tasks', video());
    expect(second.body.state).toBe('queued');
    expect(upstream().calls.createTask).toEqual({ 429: 1 });
    relay.clock.advance(17_000);
    await relay.tick();
    expect(upstream().calls.createTask).toEqual({ 429: 1, 200: 2 });
  });

  it('another upstream key is not held back by it', async () => {
    const { relay, me } = await start({ ...AT, kind: 'status', status: 429, retryAfter: 17 });
    const other = await relay.client({ upstream_api_key: 'sk-sandbox-pro' });
    await me.post('/v1/tasks', video());
    expect((await relay.as(other.key).post('/v1/tasks', video())).body.state).toBe('running');
  });
});

describe('the caller has an answer within 15 s', () => {
  it('also where several come with the same key while upstream hangs', async () => {
    const { relay, me } = await start({ ...AT, kind: 'hang' });
    const since = relay.clock.now();
    const key = { 'Idempotency-Key': 'row-42' };
    const answers = await Promise.all([1, 2, 3].map(() => me.post('/v1/tasks', video(), key)));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(relay.clock.now() - since).toBeLessThan(PROMISED_MS);
  });
});

describe('a task that was accepted and is then refused for good', () => {
  it.each([
    [422, 'upstream_refused', 'validation failed'],
    [402, 'insufficient_credits', 'insufficient credits'],
  ] as const)('%d: fails with %s, and calls back', async (status, code, words) => {
    const { relay, me } = await start({ ...AT, kind: 'status', status: 500 });
    const receiver = relay.receiver('hooks.example.com');
    const { body } = await me.post('/v1/tasks', video('x', { callback_url: HOOK }));
    await relay.fault({ ...AT, kind: 'status', status });
    await relay.tick();
    const { body: task } = await me.get(`/v1/tasks/${body.id}`);
    expect(task).toMatchObject({ state: 'failed', error_code: code, error_message: words });
    expect(receiver.received.map((callback) => JSON.parse(callback.body).type)).toEqual(['task.failed']);
  });
});

describe('which upstream key is used', () => {
  it("is the client's own where it has one, and the operator's otherwise", async () => {
    const { relay, me, upstream } = await start();
    const own = await relay.client({ upstream_api_key: 'sk-their-own' });
    await me.post('/v1/tasks', video());
    await relay.as(own.key).post('/v1/tasks', video());
    expect(upstream().tasks.map(({ key }) => key)).toEqual(['sk-sandbox-enterprise', 'sk-their-own']);
  });
});
