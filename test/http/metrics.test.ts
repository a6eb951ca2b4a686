import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';

import dashboard from '../../docs/monitoring/dashboard.json?raw';
import alerts from '../../docs/monitoring/alerts.yml?raw';

import { ADMIN_TOKEN, startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

async function scrape(relay: Relay) {
  const answer = await relay.request('/admin/metrics', {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  });
  const text = await answer.text();
  const values = new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
  return { answer, text, values };
}

describe('what a monitor scrapes', () => {
  it('is OpenMetrics: each family is described, and the end is marked', async () => {
    const relay = await startRelay();
    const { answer, text, values } = await scrape(relay);
    expect(answer.headers.get('content-type')).toBe(
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
    );
    expect(text.endsWith('\n# EOF\n')).toBe(true);
    const families = Array.from(
      text.matchAll(/^# TYPE (\S+) (\S+)$/gm),
      ([, name, type]) => `${name} ${type}`,
    );
    expect(families).toEqual([
      'ringback_build info',
      'ringback_tasks gauge',
      'ringback_deliveries gauge',
      'ringback_callback_latency_seconds summary',
      'ringback_due_age_seconds gauge',
      'ringback_last_tick_age_seconds gauge',
      'ringback_receivers_failing gauge',
      'ringback_upstream_keys_limited gauge',
      'ringback_credits_today gauge',
      'ringback_posts_refused counter',
      'ringback_kept_bytes gauge',
      'ringback_kept_month_dollars gauge',
    ]);
    expect(Array.from(text.matchAll(/^# HELP /gm))).toHaveLength(families.length);
    expect([...values.keys()].filter((name) => name.startsWith('ringback_build_info'))).toHaveLength(1);
    // What has no value yet is absent.
    expect(values.has('ringback_last_tick_age_seconds')).toBe(false);
    expect(text).not.toContain('quantile=');
  });

  it('has the figures of tasks, deliveries, latency, the cron and the credits of each client', async () => {
    const relay = await startRelay({ timeScale: 0 });
    relay.receiver('hooks.example.com');
    const { id, key } = await relay.client();
    const me = relay.as(key);
    for (const prompt of ['a fox', '[fail]'])
      await me.post('/v1/tasks', video(prompt, { callback_url: 'https://hooks.example.com/1' }));
    await relay.tick();
    await me.post('/v1/tasks', video('[never]'));
    relay.clock.advance(30_000);
    const { values } = await scrape(relay);
    const of = (state: string) => values.get(`ringback_tasks{state="${state}"}`);
    expect(['queued', 'running', 'succeeded', 'failed', 'canceled'].map(of)).toEqual([0, 1, 1, 1, 0]);
    expect(values.get('ringback_deliveries{state="delivered"}')).toBe(2);
    expect(values.get('ringback_deliveries{state="pending"}')).toBe(0);
    expect(values.get('ringback_callback_latency_seconds{quantile="0.95"}')).toBeGreaterThanOrEqual(0);
    expect(values.get('ringback_last_tick_age_seconds')).toBeGreaterThanOrEqual(30);
    expect(values.get('ringback_due_age_seconds')).toBeGreaterThanOrEqual(0);
    expect(values.get(`ringback_credits_today{client="${id}"}`)).toBe(1_200);
  });

  it('says what kept results take, and what a month of that costs', async () => {
    const relay = await startRelay({ timeScale: 0, keepsResults: true });
    const me = relay.as((await relay.client()).key);
    await me.post('/v1/tasks', video('a fox [size:3000]'));
    await relay.tick();
    expect((await scrape(relay)).values.get('ringback_kept_bytes')).toBe(3_000);
    await env.DB.prepare('update kept_totals set bytes = 110000000000').run();
    expect((await scrape(relay)).values.get('ringback_kept_month_dollars')).toBe(1.5);
  });

  it('counts posts that were refused, by reason, over both surfaces and over restarts', async () => {
    const relay = await startRelay();
    const { id, key } = await relay.client({ daily_credit_limit: 100 });
    const me = relay.as(key);
    await me.post('/v1/tasks', { model: 'sora', input: {} });
    await me.post('/api/v1/jobs/createTask', { model: 'sora', input: {} });
    await me.post('/v1/tasks', video());
    await me.post('/v1/estimates', { model: 'sora', input: {} });
    const reasons = {
      [`client="${id}",reason="validation-failed"`]: 2,
      [`client="${id}",reason="daily-credit-limit"`]: 1,
    };
    const expected = Object.entries(reasons).map(([labels, count]) => [
      `ringback_posts_refused_total{${labels}}`,
      count,
    ]);
    const refused = async () =>
      [...(await scrape(relay)).values].filter(([name]) => name.startsWith('ringback_posts_refused_total'));
    expect(await refused()).toEqual(expected.toReversed());
    relay.restart();
    await me.post('/v1/tasks', video());
    expect(
      new Map(await refused()).get(
        `ringback_posts_refused_total{client="${id}",reason="daily-credit-limit"}`,
      ),
    ).toBe(2);
  });

  it('says which receivers do not answer, and which keys have to wait', async () => {
    const relay = await startRelay();
    const now = relay.clock.now();
    const insert = env.DB.prepare(
      `insert into receivers (host, client_id, silences, silent_since, observed_at) values (?1, 'c', ?2, ?3, ?4)`,
    );
    await insert.bind('silent.example', 10, now - 30_000, now).run();
    await insert.bind('young.example', 10, now - 29_000, now).run();
    await insert.bind('few.example', 9, now - 90_000, now).run();
    await env.DB.prepare('update upstream_keys set submit_paused_until = ?1')
      .bind(now + 1)
      .run();
    const { values } = await scrape(relay);
    expect(values.get('ringback_receivers_failing')).toBe(1);
    expect(values.get('ringback_upstream_keys_limited')).toBe(1);
  });

  it('reads no table as a whole', async () => {
    const relay = await startRelay();
    await env.DB.prepare(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000)
       insert into deliveries (id, task_id, client_id, kind, event, url, host, created_at, occurred_at, revision, state, delivered_at)
       select 'msg_00old' || i, 't', 'c', 'callback', 'task.succeeded', 'u', 'h', 1, 1, 1, 'delivered', 2 from n`,
    ).run();
    let read = 0;
    const prepare = env.DB.batch.bind(env.DB);
    const { services } = relay;
    const batch = async (statements: D1PreparedStatement[]) => {
      const answers = await prepare(statements);
      read += answers.reduce((sum, { meta }) => sum + meta.rows_read, 0);
      return answers;
    };
    const { createMetricsStore } = await import('../../src/store/metrics.ts');
    const counted = new Proxy(env.DB, {
      get: (db, name) => (name === 'batch' ? batch : Reflect.get(db, name).bind(db)),
    });
    await createMetricsStore(counted).read(services.clock.now());
    expect(read).toBeLessThan(50);
  });

  it('needs the admin token', async () => {
    const relay = await startRelay();
    expect((await relay.as((await relay.client()).key).get('/admin/metrics')).status).toBe(401);
  });
});

describe('what docs/monitoring brings along', () => {
  const files = { dashboard, alerts };

  it.each(Object.entries(files))('asks for figures that there are: the %s', async (_, text) => {
    const relay = await startRelay();
    const { text: scraped } = await scrape(relay);
    // A family's name, and what the format adds to it.
    const families = Array.from(scraped.matchAll(/^# TYPE (\S+) (\S+)$/gm), ([, name = '', type = '']) =>
      type === 'counter' ? `${name}_total` : type === 'info' ? `${name}_info` : name,
    );
    const asked = new Set(Array.from(text.matchAll(/\bringback_\w+/g), ([name]) => name));
    expect(asked.size).toBeGreaterThan(3);
    for (const name of asked) expect(families).toContain(name);
  });

  it('is a dashboard whose panels do not lie on each other', () => {
    const {
      panels,
    }: { panels: { gridPos: { x: number; y: number; w: number; h: number }; targets: unknown[] }[] } =
      JSON.parse(dashboard);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.every(({ targets }) => targets.length > 0)).toBe(true);
  });

  it('has five alerts', () => {
    expect(Array.from(alerts.matchAll(/^ +- alert: \w+$/gm))).toHaveLength(5);
  });
});
