import { describe, expect, it } from 'vitest';

import { startRelay, video } from '../support/relay.ts';

const HOOK = 'https://hooks.example.com/42';
const KEY = { 'Idempotency-Key': 'row-42' };
const both = (key: string, id: string) => ({ 'Idempotency-Key': key, 'X-Request-ID': id });

async function start() {
  const relay = await startRelay();
  const { key } = await relay.client();
  const upstreamTasks = () => relay.simulator.snapshot().tasks.length;
  return { relay, me: relay.as(key), upstreamTasks };
}

describe('the same idempotency key', () => {
  it('with the same body answers the same task', async () => {
    const { me, upstreamTasks } = await start();
    const first = await me.post('/v1/tasks', video(), KEY);
    const second = await me.post('/v1/tasks', video(), KEY);
    expect([first.status, second.status]).toEqual([202, 200]);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('location')).toBe(`/v1/tasks/${first.body.id}/result`);
    expect(upstreamTasks()).toBe(1);
  });

  it('with the same body in other words answers the same task', async () => {
    const { me } = await start();
    const one =
      '{"model":"gpt-image-2-text-to-image","input":{"prompt":"x","resolution":"1K"},"metadata":{}}';
    const other =
      ' {"input":{"resolution":"1K","aspect_ratio":null,"prompt":"x"}, "model":"gpt-image-2-text-to-image"}';
    const first = await me.post('/v1/tasks', one, KEY);
    expect((await me.post('/v1/tasks', other, KEY)).body.id).toBe(first.body.id);
  });

  it.each([
    ['another prompt', video('a wolf')],
    ['another callback URL', video('a fox', { callback_url: `${HOOK}?` })],
    ['no callback URL', video('a fox')],
    ['other metadata', video('a fox', { callback_url: HOOK, metadata: { row: 43 } })],
    ['another time limit', video('a fox', { callback_url: HOOK, timeout_seconds: 60 })],
    ['other headers', video('a fox', { callback_url: HOOK, callback_headers: { 'X-Row': '43' } })],
  ])('with %s is refused', async (_, other) => {
    const { me, upstreamTasks } = await start();
    await me.post('/v1/tasks', video('a fox', { callback_url: HOOK }), KEY);
    const answer = await me.post('/v1/tasks', other, KEY);
    expect(answer).toMatchObject({
      status: 409,
      body: { type: 'urn:problem-type:ringback:idempotency-key-reused', status: 409 },
    });
    expect(upstreamTasks()).toBe(1);
  });

  it('answers the task as it is now, long after it has ended', async () => {
    const { relay, me } = await start();
    const { body: task } = await me.post('/v1/tasks', video(), KEY);
    await relay.tickUntil(async () => (await me.get(`/v1/tasks/${task.id}`)).body.state === 'succeeded');
    const again = await me.post('/v1/tasks', video(), KEY);
    expect(again).toMatchObject({ status: 200, body: { id: task.id, state: 'succeeded' } });
  });

  it('of another client is another key', async () => {
    const { relay, me, upstreamTasks } = await start();
    const other = relay.as((await relay.client()).key);
    const mine = await me.post('/v1/tasks', video(), KEY);
    const theirs = await other.post('/v1/tasks', video('another body'), KEY);
    expect([mine.status, theirs.status]).toEqual([202, 202]);
    expect(theirs.body.id).not.toBe(mine.body.id);
    expect(upstreamTasks()).toBe(2);
  });

  it('twenty times at once makes one task', async () => {
    const { me, upstreamTasks } = await start();
    const answers = await Promise.all(Array.from({ length: 20 }, () => me.post('/v1/tasks', video(), KEY)));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(19);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(upstreamTasks()).toBe(1);
  });

  it('twenty times at once, with twenty bodies, makes one task too', async () => {
    const { me, upstreamTasks } = await start();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => me.post('/v1/tasks', video(`fox ${i}`), KEY)),
    );
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(19);
    expect(upstreamTasks()).toBe(1);
  });
});

describe('a request without a key', () => {
  it('makes a task each time', async () => {
    const { me, upstreamTasks } = await start();
    await me.post('/v1/tasks', video());
    await me.post('/v1/tasks', video());
    expect(upstreamTasks()).toBe(2);
  });
});

