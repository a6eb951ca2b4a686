import { describe, expect, it } from 'vitest';

import { startRelay, video } from '../support/relay.ts';
import type { RelayOptions } from '../support/relay.ts';

const HOOK = 'https://hooks.example.com/42';

async function start(options: RelayOptions = {}) {
  const relay = await startRelay(options);
  const receiver = relay.receiver('hooks.example.com');
  const { key } = await relay.client();
  const me = relay.as(key);
  const post = async (prompt = 'a fox', extra = {}) =>
    (await me.post('/v1/tasks', video(prompt, extra))).body;
  const get = async (id: string) => (await me.get(`/v1/tasks/${id}`)).body;
  const untilEnded = async (id: string) =>
    await relay.tickUntil(async () => !['queued', 'running'].includes((await get(id)).state));
  return { relay, receiver, me, post, get, untilEnded };
}

const ids = (page: { data: { id: string }[] }) => page.data.map(({ id }) => id);

describe('a list of tasks', () => {
  it('is newest first, and a page at a time', async () => {
    const { relay, me, post } = await start();
    const posted: string[] = [];
    for (let i = 0; i < 5; i++) {
      posted.unshift((await post()).id);
      relay.clock.advance(1);
    }
    const first = await me.get('/v1/tasks?limit=2');
    expect(ids(first.body)).toEqual(posted.slice(0, 2));
    const second = await me.get(`/v1/tasks?limit=2&cursor=${first.body.next_cursor}`);
    expect(ids(second.body)).toEqual(posted.slice(2, 4));
    const third = await me.get(`/v1/tasks?limit=2&cursor=${second.body.next_cursor}`);
    expect(ids(third.body)).toEqual(posted.slice(4));
    expect(third.body.next_cursor).toBeNull();
    expect((await me.get('/v1/tasks')).body).toMatchObject({ next_cursor: null });
  });

  it('ends with the last task, also where that fills the page', async () => {
    const { me, post } = await start();
    await post();
    await post();
    const { body } = await me.get('/v1/tasks?limit=2');
    expect(body).toMatchObject({ data: [{}, {}], next_cursor: null });
  });

  it('of a state holds the tasks in that state', async () => {
    const { relay, me, post, untilEnded } = await start({ timeScale: 0 });
    const ended = await post('a fox');
    const failed = await post('[fail]');
    await untilEnded(failed.id);
    await untilEnded(ended.id);
    const canceled = await post('[never]');
    await me.post(`/v1/tasks/${canceled.id}/cancel`);
    const running = await post('[never]');
    await relay.fault({ endpoint: 'createTask', kind: 'status', status: 503 });
    const queued = await post('[never]');
    const expected = { succeeded: ended, failed, canceled, running, queued };
    for (const [state, task] of Object.entries(expected)) {
      expect(ids((await me.get(`/v1/tasks?state=${state}`)).body)).toEqual([task.id]);
    }
  });

  it.each([
    ['state=done', 'state', 'must be one of queued, running, succeeded, failed, canceled'],
    ['limit=0', 'limit', 'must be at least 1'],
    ['limit=101', 'limit', 'must be at most 100'],
    ['limit=1.5', 'limit', 'must be a whole number from 1 to 100'],
    ['limit=ten', 'limit', 'must be a whole number from 1 to 100'],
    [
      `cursor=${'x'.repeat(101)}`,
      'cursor',
      'must be the next_cursor of the page before; leave it out for the first page',
    ],
  ])('is refused with %s', async (query, path, message) => {
    const { me } = await start();
    const answer = await me.get(`/v1/tasks?${query}`);
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path, message }] } });
  });
});

