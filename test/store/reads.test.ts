import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { meteredDb, Meter } from '../../bench/workers/meter.ts';
import { createCallbackStore } from '../../src/store/callbacks.ts';
import { createQueueStore, MAX_COUNTED } from '../../src/store/queue.ts';
import { MAX_LOOKED_AT } from '../../src/store/task-list.ts';
import { createTaskStore } from '../../src/store/tasks.ts';
import { Effects } from '../support/effects.ts';
import { startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

const patience = { sleep: async () => undefined, random: () => 0 };
const MANY = 2_000;

let relay: Relay;
let meter: Meter;
let db: D1Database;
beforeEach(async () => {
  relay = await startRelay();
  meter = new Meter();
  db = meteredDb(env.DB, meter, new Effects());
});

/** A task of a client as it was posted, and where it is to stand. */
async function post(
  name: string,
  settings: Record<string, unknown> = {},
): Promise<{ id: string; clientId: string; key: string }> {
  const { id: clientId, key } = await relay.client({ name, ...settings });
  const { body } = await relay.as(key).post('/v1/tasks', video('[never]'));
  return { id: body.id, clientId, key };
}

/** Copies a task's row, with other values: SQL expressions, in which `n` counts the copies from 1 on. */
async function copy(id: string, count: number, changes: Record<string, string> = {}): Promise<void> {
  const { results } = await env.DB.prepare('select name from pragma_table_info(?1)').bind('tasks').all();
  const columns = results.map(({ name }) => String(name));
  const values = columns.map((name) => changes[name] ?? (name === 'id' ? `id || printf('%06d', n)` : name));
  await env.DB.prepare(
    `insert into tasks (${columns.join(', ')}) with recursive numbers (n) as (
       select 1 union all select n + 1 from numbers where n < ?2)
     select ${values.join(', ')} from tasks, numbers where id = ?1`,
  )
    .bind(id, count)
    .run();
}

async function set(id: string, sql: string): Promise<void> {
  await env.DB.prepare(`update tasks set ${sql} where id = ?1`).bind(id).run();
}

const newest = async () => {
  const id = await env.DB.prepare('select max(id) as id from tasks').first<string>('id');
  const task = await createTaskStore(env.DB, patience).get(id ?? '', null);
  if (task === null) throw new Error('there is no task');
  return task;
};

describe('a task behind many', () => {
  it('is posted, and gets its turn, without a look at those that wait behind it', async () => {
    const { id } = await post('many');
    await set(id, `state = 'queued', queue_reason = 'behind'`);
    await copy(id, MANY);
    const ahead = await createQueueStore(db).ahead(await newest());
    expect(ahead).toMatchObject({ hasAsker: false, hasWaiting: true });
    expect(meter.total().read).toBeLessThan(10);
    await set(id, `queue_reason = 'full'`);
    expect(await createQueueStore(db).ahead(await newest())).toMatchObject({ hasAsker: true });
  });

  it('knows its place exactly, by the turns of all clients, up to the number that is counted', async () => {
    const clients = [await post('a'), await post('b'), await post('c')];
    for (const [index, { id }] of clients.entries()) {
      await set(id, `state = 'queued', queue_reason = 'behind'`);
      await copy(id, [3, 40, 1][index] ?? 0);
    }
    const queue = createQueueStore(db);
    for (const { clientId } of clients) {
      const { results } = await env.DB.prepare('select id from tasks where client_id = ?1 order by id')
        .bind(clientId)
        .all<{ id: string }>();
      for (const [older, { id }] of results.entries()) {
        const task = await createTaskStore(env.DB, patience).get(id, null);
        const others = [4, 41, 2].filter((_, index) => clients[index]?.clientId !== clientId);
        const expected = others.reduce((sum, count) => sum + Math.min(count, older + 1), older);
        expect(task && (await queue.lineOfKey(task)).ahead).toBe(expected);
      }
    }
  });

  it('is told no place where more than that go before it, and reads no more than that', async () => {
    const { id } = await post('many');
    const other = await post('other');
    for (const one of [id, other.id]) await set(one, `state = 'queued', queue_reason = 'behind'`);
    await copy(id, MANY);
    await copy(other.id, MANY);
    expect((await createQueueStore(db).lineOfKey(await newest())).ahead).toBeNull();
    expect(meter.total().read).toBeLessThan(MAX_COUNTED + 20);
    meter.reset();
    const first = await createTaskStore(env.DB, patience).get(id, null);
    expect(first && (await createQueueStore(db).lineOfKey(first)).ahead).toBe(1);
    expect(meter.total().read).toBeLessThan(20);
  });

  it('tells no place to those who ask for its result, which they do every few seconds', async () => {
    const { id, key } = await post('a');
    await set(id, `state = 'queued', queue_reason = 'behind'`);
    const me = relay.as(key);
    expect((await me.get(`/v1/tasks/${id}`)).body.queue.position).toBe(1);
    expect(await me.get(`/v1/tasks/${id}/result`)).toMatchObject({
      status: 202,
      body: { queue: { reason: 'upstream_full', position: null } },
    });
  });
});

describe('a post under a daily credit limit', () => {
  it('reads as little after thousands of posts as after one', async () => {
    const { id, key } = await post('limited', { daily_credit_limit: 1_000_000 });
    await relay.as(key).post('/v1/tasks', video());
    await copy(id, MANY);
    const task = await createTaskStore(env.DB, patience).get(id, null);
    if (task === null) throw new Error('there is no task');
    const limits = { dailyCredits: 1_000_000, active: null };
    await createTaskStore(db, patience).insert({ ...task, id: `${id}x` }, limits);
    expect(meter.total().read).toBeLessThan(20);
  });
});

describe('a list of one state', () => {
  it('looks at a bounded piece, and goes on behind it', async () => {
    const { id, clientId, key } = await post('a');
    await copy(id, MANY, { state: `'canceled'`, completed_at: '1', due_at: 'null' });
    const page = await createTaskStore(db, patience).list({
      clientId,
      state: 'running',
      limit: 20,
      cursor: null,
    });
    expect(page).toEqual({ tasks: [], nextCursor: expect.any(String) });
    expect(meter.total().read).toBeLessThan(3 * MAX_LOOKED_AT + 20);

    const me = relay.as(key);
    const found: string[] = [];
    let query: string | null = '';
    for (let pages = 0; query !== null && pages < 5; pages++) {
      const { body } = await me.get(`/v1/tasks?state=running${query}`);
      found.push(...body.data.map((task: { id: string }) => task.id));
      query = body.next_cursor && `&cursor=${body.next_cursor}`;
    }
    expect({ found, query }).toEqual({ found: [id], query: null });
  });

  it('stops at a full page', async () => {
    const { id, clientId } = await post('a');
    await copy(id, MANY);
    const page = await createTaskStore(db, patience).list({
      clientId,
      state: 'running',
      limit: 20,
      cursor: null,
    });
    expect(page.tasks).toHaveLength(20);
    expect(page.tasks.map((task) => task.id)).toEqual(
      page.tasks
        .map((task) => task.id)
        .toSorted()
        .toReversed(),
    );
    expect(page.nextCursor).toBe(page.tasks.at(-1)?.id);
    expect(meter.total().read).toBeLessThan(60);
  });
});

describe('the failed callbacks of a minute', () => {
  it('are found without a look at all others', async () => {
    const { id, clientId } = await post('a');
    await set(id, `state = 'succeeded', completed_at = 60000, callback_state = 'failed', due_at = null`);
    await copy(id, MANY, { completed_at: '60000 * (n + 2)' });
    await copy(id, MANY, { id: `id || 'd' || n`, callback_state: `'delivered'` });
    const failed = await createCallbackStore(db, patience).failed(
      clientId,
      { since: 60_000, until: 119_999 },
      200,
    );
    expect(failed.map((task) => task.id)).toEqual([id]);
    expect(meter.total().read).toBeLessThan(10);
  });
});