describe('X-Request-ID', () => {
  it('means the same', async () => {
    const { me } = await start();
    const first = await me.post('/v1/tasks', video(), KEY);
    const second = await me.post('/v1/tasks', video(), { 'X-Request-ID': 'row-42' });
    expect(second).toMatchObject({ status: 200, body: { id: first.body.id } });
  });

  it('steps back behind an Idempotency-Key', async () => {
    const { me, upstreamTasks } = await start();
    const first = await me.post('/v1/tasks', video(), both('row-1', 'same'));
    const second = await me.post('/v1/tasks', video(), both('row-2', 'same'));
    const third = await me.post('/v1/tasks', video(), both('row-1', 'other'));
    expect([first.status, second.status, third.status]).toEqual([202, 202, 200]);
    expect(upstreamTasks()).toBe(2);
  });
});

describe('over both surfaces', () => {
  it.each([
    ['without a callback', video(), video()],
    ['with one', video('x', { callback_url: HOOK }), video('x', { callBackUrl: HOOK })],
  ])('a key is one key, %s', async (_, body, dropIn) => {
    const { me, upstreamTasks } = await start();
    const first = await me.post('/v1/tasks', body, KEY);
    const second = await me.post('/api/v1/jobs/createTask', dropIn, { 'X-Request-ID': 'row-42' });
    expect(second).toMatchObject({ status: 200, body: { code: 200, data: { taskId: first.body.id } } });
    expect(upstreamTasks()).toBe(1);
  });

  it.each([
    ['Idempotency-Key', KEY],
    ['X-Request-ID', { 'X-Request-ID': 'row-42' }],
    ['Idempotency-Key', both('row-42', 'another')],
  ])('and another body: 409 names %s, by which it came', async (name, headers) => {
    const { me } = await start();
    await me.post('/v1/tasks', video(), KEY);
    const answers = [
      (await me.post('/v1/tasks', video('a wolf'), headers)).body.detail,
      (await me.post('/api/v1/jobs/createTask', video('a wolf'), headers)).body.msg,
    ];
    const other = name === 'X-Request-ID' ? 'Idempotency-Key' : 'X-Request-ID';
    for (const words of answers) {
      expect(words).toContain(`The ${name} of this request`);
      expect(words).not.toContain(other);
    }
  });

  it('another body is refused on the other surface too', async () => {
    const { me } = await start();
    await me.post('/api/v1/jobs/createTask', video('a fox'), KEY);
    expect((await me.post('/v1/tasks', video('a wolf'), KEY)).status).toBe(409);
    expect(await me.post('/api/v1/jobs/createTask', video('a wolf'), KEY)).toMatchObject({
      status: 409,
      body: { code: 409, data: null },
    });
  });
});

describe('the key of a request that was refused is free again', () => {
  it.each([
    ['by our own rules', null, { ...video(), input: { duration: 0 } }, 422],
    ['by upstream (422)', 422, video('a fox'), 422],
    ['for credits (402)', 402, video('a fox'), 402],
    ["for the operator's key (401)", 401, video('a fox'), 502],
  ] as const)('%s', async (_, fault, body, status) => {
    const { relay, me } = await start();
    if (fault !== null) await relay.fault({ endpoint: 'createTask', kind: 'status', status: fault });
    expect((await me.post('/v1/tasks', body, KEY)).status).toBe(status);
    expect((await me.get('/v1/tasks')).body.data).toEqual([]);
    const again = await me.post('/v1/tasks', video('with another body'), KEY);
    expect(again).toMatchObject({ status: 202, body: { state: 'running' } });
  });
});

describe('a request that waited for the one before it', () => {
  it('is answered within 15 s although upstream then hangs for it too', async () => {
    const { relay, me, upstreamTasks } = await start();
    await relay.fault({ kind: 'hang', endpoint: 'createTask', delayMs: 60_000, times: 2 });
    const startedAt = relay.clock.now();
    const answers = await Promise.all([
      me.post('/v1/tasks', video(), KEY),
      me.post('/v1/tasks', video(), KEY),
    ]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 202]);
    expect(relay.clock.now() - startedAt).toBeLessThan(15_000);
    await relay.tick();
    expect(upstreamTasks()).toBe(1);
  });
});

describe('many requests with one key that upstream refuses', () => {
  it('are all told so, upstream is asked once, and the key is free again', async () => {
    const { relay, me, upstreamTasks } = await start();
    await relay.fault({ kind: 'status', endpoint: 'createTask', status: 422, delayMs: 300 });
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => await me.post('/v1/tasks', video(), KEY)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([422]));
    expect(relay.simulator.snapshot().calls.createTask).toEqual({ 422: 1 });
    expect((await me.get('/v1/tasks')).body.data).toEqual([]);
    expect((await me.post('/v1/tasks', video('something else'), KEY)).status).toBe(202);
    expect(upstreamTasks()).toBe(1);
  });
});
