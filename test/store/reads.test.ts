import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { meteredDb, Meter } from '../../bench/workers/meter.ts';
import { sha256Hex } from '../../src/domain/hex.ts';
import { webhookId } from '../../src/domain/ids.ts';
import type { UnsentTask } from '../../src/domain/task.ts';
import { createDeliveryStore } from '../../src/store/deliveries.ts';
import { leaseQueued } from '../../src/store/fetch-queue.ts';
import { createOverviewStore } from '../../src/store/overview.ts';
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

/** As a task is that waits for its upstream key. */
const WAITS = `state = 'queued', queue_reason = 'behind', due_at = null, leased_until = 0`;

/** Copies a row, with other values: SQL expressions, in which `n` counts the copies from 1 on. */
async function copy(
  id: string,
  count: number,
  changes: Record<string, string> = {},
  table: 'tasks' | 'deliveries' = 'tasks',
): Promise<void> {
  const { results } = await env.DB.prepare('select name from pragma_table_info(?1)').bind(table).all();
  const columns = results.map(({ name }) => String(name));
  const values = columns.map((name) => changes[name] ?? (name === 'id' ? `id || printf('%06d', n)` : name));
  await env.DB.prepare(
    `insert into ${table} (${columns.join(', ')}) with recursive numbers (n) as (
       select 1 union all select n + 1 from numbers where n < ?2)
     select ${values.join(', ')} from ${table}, numbers where id = ?1`,
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

/** A task like one that there is, as it is stored first. */
async function asNew(id: string): Promise<UnsentTask> {
  const task = await createTaskStore(env.DB, patience).get(id, null);
  if (task === null) throw new Error('there is no task');
  return { ...task, id: `${id}x`, phase: { state: 'accepting' } };
}

describe('a task behind many', () => {
  it('is posted, and gets its turn, without a look at those that wait behind it', async () => {
    const { id, key } = await post('many');
    await set(id, WAITS);
    await copy(id, MANY);
    await env.DB.prepare('update upstream_keys set active_limit = 1000, refused_at = 1').run();
    const task = await asNew(id);
    const keyHash = await sha256Hex(key);
    const stored = await createTaskStore(db, patience).insert({
      task,
      keyHash,
      dailyCreditLimit: null,
      isRush: false,
      durationKeys: [],
      searchKey: null,
    });
    expect(stored).toMatchObject({ kind: 'stored', task: { phase: { state: 'queued', reason: 'behind' } } });
    expect(meter.total().read).toBeLessThan(40);
    meter.reset();
    const now = relay.clock.now();
    const leased = await leaseQueued(db, { now, most: 5, submitLease: now + 1 }).all<{ id: string }>();
    expect(leased.results[0]?.id).toBe(id);
    // 40 of each client are looked at, and the leased ones are written.
    expect(meter.total().read).toBeLessThan(800);
  });

  it('knows its place exactly, by the turns of all clients, up to the number that is counted', async () => {
    const clients = [await post('a'), await post('b'), await post('c')];
    for (const [index, { id }] of clients.entries()) {
      await set(id, WAITS);
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
    for (const one of [id, other.id]) await set(one, WAITS);
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
    await set(id, WAITS);
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
    const task = await asNew(id);
    const keyHash = await sha256Hex(key);
    await createTaskStore(db, patience).insert({
      task,
      keyHash,
      dailyCreditLimit: 1_000_000,
      isRush: false,
      durationKeys: [],
      searchKey: null,
    });
    expect(meter.total().read).toBeLessThan(40);
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
    expect(meter.total().read).toBeLessThan(70);
  });
});

/** A task that has ended, with its callback on its way. */
async function ended(name: string) {
  const { id: clientId, key } = await relay.client({ name });
  const me = relay.as(key);
  const { body } = await me.post(
    '/v1/tasks',
    video('[never]', { callback_url: 'https://hooks.example.com/' }),
  );
  await me.post(`/v1/tasks/${body.id}/cancel`);
  const id: string = body.id;
  return { id, clientId, deliveryId: webhookId(id) };
}

describe('the failed callbacks of a minute', () => {
  it('are found without a look at all others', async () => {
    const { clientId, deliveryId: id } = await ended('a');
    await env.DB.prepare(`update deliveries set state = 'failed', occurred_at = 60000, due_at = null`).run();
    await copy(id, MANY, { occurred_at: '60000 * (n + 2)' }, 'deliveries');
    await copy(id, MANY, { id: `id || 'd' || n`, state: `'delivered'` }, 'deliveries');
    const failed = await createDeliveryStore(db, patience).failed(
      { clientId, since: 60_000, until: 119_999 },
      200,
    );
    expect(failed.map((delivery) => delivery.id)).toEqual([id]);
    expect(meter.total().read).toBeLessThan(10);
  });
});

describe('the overview', () => {
  const figures = { clientId: null, bucketMs: 3_600_000, buckets: 24 };

  it('reads of a window each task and its callback once, and says how late the callbacks were', async () => {
    const { id, deliveryId } = await ended('a');
    await copy(id, 99);
    const late = `state = 'delivered', due_at = null, delivered_at = occurred_at`;
    await env.DB.prepare(`update deliveries set ${late}`).run();
    await copy(deliveryId, 99, { delivered_at: 'occurred_at + 10 * n' }, 'deliveries');
    const { tasks, delivered, p50, p95, buckets } = await createOverviewStore(db).figures(
      figures,
      relay.clock.now(),
    );
    expect({ tasks, delivered, p50, p95 }).toEqual({ tasks: 100, delivered: 100, p50: 490, p95: 940 });
    expect(buckets.at(-1)).toMatchObject({ canceled: 100, open: 0, p50: 490, p95: 940 });
    expect(buckets.at(0)).toMatchObject({ canceled: 0, p50: null, p95: null });
    expect(meter.total().read).toBeLessThan(400);
  });

  it('reads nothing that has ended to show what is in hand', async () => {
    const { id } = await post('a');
    await copy(id, 3);
    await copy(id, 4, { id: `id || 'q' || n`, state: `'queued'`, queue_reason: `'behind'`, due_at: 'null' });
    await copy(id, 5, {
      id: `id || 'o' || n`,
      state: `'queued'`,
      queue_reason: `'own-limit'`,
      due_at: 'null',
    });
    await copy(id, MANY, { id: `id || 'e' || n`, state: `'canceled'`, completed_at: '1', due_at: 'null' });
    const open = await createOverviewStore(db).open(null, relay.clock.now(), 3_600_000);
    const counts = open.map(({ state, queueReason, count }) => `${state} ${queueReason} ${count}`);
    expect(counts.toSorted()).toEqual(['queued behind 4', 'queued own-limit 5', 'running null 4']);
    expect(meter.total().read).toBeLessThan(60);
  });

  it('tells the callbacks of a client whose breaker is open from those of others on the same host', async () => {
    const mine = await ended('mine');
    const theirs = await ended('theirs');
    const now = relay.clock.now();
    await env.DB.prepare('update deliveries set attempts = 2, last_status = iif(task_id = ?1, null, 500)')
      .bind(mine.id)
      .run();
    await env.DB.prepare(
      `insert into receivers (host, client_id, open_until, silences, silent_since) values ('hooks.example.com', ?1, ?2, 12, 7)`,
    )
      .bind(mine.clientId, now + 1)
      .run();
    const all = await createOverviewStore(db).pendingCallbacks(null, now);
    expect(all.count).toBe(2);
    expect(all.retried.toSorted((a, b) => Number(a.isShut) - Number(b.isShut))).toEqual([
      {
        host: 'hooks.example.com',
        lastStatus: 500,
        isShut: false,
        count: 1,
        taskId: theirs.id,
        clientNames: ['theirs'],
      },
      {
        host: 'hooks.example.com',
        lastStatus: null,
        isShut: true,
        count: 1,
        taskId: mine.id,
        clientNames: ['mine'],
      },
    ]);
    expect((await createOverviewStore(db).pendingCallbacks(mine.clientId, now)).count).toBe(1);
    expect(await createOverviewStore(db).openBreakers(now)).toEqual([
      {
        host: 'hooks.example.com',
        clientNames: ['mine'],
        waiting: 1,
        openUntil: now + 1,
        silences: 12,
        silentSince: 7,
      },
    ]);
    expect(await createOverviewStore(db).openBreakers(now + 1)).toEqual([]);
  });
});