describe('a task', () => {
  it('reads the same whether it is posted, got or listed', async () => {
    const { me, post, get } = await start();
    const task = await post('a fox', { callback_url: HOOK, metadata: { row: 42, urgent: true, note: null } });
    expect(await get(task.id)).toEqual(task);
    expect((await me.get('/v1/tasks')).body.data).toEqual([task]);
    expect((await me.get(`/v1/tasks/${task.id}/result`)).body).toEqual(task);
  });

  it.each(['', '/attempts', '/result'])('that is not there is 404: GET …%s', async (path) => {
    const { me } = await start();
    for (const id of ['task_0', 'x'.repeat(2_000), '%00', "'%20or%201=1"]) {
      const answer = await me.get(`/v1/tasks/${id}${path}`);
      expect(answer).toMatchObject({ status: 404, body: { type: 'urn:problem-type:ringback:not-found' } });
    }
  });

  it('that failed says so in words, and has no result', async () => {
    const { post, get, untilEnded } = await start({ timeScale: 0 });
    const { id } = await post('[fail:400:content policy]');
    await untilEnded(id);
    expect(await get(id)).toMatchObject({
      state: 'failed',
      result_url: null,
      result_urls: [],
      error_code: 'upstream_failed',
      error_message: 'content policy',
    });
  });

  it('with several results has them all, the first one first', async () => {
    const { post, get, untilEnded } = await start({ timeScale: 0 });
    const { id } = await post('[results:3]');
    await untilEnded(id);
    const task = await get(id);
    expect(task.result_urls).toHaveLength(3);
    expect(task.result_url).toBe(task.result_urls[0]);
  });

  it('without an end within its time fails with timed_out', async () => {
    const { post, get, untilEnded } = await start();
    const { id } = await post('[never]', { timeout_seconds: 60 });
    await untilEnded(id);
    const task = await get(id);
    expect(task).toMatchObject({ state: 'failed', error_code: 'timed_out' });
    expect(task.duration_ms).toBeGreaterThanOrEqual(60_000);
    expect(task.duration_ms).toBeLessThan(75_000);
  });
});

describe('canceling a task', () => {
  it('ends it at once, and calls back', async () => {
    const { relay, receiver, me, post } = await start();
    const { id } = await post('[never]', { callback_url: HOOK });
    const answer = await me.post(`/v1/tasks/${id}/cancel`);
    expect(answer).toMatchObject({
      status: 200,
      body: { id, state: 'canceled', error_code: null, callback: { state: 'pending' } },
    });
    await relay.tick();
    expect(receiver.received.map(({ body }) => JSON.parse(body))).toMatchObject([
      { type: 'task.canceled', id, state: 'canceled', result_url: null, error_code: null },
    ]);
    // It is followed no more: upstream is only asked, now and then, whether its slot is free.
    expect(relay.simulator.snapshot().calls.recordInfo['200']).toBeLessThanOrEqual(4);
    expect((await me.get(`/v1/tasks/${id}`)).body).toMatchObject({
      state: 'canceled',
      callback: { attempts: 1 },
    });
  });

  it('that waits here means that upstream never sees it', async () => {
    const { relay, me, post } = await start();
    await relay.fault({ endpoint: 'createTask', kind: 'status', status: 409 });
    const { id } = await post();
    expect((await me.post(`/v1/tasks/${id}/cancel`)).body).toMatchObject({
      state: 'canceled',
      callback: null,
    });
    await relay.tick();
    expect(relay.simulator.snapshot().tasks).toEqual([]);
  });

  it('that has ended is refused', async () => {
    const { me, post, get, untilEnded } = await start({ timeScale: 0 });
    const { id } = await post();
    await untilEnded(id);
    const answer = await me.post(`/v1/tasks/${id}/cancel`);
    expect(answer).toMatchObject({ status: 409, body: { type: 'urn:problem-type:ringback:already-ended' } });
    expect((await get(id)).state).toBe('succeeded');
  });

  it('is answered as done where D1 did it and lost its answer', async () => {
    const { relay, me, post } = await start();
    const { id: other } = await post('[never]');
    const { id } = await post('[never]', { callback_url: HOOK });
    relay.restart();
    await me.post(`/v1/tasks/${other}/cancel`);
    const write = relay.effects.log.indexOf('batch') + 1;
    relay.restart({ kill: { at: write, when: 'after', survives: true } });
    const answer = await me.post(`/v1/tasks/${id}/cancel`);
    expect(relay.effects.wasHit).toBe(true);
    expect(answer).toMatchObject({ status: 200, body: { id, state: 'canceled' } });
    expect((await me.post(`/v1/tasks/${id}/cancel`)).status).toBe(409);
  });

  it('twice is refused the second time', async () => {
    const { me, post } = await start();
    const { id } = await post('[never]');
    await me.post(`/v1/tasks/${id}/cancel`);
    expect((await me.post(`/v1/tasks/${id}/cancel`)).status).toBe(409);
  });
});

