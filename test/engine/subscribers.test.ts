import { describe, expect, it } from 'vitest';
import { startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

const TASKS = 10;
/** How many writings ten ends take depends on how their polls fall; each writes a row of usage. */
const MORE_WRITINGS = 4;
const PAID = { SUBREQUEST_BUDGET: '9000' };

/** A client whose receivers are known to answer, with so many subscriptions. */
async function start(subscriptions: number) {
  const relay = await startRelay({ timeScale: 0.2, vars: PAID });
  const me = relay.as((await relay.client()).key);
  const hosts = Array.from({ length: subscriptions }, (_, i) => `standing-${i}.example.com`);
  for (const host of hosts) {
    relay.receiver(host);
    await me.post('/v1/subscriptions', { url: `https://${host}/all` });
  }
  relay.receiver('hooks.example.com');
  await me.post('/v1/tasks', video('a fox', { callback_url: 'https://hooks.example.com/1' }));
  await relay.tick();
  await relay.tick();
  return { relay, me };
}

/** What ten tasks cost, from their posts to the last delivery. */
async function rowsOf(
  relay: Relay,
  me: ReturnType<Relay['as']>,
): Promise<{ rows: number; requests: number }> {
  relay.restart();
  for (let i = 0; i < TASKS; i++)
    await me.post('/v1/tasks', video(`a fox ${i}`, { callback_url: 'https://hooks.example.com/1' }));
  await relay.tick();
  await relay.tick();
  const requests = relay.effects.log.filter((name) => !/^(POST|GET) /.test(name)).length;
  return { rows: relay.effects.rowsBilled, requests };
}

describe('a subscriber costs', () => {
  it('three rows a task, and no request to D1 where nobody subscribes', async () => {
    const without = await start(0);
    const base = await rowsOf(without.relay, without.me);
    const one = await start(1);
    const withOne = await rowsOf(one.relay, one.me);
    const four = await start(4);
    const withFour = await rowsOf(four.relay, four.me);
    // And one for each subscription, which notes once a minute at the most when it was last told.
    expect(withOne.rows - base.rows).toBeLessThanOrEqual(3 * TASKS + 1 + MORE_WRITINGS);
    expect(withFour.rows - base.rows).toBeLessThanOrEqual(4 * (3 * TASKS + 1) + MORE_WRITINGS);
    expect(withFour.requests).toBeLessThanOrEqual(base.requests + 10);
  }, 120_000);
});

describe('twenty subscribers of which ten hang', () => {
  it('delay neither callbacks nor the others', async () => {
    const relay = await startRelay({ timeScale: 0, vars: PAID });
    const client = await relay.client();
    const me = relay.as(client.key);
    const well = Array.from({ length: 10 }, (_, i) => relay.receiver(`well-${i}.example.com`));
    for (let i = 0; i < 10; i++) {
      relay.receiver(`hangs-${i}.example.com`, ['hang']);
      await me.post('/v1/subscriptions', { url: `https://hangs-${i}.example.com/` });
      await me.post('/v1/subscriptions', { url: `https://well-${i}.example.com/` });
    }
    const hook = relay.receiver('hooks.example.com');
    const other = relay.as((await relay.client()).key);
    const others = relay.receiver('others.example.com');
    const post = async () => {
      await me.post('/v1/tasks', video('a fox', { callback_url: 'https://hooks.example.com/1' }));
      await other.post('/v1/tasks', video('a fox', { callback_url: 'https://others.example.com/1' }));
    };
    // What hangs is known by the first.
    await post();
    for (let i = 0; i < 4; i++) await relay.tick();
    const startedAt = relay.clock.now();
    for (let i = 0; i < 5; i++) await post();
    await relay.tick();
    const late = [...well, hook, others].map(
      ({ received }) => Math.max(...received.map(({ at }) => at)) - startedAt,
    );
    expect([...well, hook, others].map(({ received }) => received.length)).toEqual(Array(12).fill(6));
    expect(Math.max(...late)).toBeLessThan(10_000);
  }, 120_000);
});
