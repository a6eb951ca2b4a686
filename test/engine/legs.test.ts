import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import worker from '../../src/index.ts';
import { legOf } from '../../src/wiring/wake-up.ts';
import { browserOf } from '../support/browser.ts';
import { startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

const HOOK = 'https://hooks.example.com/hook';
const TICK_MS = 55_000;
const MINUTE_MS = 60_000;

/** A relay on the Free plan, with a client. */
async function startFree(hasQueue = true) {
  const relay = await startRelay({ hasQueue, vars: { UPSTREAM_API_KEY: 'sk-sandbox-unlimited' } });
  const receiver = relay.receiver('hooks.example.com');
  const { key } = await relay.client();
  const post = async (prompt: string) =>
    await relay.as(key).post('/v1/tasks', video(prompt, { callback_url: HOOK }));
  return { relay, receiver, post };
}

/** A minute: the cron, and each leg that is called, when it is to come. */
async function minute(relay: Relay): Promise<void> {
  const startedAt = relay.clock.now();
  const before = relay.queue.sent.length;
  await relay.tick();
  for (let i = before; i < relay.queue.sent.length; i++) await relay.work(relay.queue.sent[i]);
  relay.clock.advance(Math.max(0, startedAt + MINUTE_MS - relay.clock.now()));
}

const isFetch = (name: string) => /^(GET|POST) \//.test(name);

describe('a tick on the Free plan that has work', () => {
  it('is three invocations, each of which calls the next as it begins, and the last none', async () => {
    const { relay, post } = await startFree();
    await post('[never]');
    relay.clock.advance(30_000);
    const startedAt = relay.clock.now();
    await relay.tick();
    expect(relay.clock.now() - startedAt).toBeLessThan(20_000);
    const [first] = relay.queue.legs;
    expect(first).toMatchObject({ body: { endsAt: startedAt + TICK_MS, legsLeft: 1 } });
    // It was sent at the beginning: the next leg comes even where the platform ends this one midway.
    expect(first?.at).toBeLessThanOrEqual(startedAt + 19_000);
    await relay.work(first);
    await relay.work(relay.queue.legs[1]);
    expect(relay.queue.legs.map(({ body }) => body.legsLeft)).toEqual([1, 0]);
    expect(relay.clock.now() - startedAt).toBeGreaterThanOrEqual(TICK_MS);
    expect(relay.queue.workers).toBe(0);
  });

  it('has for each leg all that the platform allows: thrice the polls of one invocation', async () => {
    const most = { alone: 0, legs: 0 };
    for (const [name, hasQueue] of [['alone', false] as const, ['legs', true] as const]) {
      const { relay, post } = await startFree(hasQueue);
      for (let task = 0; task < 60; task++) await post('[never]');
      relay.clock.advance(MINUTE_MS);
      const before = relay.effects.log.length;
      await minute(relay);
      most[name] = relay.effects.log.slice(before).filter(isFetch).length;
    }
    expect(most.alone).toBeLessThanOrEqual(45);
    expect(most.legs).toBeGreaterThan(2 * most.alone);
    expect(most.legs).toBeLessThanOrEqual(3 * 45);
  });

  it('brings tasks to their callbacks within seconds in each part of the minute', async () => {
    const { relay, receiver, post } = await startFree();
    const posting = (async () => {
      for (let task = 0; task < 12; task++) {
        await post(`[slow:${75 + task * 2}]`);
        await relay.clock.sleep(10_000);
      }
    })();
    for (let minutes = 0; minutes < 6; minutes++) await minute(relay);
    await posting;
    expect(receiver.received).toHaveLength(12);
    for (const { at, body } of receiver.received)
      expect(at - Date.parse(JSON.parse(body).completed_at)).toBeLessThan(15_000);
  }, 60_000);
});

describe('no message is sent', () => {
  it('by a tick with nothing to do', async () => {
    const { relay } = await startFree();
    for (let minutes = 0; minutes < 3; minutes++) await minute(relay);
    expect(relay.queue.sent).toEqual([]);
  });

  it('by a tick whose tasks are not to be looked at in its time', async () => {
    const { relay, post } = await startFree();
    await post('[never]');
    // The plan for a task that has just begun: no end is likely for a while.
    await env.DB.prepare('update tasks set due_at = ?')
      .bind(relay.clock.now() + MINUTE_MS)
      .run();
    await minute(relay);
    expect(relay.queue.sent).toEqual([]);
  });

  it('by a tick that is short', async () => {
    const relay = await startRelay({ hasQueue: true, vars: { TICK_SECONDS: '20' } });
    const { key } = await relay.client();
    await relay.as(key).post('/v1/tasks', video('[never]'));
    relay.clock.advance(30_000);
    await relay.tick();
    expect(relay.queue.sent).toEqual([]);
  });

  it('to a leg on the Paid plan: the cron works its whole time', async () => {
    const relay = await startRelay({ hasQueue: true, vars: { SUBREQUEST_BUDGET: '9000' } });
    const { key } = await relay.client();
    await relay.as(key).post('/v1/tasks', video('[never]'));
    relay.clock.advance(30_000);
    const startedAt = relay.clock.now();
    await relay.tick();
    expect(relay.queue.legs).toEqual([]);
    expect(relay.clock.now() - startedAt).toBeGreaterThanOrEqual(TICK_MS);
  });
});

describe('a leg', () => {
  it('that comes when its tick is over does nothing, and asks nobody', async () => {
    const { relay, post } = await startFree();
    await post('[never]');
    relay.clock.advance(30_000);
    await relay.tick();
    relay.clock.advance(MINUTE_MS);
    const before = relay.effects.log.length;
    await relay.work(relay.queue.legs[0]);
    expect(relay.effects.log).toHaveLength(before);
    expect(relay.queue.legs).toHaveLength(1);
  });

  it('that comes twice, beside another cron, sends nothing twice', async () => {
    const { relay, receiver, post } = await startFree();
    for (let task = 0; task < 8; task++) await post(`[slow:${40 + task * 3}]`);
    relay.clock.advance(30_000);
    await Promise.all([relay.tick(), relay.tick()]);
    const [first] = relay.queue.legs;
    await Promise.all([relay.work(first), relay.work(first), relay.tick()]);
    relay.clock.advance(MINUTE_MS);
    await minute(relay);
    expect(receiver.received).toHaveLength(8);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(8);
  });

  it('that never comes is made up for by the next cron', async () => {
    const { relay, receiver, post } = await startFree();
    await post('[slow:50]');
    for (let crons = 0; crons < 3; crons++) {
      const startedAt = relay.clock.now();
      await relay.tick();
      relay.clock.advance(startedAt + MINUTE_MS - relay.clock.now());
    }
    expect(relay.queue.legs.length).toBeGreaterThan(0);
    expect(receiver.received).toHaveLength(1);
  });

  it('is started by the queue handler of the Worker, which takes every message', async () => {
    await startRelay();
    const body = { endsAt: Date.now() + 1_000, legsLeft: 0 };
    const batch = createMessageBatch('ringback-wake-ups', [
      { id: 'one', timestamp: new Date(), attempts: 1, body },
    ]);
    await worker.queue(batch, env);
    const { outcome, retryMessages } = await getQueueResult(batch, createExecutionContext());
    expect({ outcome, retryMessages }).toEqual({ outcome: 'ok', retryMessages: [] });
  });
});

describe('a message', () => {
  it.each([
    ['calls a leg', { endsAt: 1_795_359_600_000, legsLeft: 1 }, true],
    ['calls a worker, where it is empty', {}, false],
    ['calls a worker, where somebody else put it into the queue', 'hello', false],
    ['calls a worker, where its numbers are none', { endsAt: 'soon', legsLeft: 2 }, false],
    ['calls a worker, where it is nothing', null, false],
  ])('%s', (_, body, isLeg) => {
    expect(legOf(body)).toEqual(isLeg ? body : null);
  });
});

describe('a queue that takes no message, as on a day that used up its operations', () => {
  it('leaves the tick to work on alone to its end, and the next one too', async () => {
    const { relay, receiver, post } = await startFree();
    relay.queue.isRefusing = true;
    await post('[slow:70]');
    for (let minutes = 0; minutes < 3; minutes++) await minute(relay);
    expect(receiver.received).toHaveLength(1);
    expect(relay.queue.sent).toEqual([]);
  });

  it('is told in the report of the tick, and on the overview', async () => {
    const { relay, post } = await startFree();
    relay.queue.isRefusing = true;
    await post('[never]');
    relay.clock.advance(30_000);
    const startedAt = relay.clock.now();
    await relay.tick();
    expect(relay.clock.now() - startedAt).toBeGreaterThanOrEqual(TICK_MS);
    const { body } = await relay.admin().get('/admin/stats');
    expect(body.last_tick.counts.failed_hand_overs).toBe(1);
    const browser = browserOf(relay);
    await browser.signIn();
    expect((await browser.get('/console')).text).toContain('The queue WAKE_UPS takes no messages');
  });

  it('is told so too where a later leg met it', async () => {
    const { relay, post } = await startFree();
    await post('[never]');
    relay.clock.advance(30_000);
    await relay.tick();
    relay.queue.isRefusing = true;
    await relay.work(relay.queue.legs[0]);
    const { body } = await relay.admin().get('/admin/stats');
    expect(body.last_tick.counts.failed_hand_overs).toBe(1);
    relay.clock.advance(MINUTE_MS);
    relay.queue.isRefusing = false;
    await relay.tick();
    expect((await relay.admin().get('/admin/stats')).body.last_tick.counts.failed_hand_overs).toBe(0);
  });
});