describe('redelivering a callback', () => {
  it('sends it again, with the same id and the result as upstream gives it now', async () => {
    const { relay, receiver, me, post, get, untilEnded } = await start({ timeScale: 0 });
    const { id } = await post('a fox', { callback_url: HOOK });
    await untilEnded(id);
    const before = relay.simulator.snapshot().calls.recordInfo['200'] ?? 0;
    const answer = await me.post(`/v1/tasks/${id}/redeliver`);
    expect(answer).toMatchObject({
      status: 202,
      body: { callback: { state: 'pending', attempts: 1, last_status: 200, delivered_at: null } },
    });
    await relay.tick();
    expect(relay.simulator.snapshot().calls.recordInfo['200']).toBe(before + 1);
    const [first, second, ...more] = receiver.received;
    expect(more).toEqual([]);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(await get(id)).toMatchObject({ callback: { state: 'delivered', attempts: 2 } });
    const { data } = (await me.get(`/v1/tasks/${id}/attempts`)).body;
    expect(data).toMatchObject([
      { number: 1, status: 200, outcome: 'delivered', next_attempt_at: null },
      { number: 2, status: 200, outcome: 'delivered', next_attempt_at: null },
    ]);
  });

  it('goes on with the result that it has where upstream does not answer', async () => {
    const { relay, receiver, me, post, untilEnded } = await start({ timeScale: 0 });
    const { id } = await post('a fox', { callback_url: HOOK });
    await untilEnded(id);
    await relay.fault({ endpoint: 'recordInfo', kind: 'hang' });
    expect((await me.post(`/v1/tasks/${id}/redeliver`)).status).toBe(202);
    await relay.tick();
    expect(receiver.received[1]?.body).toBe(receiver.received[0]?.body);
  });

  it.each([
    ['that still runs', '[never]', { callback_url: HOOK }, 'not-ended'],
    ['that has no callback URL', 'a fox', {}, 'no-callback'],
  ])('of a task %s is refused', async (_, prompt, extra, slug) => {
    const { relay, me, post } = await start({ timeScale: 0 });
    const { id } = await post(prompt, extra);
    await relay.tick();
    const answer = await me.post(`/v1/tasks/${id}/redeliver`);
    expect(answer).toMatchObject({ status: 409, body: { type: `urn:problem-type:ringback:${slug}` } });
  });
});

describe('the attempt log', () => {
  it('tells of every attempt, oldest first, and of the next one', async () => {
    const { relay, me, post, get } = await start({ timeScale: 0 });
    relay.receiver('hooks.example.com', [{ status: 500, body: 'no database' }, { status: 204 }]);
    const { id } = await post('a fox', { callback_url: HOOK });
    await relay.tickUntil(async () => (await get(id)).callback.state === 'delivered');
    const { data } = (await me.get(`/v1/tasks/${id}/attempts`)).body;
    expect(data).toMatchObject([
      { number: 1, status: 500, outcome: 'retry', next_attempt_at: expect.any(String) },
      {
        number: 2,
        status: 204,
        outcome: 'delivered',
        detail: 'Answered 204; delivered.',
        next_attempt_at: null,
      },
    ]);
    expect(data[0].detail).toBe(
      `Answered 500 with "no database"; next attempt at ${data[0].next_attempt_at}.`,
    );
    expect(Date.parse(data[1].at)).toBeGreaterThanOrEqual(Date.parse(data[0].next_attempt_at));
  });

  it('of a task without attempts is empty', async () => {
    const { me, post } = await start();
    const { id } = await post('[never]');
    expect(await me.get(`/v1/tasks/${id}/attempts`)).toMatchObject({ status: 200, body: { data: [] } });
  });
});
