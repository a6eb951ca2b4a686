import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import worker from '../../src/index.ts';
import { startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

const VARS = { SUBREQUEST_BUDGET: '51', POLL_MIN_SECONDS: '1' };

async function post(relay: Relay, key: string, count: number) {
  for (let row = 0; row < count; row++) {
    await relay.as(key).post('/v1/tasks', video('', { callback_url: `https://hooks.example.com/${row}` }));
  }
}

/** A minute's cron over more than it can do: its budget is used up by some of the tasks. */
async function startBehind(options: { hasQueue: boolean }) {
  const relay = await startRelay({ timeScale: 0, vars: VARS, ...options });
  const receiver = relay.receiver('hooks.example.com');
  const { key } = await relay.client();
  await post(relay, key, 60);
  relay.clock.advance(30_000);
  return { relay, receiver };
}

describe('a cron invocation that falls behind', () => {
  it('calls workers by the queue, and each does a part', async () => {
    const { relay, receiver } = await startBehind({ hasQueue: true });
    await relay.tick();
    expect(relay.queue.workers).toBeGreaterThan(0);
    expect(relay.queue.workers).toBeLessThanOrEqual(60);
    const before = receiver.received.length;
    expect(before).toBeLessThan(60);
    await Promise.all([relay.work(), relay.work(), relay.work(), relay.work()]);
    expect(receiver.received).toHaveLength(60);
    expect(new Set(receiver.received.map(({ url }) => url)).size).toBe(60);
  });

  it('does it all by itself, a minute later, where every message is lost or there is no queue', async () => {
    const { relay, receiver } = await startBehind({ hasQueue: false });
    await relay.tickUntil(async () => receiver.received.length === 60, 6);
    expect(receiver.received).toHaveLength(60);
    expect(relay.queue.workers).toBe(0);
  });

  it('calls none while it keeps up', async () => {
    const relay = await startRelay({ hasQueue: true, vars: { SUBREQUEST_BUDGET: '900' } });
    relay.receiver('hooks.example.com');
    const { key } = await relay.client();
    await post(relay, key, 5);
    await relay.tick();
    expect(relay.queue.workers).toBe(0);
  });
});

describe('an invocation that has workers beside it', () => {
  it('claims running tasks for twenty seconds, so that a worker polls them soon if it vanishes', async () => {
    const relay = await startRelay({ hasQueue: true, vars: { SUBREQUEST_BUDGET: '900' } });
    const { key } = await relay.client();
    await relay.as(key).post('/v1/tasks', video('[never]'));
    relay.clock.advance(30_000);
    const ticking = relay.tick();
    await relay.clock.sleep(1_000);
    const dueAt = await env.DB.prepare('select due_at from tasks').first<number>('due_at');
    expect(Number(dueAt) - relay.clock.now()).toBeLessThan(25_000);
    await ticking;
  });
});

describe('a worker', () => {
  it('that is called twice, or late, or for nothing, changes nothing and ends soon', async () => {
    const relay = await startRelay({ timeScale: 0, hasQueue: true });
    const receiver = relay.receiver('hooks.example.com');
    const { key } = await relay.client();
    await post(relay, key, 3);
    relay.clock.advance(10_000);
    await Promise.all([relay.work(), relay.work(), relay.tick()]);
    expect(receiver.received).toHaveLength(3);
    const startedAt = relay.clock.now();
    await relay.work();
    expect(relay.clock.now() - startedAt).toBeLessThan(10_000);
    expect(receiver.received).toHaveLength(3);
    expect(relay.queue.workers).toBe(0);
  });

  it('is started by the queue handler of the Worker, which takes every message', async () => {
    await startRelay();
    const batch = createMessageBatch('ringback-wake-ups', [
      { id: 'one', timestamp: new Date(), attempts: 1, body: {} },
    ]);
    const context = createExecutionContext();
    await worker.queue(batch, { ...env, ADMIN_TOKEN: env.ADMIN_TOKEN, TICK_SECONDS: '1' });
    const { outcome, retryMessages } = await getQueueResult(batch, context);
    expect({ outcome, retryMessages }).toEqual({ outcome: 'ok', retryMessages: [] });
  });
});
