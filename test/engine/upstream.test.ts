import { describe, expect, it } from 'vitest';
import { startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

const HOOK = 'https://hooks.example.com/1';

async function stateOf(relay: Relay, key: string, id: string) {
  return (await relay.as(key).get(`/v1/tasks/${id}`)).body;
}

describe('a task that upstream cannot take yet', () => {
  it('waits while upstream is down, is asked for once it is back, and is made once', async () => {
    const relay = await startRelay({ timeScale: 0.05 });
    const receiver = relay.receiver('hooks.example.com');
    const { key } = await relay.client();
    await relay.fault({ kind: 'status', endpoint: 'createTask', status: 503, times: 3 });
    const posted = await relay.as(key).post('/v1/tasks', video('a fox', { callback_url: HOOK }));
    expect(posted).toMatchObject({ status: 202, body: { state: 'queued', submitted_at: null } });
    await relay.tickUntil(async () => receiver.received.length > 0);
    expect(await stateOf(relay, key, posted.body.id)).toMatchObject({ state: 'succeeded' });
    expect(relay.simulator.snapshot().tasks).toHaveLength(1);
  });

  it('is not made twice where upstream made it and the answer was lost', async () => {
    const relay = await startRelay({ timeScale: 0.05 });
    const receiver = relay.receiver('hooks.example.com');
    const { key } = await relay.client();
    await relay.fault({ kind: 'disconnect', endpoint: 'createTask', afterEffect: true, times: 2 });
    const posted = await relay.as(key).post('/v1/tasks', video('a fox', { callback_url: HOOK }));
    expect(posted).toMatchObject({ status: 202, body: { state: 'queued' } });
    await relay.tickUntil(async () => receiver.received.length > 0);
    expect(relay.simulator.snapshot().tasks).toHaveLength(1);
  });

  it('goes in when a task of the same upstream key ends', async () => {
    const relay = await startRelay({ timeScale: 0.05, vars: { SUBREQUEST_BUDGET: '500' } });
    const receiver = relay.receiver('hooks.example.com');
    await relay.upstreamKey({ key: 'sk-sandbox-enterprise', activeLimit: 2 });
    const { key } = await relay.client();
    for (let row = 0; row < 8; row++) {
      const posted = await relay.as(key).post('/v1/tasks', video(`row ${row}`, { callback_url: HOOK }));
      expect(posted).toMatchObject({ status: 202, body: { state: row < 2 ? 'running' : 'queued' } });
    }
    await relay.tickUntil(async () => receiver.received.length === 8);
    expect(receiver.received).toHaveLength(8);
    const { tasks, calls } = relay.simulator.snapshot();
    expect(tasks).toHaveLength(8);
    expect(calls.createTask['409']).toBeLessThanOrEqual(8);
  });

  it('waits for as long as a 429 asks, and so does every other task of that upstream key', async () => {
    const relay = await startRelay();
    const { key } = await relay.client();
    await relay.fault({ kind: 'status', endpoint: 'createTask', status: 429, retryAfter: 20 });
    const first = await relay.as(key).post('/v1/tasks', video('first'));
    const second = await relay.as(key).post('/v1/tasks', video('second'));
    expect([first.body.state, second.body.state]).toEqual(['queued', 'queued']);
    expect(relay.simulator.snapshot().calls.createTask).toEqual({ 429: 1 });
    const postedAt = relay.clock.now();
    await relay.tick();
    const { tasks } = relay.simulator.snapshot();
    expect(tasks).toHaveLength(2);
    for (const task of tasks) expect(task.createTime).toBeGreaterThanOrEqual(postedAt + 20_000);
  });

  it.each([
    [422, 'upstream_refused'],
    [402, 'insufficient_credits'],
    [404, 'upstream_refused'],
  ] as const)('fails and calls back where upstream then refuses it with %i', async (status, code) => {
    const relay = await startRelay();
    const receiver = relay.receiver('hooks.example.com');
    const { key } = await relay.client();
    await relay.fault({ kind: 'status', endpoint: 'createTask', status: 500 });
    await relay.fault({ kind: 'status', endpoint: 'createTask', status });
    const posted = await relay.as(key).post('/v1/tasks', video('a fox', { callback_url: HOOK }));
    expect(posted.status).toBe(202);
    await relay.tick();
    expect(JSON.parse(receiver.received[0]?.body ?? '{}')).toMatchObject({
      type: 'task.failed',
      state: 'failed',
      error_code: code,
      submitted_at: null,
    });
  });

  it('stays queued while upstream refuses the key, because an operator can mend that', async () => {
    const relay = await startRelay();
    const { key } = await relay.client();
    await relay.fault({ kind: 'status', endpoint: 'createTask', status: 500 });
    await relay.fault({ kind: 'status', endpoint: 'createTask', status: 401 });
    const { body } = await relay.as(key).post('/v1/tasks', video('[never]'));
    await relay.tickUntil(async () => (await stateOf(relay, key, body.id)).state === 'running', 4);
    expect(await stateOf(relay, key, body.id)).toMatchObject({ state: 'running' });
  });

  it('fails with timed_out where its time is over first', async () => {
    const relay = await startRelay();
    const receiver = relay.receiver('hooks.example.com');
    const { key } = await relay.client();
    await relay.fault({ kind: 'status', endpoint: 'createTask', status: 500, times: 100 });
    const { body } = await relay
      .as(key)
      .post('/v1/tasks', video('', { callback_url: HOOK, timeout_seconds: 30 }));
    await relay.tick();
    const task = await stateOf(relay, key, body.id);
    expect(task).toMatchObject({
      state: 'failed',
      error_code: 'timed_out',
      submitted_at: null,
    });
    expect(task.duration_ms).toBeGreaterThanOrEqual(30_000);
    expect(task.duration_ms).toBeLessThan(31_000);
    expect(task.error_message).toMatch(/^No end within 30 s\. What upstream last said: /);
    expect(receiver.received).toHaveLength(1);
  });
});

describe('a running task', () => {
  it('is still running in a state that nobody knows', async () => {
    const relay = await startRelay({ timeScale: 0.3 });
    const { key } = await relay.client();
    const { body } = await relay.as(key).post('/v1/tasks', video('[state:pondering]'));
    await relay.tickUntil(async () => (await stateOf(relay, key, body.id)).state !== 'running');
    expect(await stateOf(relay, key, body.id)).toMatchObject({ state: 'succeeded' });
  });

  it("fails with upstream's own words", async () => {
    const relay = await startRelay({ timeScale: 0.05 });
    const { key } = await relay.client();
    const { body } = await relay.as(key).post('/v1/tasks', video('[fail:400:content policy]'));
    await relay.tick();
    expect(await stateOf(relay, key, body.id)).toMatchObject({
      state: 'failed',
      error_code: 'upstream_failed',
      error_message: 'content policy',
      result_url: null,
    });
  });

  it('is not told as a success where the result is no JSON: its link may come, and is waited for', async () => {
    const relay = await startRelay({ timeScale: 0.05 });
    const { key } = await relay.client();
    const { body } = await relay.as(key).post('/v1/tasks', video('[bad-json]'));
    await relay.tick();
    expect(await stateOf(relay, key, body.id)).toMatchObject({ state: 'running', result_urls: [] });
    await relay.tickUntil(async () => (await stateOf(relay, key, body.id)).state !== 'running', 4);
    expect(await stateOf(relay, key, body.id)).toMatchObject({
      state: 'failed',
      error_code: 'no_result',
      result_url: null,
      result_urls: [],
    });
  });

  it('fails with timed_out at its deadline, after one last look', async () => {
    const relay = await startRelay();
    const { key } = await relay.client();
    const { body } = await relay.as(key).post('/v1/tasks', video('[never]', { timeout_seconds: 20 }));
    await relay.tick();
    expect(await stateOf(relay, key, body.id)).toMatchObject({
      state: 'failed',
      error_code: 'timed_out',
      error_message: 'No end within 20 s.',
    });
  });

  it('is taken as it ended where the cron was away past the deadline', async () => {
    const relay = await startRelay({ timeScale: 0.1 });
    const { key } = await relay.client();
    const { body } = await relay.as(key).post('/v1/tasks', video('a fox', { timeout_seconds: 60 }));
    relay.clock.advance(3_600_000);
    await relay.tick();
    expect(await stateOf(relay, key, body.id)).toMatchObject({ state: 'succeeded' });
  });

  it('fails with upstream_lost where upstream says 404 for longer than the grace time', async () => {
    const relay = await startRelay();
    const { key } = await relay.client();
    const { body } = await relay.as(key).post('/v1/tasks', video('[lost]'));
    await relay.tick();
    expect(await stateOf(relay, key, body.id)).toMatchObject({ state: 'running' });
    await relay.tickUntil(async () => (await stateOf(relay, key, body.id)).state === 'failed', 3);
    expect(await stateOf(relay, key, body.id)).toMatchObject({
      state: 'failed',
      error_code: 'upstream_lost',
    });
  });

  it('survives a 404 that passes', async () => {
    const relay = await startRelay({ timeScale: 1 });
    const { key } = await relay.client();
    const { body } = await relay.as(key).post('/v1/tasks', video('a fox'));
    await relay.fault({ kind: 'status', endpoint: 'recordInfo', status: 404, times: 3 });
    await relay.tickUntil(async () => (await stateOf(relay, key, body.id)).state !== 'running');
    expect(await stateOf(relay, key, body.id)).toMatchObject({ state: 'succeeded' });
  });

  it.each([
    ['answers 500', { kind: 'status', endpoint: 'recordInfo', status: 500, times: 4 }],
    ['answers no envelope', { kind: 'malformed', endpoint: 'recordInfo', times: 4 }],
    ['breaks the connection', { kind: 'disconnect', endpoint: 'recordInfo', times: 4 }],
    ['hangs', { kind: 'hang', endpoint: 'recordInfo', delayMs: 60_000, times: 2 }],
    ['refuses the key', { kind: 'status', endpoint: 'recordInfo', status: 401, times: 4 }],
  ] as const)('goes on where upstream %s for a while', async (_what, fault) => {
    const relay = await startRelay({ timeScale: 0.1 });
    const { key } = await relay.client();
    const { body } = await relay.as(key).post('/v1/tasks', video('a fox'));
    await relay.fault(fault);
    await relay.tickUntil(async () => (await stateOf(relay, key, body.id)).state !== 'running');
    expect(await stateOf(relay, key, body.id)).toMatchObject({ state: 'succeeded' });
  });

  it('is not polled while a 429 of its upstream key lasts, and neither are its neighbours', async () => {
    const relay = await startRelay();
    const { key } = await relay.client();
    await relay.as(key).post('/v1/tasks', video('[never] first'));
    await relay.as(key).post('/v1/tasks', video('[never] second'));
    await relay.fault({ kind: 'status', endpoint: 'recordInfo', status: 429, retryAfter: 600, times: 2 });
    await relay.tick();
    const { recordInfo } = relay.simulator.snapshot().calls;
    expect(recordInfo['429']).toBeLessThanOrEqual(2);
    expect(recordInfo['200'] ?? 0).toBe(0);
  });
});
