import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import { startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

async function rows(): Promise<Record<string, number>> {
  const tables = [
    'tasks',
    'deliveries',
    'delivery_attempts',
    'refusals',
    'receivers',
    'clients',
    'upstream_keys',
    'abandoned',
    'paces',
    'erased_credits',
    'spent_credits',
  ];
  const counts = await Promise.all(
    tables.map(async (table) => [
      table,
      await env.DB.prepare(`select count(*) as n from ${table}`).first('n'),
    ]),
  );
  return Object.fromEntries(counts);
}

/** Posts `count` tasks to a host of their own, refuses one, and brings all to their end. */
async function anHourOfLoad(relay: Relay, key: string, hour: number, count: number): Promise<void> {
  const host = `hooks-${hour}.example.com`;
  relay.receiver(host);
  const me = relay.as(key);
  for (let i = 0; i < count; i++) {
    await me.post('/v1/tasks', video('', { callback_url: `https://${host}/${i}` }), {
      'idempotency-key': `${hour}-${i}`,
    });
  }
  await relay.fault({ endpoint: 'createTask', kind: 'status', status: 422 });
  await me.post('/v1/tasks', video(), { 'idempotency-key': `${hour}-refused` });
  await relay.tick();
}

/** So many more tasks, each as this one. */
async function copies(id: string, count: number): Promise<void> {
  const { results } = await env.DB.prepare(`select name from pragma_table_info('tasks')`).all<{
    name: string;
  }>();
  const columns = results.map(({ name }) => name);
  const values = columns.map((name) => {
    if (name === 'id') return `substr(id, 1, 15) || printf('%016d', n)`;
    return name === 'idempotency_key' ? 'null' : name;
  });
  await env.DB.prepare(
    `insert into tasks (${columns.join(', ')}) select ${values.join(', ')} from tasks,
       (with recursive many(n) as (select 1 union all select n + 1 from many where n < ?2) select n from many)
     where id = ?1`,
  )
    .bind(id, count)
    .run();
}

describe('under steady load', () => {
  it('the database stays as large as the retention, in every table, for days', async () => {
    const relay = await startRelay({ timeScale: 0, vars: { RETENTION_DAYS: '1', TICK_SECONDS: '5' } });
    const { key } = await relay.client();
    const perHour = 3;
    const sizes: Record<string, number>[] = [];
    for (let hour = 0; hour < 60; hour++) {
      const startedAt = relay.clock.now();
      await anHourOfLoad(relay, key, hour, perHour);
      sizes.push(await rows());
      relay.clock.advance(startedAt + HOUR_MS - relay.clock.now());
    }
    expect(sizes[12]).toMatchObject({ tasks: 13 * perHour, deliveries: 13 * perHour, receivers: 13 });
    // What is an hour and a day old is gone in the tick that follows.
    for (const size of sizes.slice(26)) {
      expect(size['tasks']).toBeLessThanOrEqual(26 * perHour);
      expect(size['tasks']).toBeGreaterThanOrEqual(24 * perHour);
      expect(size['deliveries']).toBe(size['tasks']);
      expect(size['receivers']).toBeLessThanOrEqual(27);
      expect(size['refusals']).toBeLessThanOrEqual(1);
    }
  }, 60_000);

  it('keeps up with thousands of tasks a minute', async () => {
    const relay = await startRelay({ timeScale: 0, vars: { RETENTION_DAYS: '1' } });
    const me = relay.as((await relay.client()).key);
    const { body } = await me.post('/v1/tasks', video());
    await relay.tick();
    await copies(body.id, 3_500);
    relay.clock.advance(DAY_MS + HOUR_MS);
    expect((await relay.tick()).purged).toBe(3_000);
    expect((await relay.tick()).purged).toBe(501);
    expect(await rows()).toMatchObject({ tasks: 0 });
  });
});

describe('what nobody needs any more', () => {
  it('goes with the last task: a revoked client, its upstream key and the hosts of its receivers', async () => {
    const relay = await startRelay({ timeScale: 0, vars: { RETENTION_DAYS: '1', TICK_SECONDS: '5' } });
    const stays = await relay.client();
    const { id, key } = await relay.client({ upstream_api_key: 'sk-sandbox-pro' });
    relay.receiver('hooks.example.com');
    const callback = { callback_url: 'https://hooks.example.com/1' };
    await relay.as(key).post('/v1/tasks', video('', callback));
    await relay.tick();
    await relay.admin().delete(`/admin/clients/${id}`);
    relay.clock.advance(23 * HOUR_MS);
    await relay.tick();
    expect(await rows()).toMatchObject({ clients: 2, upstream_keys: 2, receivers: 1, tasks: 1 });
    // The next full hours: first the task goes, then what it needed.
    for (let hour = 0; hour < 3; hour++) {
      relay.clock.advance(HOUR_MS - (relay.clock.now() % HOUR_MS));
      await relay.tick();
    }
    expect(await rows()).toMatchObject({
      clients: 1,
      // The operator's own.
      upstream_keys: 1,
      receivers: 0,
      tasks: 0,
      deliveries: 0,
    });
    expect((await relay.as(stays.key).get('/v1/client')).status).toBe(200);
  });

  it('stays while a client still brings it', async () => {
    const relay = await startRelay({ timeScale: 0, vars: { RETENTION_DAYS: '1', TICK_SECONDS: '5' } });
    const { key } = await relay.client({ upstream_api_key: 'sk-sandbox-pro' });
    for (let day = 0; day < 3; day++) {
      relay.clock.advance(DAY_MS - (relay.clock.now() % HOUR_MS));
      await relay.tick();
    }
    expect((await relay.as(key).post('/v1/tasks', video())).body.state).toBe('running');
  });
});

describe('a task whose receiver is never reached', () => {
  it('is deleted two weeks after its retention, which is logged with its ids, and not before', async () => {
    const warnings: string[] = [];
    vi.spyOn(console, 'warn').mockImplementation((line: string) => void warnings.push(line));
    const relay = await startRelay({
      timeScale: 0,
      vars: { RETENTION_DAYS: '1', TICK_SECONDS: '5', RETRY_DELAYS_SECONDS: '2000000' },
    });
    const { id, key } = await relay.client();
    const callback = { callback_url: 'https://gone.example.com/1' };
    const { body } = await relay.as(key).post('/v1/tasks', video('', callback));
    await relay.tick();
    relay.clock.advance(14 * DAY_MS);
    await relay.tick();
    expect((await relay.as(key).get(`/v1/tasks/${body.id}`)).body.callback.state).toBe('pending');
    relay.clock.advance(2 * DAY_MS);
    await relay.tick();
    expect((await relay.as(key).get(`/v1/tasks/${body.id}`)).status).toBe(404);
    expect(warnings.map((line): unknown => JSON.parse(line))).toMatchObject([
      { task_id: body.id, client_id: id },
    ]);
  });
});
