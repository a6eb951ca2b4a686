import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';

import { usageOverview, spanQuery } from '../../src/console/usage/read.ts';
import { makeSums } from '../../src/engine/sums.ts';
import type { Usage } from '../../src/domain/usage.ts';
import { readUsage } from '../../src/http/usage.ts';
import { createOverviewStore } from '../../src/store/overview.ts';
import { startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const HOOK = 'https://hooks.example.com/42';
const image = { model: 'gpt-image-2-text-to-image', input: { prompt: 'a fox', resolution: '1K' } };

/** What the cron's heartbeat says, and what is made of it. */
async function sum({ services }: Relay): Promise<void> {
  await makeSums(services, await services.stores.ticks.started(services.clock.now(), null));
}

/** To the first minute of an hour that is so many hours later, where everything is summed that is due. */
async function later(relay: Relay, hours: number): Promise<void> {
  const { clock } = relay;
  clock.advance(hours * HOUR_MS - (clock.now() % HOUR_MS));
  await sum(relay);
  clock.advance(MINUTE_MS);
  await sum(relay);
}

/** As an isolate sees them that has not looked before. */
async function figures(relay: Relay, clientId: string | null = null) {
  const read = createOverviewStore(env.DB).figures;
  return await read({ clientId, bucketMs: HOUR_MS, buckets: 24 }, relay.clock.now());
}

const openOf = ({ buckets }: Awaited<ReturnType<typeof figures>>) =>
  buckets.reduce((all, bucket) => all + bucket.open, 0);

const countHours = async () => await env.DB.prepare('select count(*) as n from hour_sums').first<number>('n');

const byLine = ({ client_id: id = '', model = '' }: Usage) => id + model;

const hoursSummed = async () =>
  (await env.DB.prepare('select hours_until as until from sums_made').first<number>('until')) ?? 0;

/** Tasks of two clients, of which one succeeds and is called back, one fails, one is canceled and one runs. */
async function work(relay: Relay) {
  relay.receiver('hooks.example.com');
  const [a, b] = [await relay.client(), await relay.client()];
  const me = relay.as(a.key);
  await me.post('/v1/tasks', video('a fox', { callback_url: HOOK }));
  await me.post('/v1/tasks', video('[fail]', { callback_url: HOOK }));
  const { body: canceled } = await me.post('/v1/tasks', video('[never]'));
  await me.post(`/v1/tasks/${canceled.id}/cancel`);
  await relay.as(b.key).post('/v1/tasks', image);
  const { body: open } = await relay.as(b.key).post('/v1/tasks', video('[never]'));
  await relay.tick();
  return { a, b, open };
}

describe('the figures of an hour', () => {
  it('are the same once it is summed, of all clients and of each', async () => {
    const relay = await startRelay({ timeScale: 0.1 });
    const { a, b } = await work(relay);
    relay.clock.advance(HOUR_MS);
    const before = [await figures(relay), await figures(relay, a.id), await figures(relay, b.id)];
    expect(before.map(({ tasks }) => tasks)).toEqual([5, 3, 2]);
    expect(before[0]).toMatchObject({ delivered: 2, errors: [{ code: 'upstream_failed', count: 1 }] });
    await later(relay, 0);
    expect(await hoursSummed()).toBeGreaterThan(relay.clock.now() - 2 * HOUR_MS);
    // What is summed is not read again.
    await env.DB.prepare('update tasks set error_code = null').run();
    expect([await figures(relay), await figures(relay, a.id), await figures(relay, b.id)]).toEqual(before);
  });

  it('are summed anew while something of it has not ended', async () => {
    const relay = await startRelay({ timeScale: 0.1 });
    const { b, open } = await work(relay);
    await later(relay, 1);
    expect(openOf(await figures(relay))).toBe(1);
    await relay.as(b.key).post(`/v1/tasks/${open.id}/cancel`);
    await later(relay, 1);
    expect(openOf(await figures(relay))).toBe(0);
    expect(await env.DB.prepare('select 1 from hour_sums where is_settled = 0').first()).toBeNull();
  });

  it('of a relay that is new to it are made up for, and are forgotten after nine days', async () => {
    const relay = await startRelay({ timeScale: 0.1 });
    await work(relay);
    relay.clock.advance(5 * HOUR_MS);
    await later(relay, 1);
    expect(await countHours()).toBe(3);
    await later(relay, 10 * 24);
    expect(await countHours()).toBe(0);
  });
});

const SPANS = [7, 30, 90, 400];

/** Each span, by the page and row by row. */
async function expectTheSame(relay: Relay, clientIds: readonly (string | null)[]) {
  const { services } = relay;
  const names = new Map((await services.stores.clients.list()).map(({ id, name }) => [id, name]));
  for (const clientId of clientIds)
    for (const span of SPANS) {
      const query = spanQuery(services, clientId, span);
      const page = await usageOverview(services, query, names);
      const rows = await readUsage(services, { ...query, by: ['client', 'model'] });
      const sorted = (lines: readonly Usage[]) => lines.toSorted((x, y) => (byLine(x) < byLine(y) ? -1 : 1));
      expect(sorted(page.lines)).toEqual(sorted(rows));
      const days = await readUsage(services, { ...query, by: ['day'] });
      expect(page.days.filter(({ tasks }) => tasks > 0)).toEqual(days);
    }
}

const isSummed = async (relay: Relay) =>
  (await relay.services.stores.usageSums.read({ clientId: null, days: 7, now: relay.clock.now() }, 0)) !==
  null;

describe('the usage that the console shows', () => {
  it('is what usage says, over each span, today and weeks later', async () => {
    const relay = await startRelay({ timeScale: 0.1 });
    const clients = [null];
    for (const hours of [1, 30, 3 * 24, 20 * 24, 60 * 24]) {
      const { a, b } = await work(relay);
      await later(relay, hours);
      expect(await isSummed(relay)).toBe(true);
      await expectTheSame(relay, [...clients, a.id, b.id]);
    }
  });

  it('is read row by row from the end of an old task on, until it is summed again', async () => {
    const relay = await startRelay({ timeScale: 0.1, vars: { TASK_TIMEOUT_SECONDS: '864000' } });
    const { b, open } = await work(relay);
    await later(relay, 5 * 24);
    expect(await isSummed(relay)).toBe(true);
    await expectTheSame(relay, [null, b.id]);
    await relay.as(b.key).post(`/v1/tasks/${open.id}/cancel`);
    expect(await isSummed(relay)).toBe(false);
    await expectTheSame(relay, [null, b.id]);
    await later(relay, 1);
    expect(await isSummed(relay)).toBe(true);
    await expectTheSame(relay, [null, b.id]);
  });
});
