import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';

import type { ScriptedAnswer } from '../support/receiver.ts';
import { startRelay, video } from '../support/relay.ts';

const HOOK = 'https://hooks.example.com/42';
const GONE: ScriptedAnswer = { status: 410 };
const START = '2026-11-22T15:00:00Z';
const ask = (more: Record<string, unknown> = {}) => ({ since: START, callback_state: 'failed', ...more });

/** A client whose receiver is gone at first, and then back again. */
async function start(gone: number) {
  const relay = await startRelay({ timeScale: 0, vars: { SUBREQUEST_BUDGET: '500' } });
  const receiver = relay.receiver('hooks.example.com', [
    ...Array.from({ length: gone }, () => GONE),
    { status: 200 },
  ]);
  const { key } = await relay.client();
  const me = relay.as(key);
  const post = async (prompt = 'a fox', callback_url: string | null = HOOK): Promise<string> =>
    (await me.post('/v1/tasks', video(prompt, { callback_url }))).body.id;
  const task = async (id: string) => (await me.get(`/v1/tasks/${id}`)).body;
  return { relay, receiver, me, post, task };
}

/** Copies all rows so many times, with other values: SQL expressions, in which `n` counts the copies from 1 on. */
async function copyAll(table: string, count: number, changes: Record<string, string>): Promise<void> {
  const { results } = await env.DB.prepare('select name from pragma_table_info(?1)')
    .bind(table)
    .all<{ name: string }>();
  const columns = results.map(({ name }) => name);
  await env.DB.prepare(
    `insert into ${table} (${columns.join(', ')}) with recursive numbers(n) as (
       select 1 union all select n + 1 from numbers where n < ?1)
     select ${columns.map((name) => changes[name] ?? name).join(', ')} from ${table}, numbers`,
  )
    .bind(count)
    .run();
}

