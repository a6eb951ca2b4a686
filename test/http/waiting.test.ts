import { describe, expect, it } from 'vitest';

import { startRelay, video } from '../support/relay.ts';

/** A relay whose next task ends after so many seconds. */
async function start(seconds: number | null) {
  const relay = await startRelay();
  const { key } = await relay.client();
  const task = video(seconds === null ? '[never]' : `[slow:${seconds}]`);
  return { relay, me: relay.as(key), task };
}

describe('asking for the result', () => {
  it('of a running task says where to look again, and when', async () => {
    const { me, task } = await start(null);
    const { body } = await me.post('/v1/tasks', task);
    const answer = await me.get(`/v1/tasks/${body.id}/result`);
    expect(answer).toMatchObject({ status: 202, body: { id: body.id, state: 'running' } });
    expect(answer.headers.get('location')).toBe(`/v1/tasks/${body.id}/result`);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.headers.has('preference-applied')).toBe(false);
  });

  it.each([
    ['a fox', 'succeeded'],
    ['[fail]', 'failed'],
  ])('of a task that has ended is 200: %s', async (prompt, state) => {
    const relay = await startRelay({ timeScale: 0 });
    const me = relay.as((await relay.client()).key);
    const { body } = await me.post('/v1/tasks', video(prompt));
    await relay.tick();
    const answer = await me.get(`/v1/tasks/${body.id}/result`);
    expect(answer).toMatchObject({ status: 200, body: { id: body.id, state } });
    expect(answer.headers.has('location')).toBe(false);
    expect(answer.headers.has('retry-after')).toBe(false);
  });
});

describe('a caller who would rather wait', () => {
  it('has the end of a task as soon as it is there', async () => {
    const { relay, me, task } = await start(10);
    const since = relay.clock.now();
    const [answer] = await Promise.all([me.post('/v1/tasks', task, { Prefer: 'wait=20' }), relay.tick()]);
    expect(answer).toMatchObject({ status: 200, body: { state: 'succeeded' } });
    expect(answer.headers.get('preference-applied')).toBe('wait=20');
    expect(Date.parse(answer.body.completed_at) - since).toBe(10_000);
  });

  it('has it in the same way while asking for the result', async () => {
    const { relay, me, task } = await start(10);
    const { body } = await me.post('/v1/tasks', task);
    const [answer] = await Promise.all([
      me.get(`/v1/tasks/${body.id}/result`, { Prefer: 'respond-async, wait=20' }),
      relay.tick(),
    ]);
    expect(answer).toMatchObject({ status: 200, body: { state: 'succeeded' } });
    expect(answer.headers.get('preference-applied')).toBe('wait=20');
  });

  it.each([
    ['wait=3', 3],
    ['wait=25', 25],
    ['wait=600', 25],
    ['wait=0', 0],
  ])('with %s has an answer after %d s, whatever became of it', async (prefer, seconds) => {
    const { relay, me, task } = await start(null);
    for (const ask of [
      async () => await me.post('/v1/tasks', task, { Prefer: prefer, 'Idempotency-Key': 'row-42' }),
      async () => {
        const [{ id }] = (await me.get('/v1/tasks')).body.data;
        return await me.get(`/v1/tasks/${id}/result`, { Prefer: prefer });
      },
    ]) {
      const since = relay.clock.now();
      const answer = await ask();
      expect(answer).toMatchObject({ status: 202, body: { state: 'running' } });
      expect(relay.clock.now() - since).toBe(seconds * 1_000);
      expect(answer.headers.get('preference-applied')).toBe(`wait=${seconds}`);
      expect(answer.headers.get('location')).toBe(`/v1/tasks/${answer.body.id}/result`);
    }
  });

  it.each(['respond-async', 'wait=soon', 'return=minimal'])(
    'in words that mean nothing (%s) does not',
    async (prefer) => {
      const { relay, me, task } = await start(null);
      const since = relay.clock.now();
      const answer = await me.post('/v1/tasks', task, { Prefer: prefer });
      expect(answer.status).toBe(202);
      expect(answer.headers.has('preference-applied')).toBe(false);
      expect(relay.clock.now()).toBe(since);
    },
  );

  it('may wait for a task posted before, by its idempotency key', async () => {
    const { relay, me, task } = await start(10);
    const key = { 'Idempotency-Key': 'row-42' };
    await me.post('/v1/tasks', task, key);
    const [answer] = await Promise.all([
      me.post('/v1/tasks', task, { ...key, Prefer: 'wait=20' }),
      relay.tick(),
    ]);
    expect(answer).toMatchObject({ status: 200, body: { state: 'succeeded' } });
  });
});