describe('the failed callbacks of a time span', () => {
  it('go out again, the oldest first, each with its webhook-id, and their attempts count on', async () => {
    const { relay, receiver, me, post, task } = await start(3);
    const ids = [await post(), await post('[fail]'), await post()];
    await relay.tick();
    for (const id of ids) expect((await task(id)).callback).toMatchObject({ state: 'failed', attempts: 1 });

    const answer = await me.post('/v1/redeliveries', ask());
    expect(answer).toMatchObject({ status: 202, body: { redelivered: 3, next_since: null } });
    for (const id of ids) expect((await task(id)).callback).toMatchObject({ state: 'pending', attempts: 1 });
    await relay.tick();
    const ends = await Promise.all(ids.map(task));
    for (const { callback } of ends) expect(callback).toMatchObject({ state: 'delivered', attempts: 2 });

    const sent = receiver.received.map(({ headers }) => headers['webhook-id'] ?? '');
    expect(sent).toHaveLength(6);
    expect(new Set(sent.slice(3))).toEqual(new Set(sent.slice(0, 3)));
    expect(new Set(sent.slice(3)).size).toBe(3);
    const order = receiver.received.slice(3).map(({ body }) => Date.parse(JSON.parse(body).completed_at));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  it('go out 250 ms apart, so that a receiver that has just come back is not run over', async () => {
    const { relay, receiver, me, post } = await start(8);
    for (let i = 0; i < 8; i++) await post();
    await relay.tick();
    await me.post('/v1/redeliveries', ask());
    await relay.tick();
    const again = receiver.received.slice(8).map(({ at }) => at);
    expect(again).toHaveLength(8);
    const gaps = again.slice(1).map((at, i) => at - (again[i] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(250);
    expect(Math.max(...gaps)).toBeLessThan(2_000);
  });

  it('carry the result as upstream gives it then, because links expire', async () => {
    const { relay, receiver, me, post, task } = await start(1);
    const id = await post();
    await relay.tick();
    const { result_url: current } = await task(id);
    await env.DB.prepare('update tasks set result_json = ?1')
      .bind('{"resultUrls":["https://cdn.example.com/expired.mp4"]}')
      .run();
    await me.post('/v1/redeliveries', ask());
    await relay.tick();
    expect(JSON.parse(receiver.received[1]?.body ?? '')).toMatchObject({ id, result_url: current });
    expect((await task(id)).result_url).toBe(current);
  });

  it('can be asked for again where they failed again, and then no more of those that arrived', async () => {
    const { relay, receiver, me, post } = await start(3);
    await post();
    await post();
    await relay.tick();
    await me.post('/v1/redeliveries', ask());
    await relay.tick();
    expect(receiver.received).toHaveLength(4);
    expect((await me.post('/v1/redeliveries', ask())).body.redelivered).toBe(1);
    await relay.tick();
    expect(receiver.received).toHaveLength(5);
    expect((await me.post('/v1/redeliveries', ask())).body.redelivered).toBe(0);
  });

  it('are 200 at a time, and the answer says where to go on', async () => {
    const { relay, receiver, me, post } = await start(1);
    await post();
    await relay.tick();
    await copyAll('tasks', 204, { id: `id || '_' || n`, completed_at: 'completed_at + n' });
    await copyAll('deliveries', 204, {
      id: `id || '_' || n`,
      task_id: `task_id || '_' || n`,
      occurred_at: 'occurred_at + n',
    });
    relay.clock.advance(60_000);

    const first = (await me.post('/v1/redeliveries', ask())).body;
    expect(first).toEqual({ redelivered: 200, next_since: expect.stringMatching(/^2026-11-22T15:0/) });
    const second = await me.post('/v1/redeliveries', ask({ since: first.next_since }));
    expect(second.body).toEqual({ redelivered: 5, next_since: null });
    expect(receiver.received).toHaveLength(1);
  });
});

describe('what is not sent again', () => {
  it('is what arrived, what is still on its way, what nobody is told of, and what still runs', async () => {
    const { relay, receiver, me, post, task } = await start(1);
    relay.receiver('down.example.com', [{ status: 500 }]);
    const gone = await post();
    await relay.tick();
    const others = [
      await post(),
      await post('a fox', 'https://down.example.com/'),
      await post('a fox', null),
      await post('[never]'),
    ];
    await relay.tick();
    const before = await Promise.all(others.map(task));
    expect(before.map(({ callback }) => callback?.state)).toEqual([
      'delivered',
      'pending',
      undefined,
      'waiting',
    ]);
    const calls = receiver.received.length;
    expect((await me.post('/v1/redeliveries', ask())).body.redelivered).toBe(1);
    expect(await Promise.all(others.map(task))).toEqual(before);
    await relay.tick();
    expect(receiver.received.slice(calls).map(({ body }) => JSON.parse(body).id)).toEqual([gone]);
  });

  it('is what belongs to another client', async () => {
    const { relay, me, post, receiver } = await start(2);
    await post();
    const other = relay.as((await relay.client()).key);
    const { body } = await other.post('/v1/tasks', video('a fox', { callback_url: HOOK }));
    await relay.tick();
    expect((await me.post('/v1/redeliveries', ask())).body.redelivered).toBe(1);
    await relay.tick();
    expect(receiver.received).toHaveLength(3);
    expect((await other.get(`/v1/tasks/${body.id}`)).body.callback).toMatchObject({ state: 'failed' });
  });

  it('is what ended before the span or after it', async () => {
    const { relay, me, post, task } = await start(3);
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) {
      ids.push(await post());
      await relay.tick();
      relay.clock.advance(3_600_000);
    }
    const ends = (await Promise.all(ids.map(task))).map(({ completed_at }) => completed_at);
    const span = { since: ends[1], until: ends[1] };
    expect((await me.post('/v1/redeliveries', ask(span))).body.redelivered).toBe(1);
    const states = (await Promise.all(ids.map(task))).map(({ callback }) => callback.state);
    expect(states).toEqual(['failed', 'pending', 'failed']);
  });
});

describe('a request for redeliveries', () => {
  it.each([
    ['in another time zone', { since: '2026-11-22T16:00:00+01:00' }],
    ['with fractions of a second', { since: '2026-11-22T15:00:00.000Z' }],
    ['until later', { until: '2026-11-23T00:00:00Z' }],
    ['with null for what is optional', { until: null }],
  ])('takes a time %s', async (_, more) => {
    const { relay, me, post } = await start(1);
    await post();
    await relay.tick();
    expect(await me.post('/v1/redeliveries', ask(more))).toMatchObject({
      status: 202,
      body: { redelivered: 1 },
    });
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ['no start', { since: undefined }, 'since', 'must be a time such as'],
    ['null for the start', { since: null }, 'since', 'must be a time such as'],
    ['a start in words', { since: 'yesterday' }, 'since', 'must be a time such as'],
    ['a start in seconds', { since: 1_795_359_600 }, 'since', 'must be a time such as'],
    ['a day', { since: '2026-11-22' }, 'since', 'must be a time such as'],
    ['a time of no zone', { since: '2026-11-22T15:00:00' }, 'since', 'must be a time such as'],
    ['a day that is none', { since: '2026-02-30T15:00:00Z' }, 'since', 'must be a time such as'],
    ['an end in words', { until: 'now' }, 'until', 'must be a time such as'],
    ['an end before its start', { until: '2026-11-22T14:59:59Z' }, 'until', 'must not be before since'],
    ['a start in the future', { since: '2026-11-23T15:00:00Z' }, 'until', 'must not be before since'],
    ['no state', { callback_state: undefined }, 'callback_state', 'must be "failed"'],
    ['another state', { callback_state: 'delivered' }, 'callback_state', 'must be "failed"'],
    ['an unknown field', { limit: 5 }, 'limit', 'is not a field of this request'],
  ])('is refused with %s', async (_, more, path, message) => {
    const { relay, me, post, task } = await start(1);
    const id = await post();
    await relay.tick();
    const answer = await me.post('/v1/redeliveries', ask(more));
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path }] } });
    expect(answer.body.errors[0].message).toContain(message);
    expect((await task(id)).callback.state).toBe('failed');
  });

  it('is only for clients', async () => {
    const { relay } = await start(0);
    expect((await relay.as('rb_nobody').post('/v1/redeliveries', ask())).status).toBe(401);
    expect((await relay.admin().post('/v1/redeliveries', ask())).status).toBe(401);
  });
});

describe('an operator who sends the failed callbacks of a time span again', () => {
  it('does so for all clients, or for one', async () => {
    const { relay, me, post } = await start(99);
    const other = await relay.client();
    await post();
    await relay.as(other.key).post('/v1/tasks', video('a fox', { callback_url: HOOK }));
    await relay.tick();
    const admin = relay.admin();
    const one = await admin.post('/admin/redeliveries', ask({ client_id: other.id }));
    expect(one).toMatchObject({ status: 202, body: { redelivered: 1, next_since: null } });
    await relay.tick();
    const all = await admin.post('/admin/redeliveries', ask({ client_id: null }));
    expect(all).toMatchObject({ status: 202, body: { redelivered: 2, next_since: null } });
    expect((await me.post('/admin/redeliveries', ask())).status).toBe(401);
    const { data } = (await admin.get('/admin/audit')).body;
    const [ofAll, ofOne] = data.filter(({ what }: { what: string }) => what === 'callbacks.redelivered');
    expect([ofAll, ofOne]).toMatchObject([
      { client_id: null, detail: expect.stringContaining('sent again: 2,') },
      { client_id: other.id, detail: expect.stringContaining('sent again: 1,') },
    ]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a client that there is not', { client_id: 'client_0' }, 'client_id'],
    ['no start', { since: undefined }, 'since'],
    ['an end before its start', { until: '2026-11-22T14:59:59Z' }, 'until'],
    ['another state', { callback_state: 'pending' }, 'callback_state'],
    ['an unknown field', { limit: 5 }, 'limit'],
  ])('is refused with %s', async (_, more, path) => {
    const { relay } = await start(1);
    const answer = await relay.admin().post('/admin/redeliveries', ask(more));
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path }] } });
  });
});
