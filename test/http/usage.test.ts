import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';

import { ADMIN_TOKEN, startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

const DAY_MS = 86_400_000;
const MODEL = 'seedance-2.0-reference-to-video';
const image = { model: 'gpt-image-2-text-to-image', input: { prompt: 'a fox', resolution: '1K' } };

/** Until nothing runs any more. */
async function finish(relay: Relay) {
  await relay.tickUntil(async () => {
    const open = await env.DB.prepare('select 1 from tasks where completed_at is null').first();
    return open === null;
  });
}

describe('what a client used', () => {
  it('counts tasks from their acceptance on, by day and model, and outlives them', async () => {
    const relay = await startRelay({ timeScale: 0 });
    const { key } = await relay.client();
    const me = relay.as(key);
    await me.post('/v1/tasks', video());
    await me.post('/v1/tasks', image);
    const row = { day: '2026-11-22', tasks: 1, succeeded: 0, failed: 0, canceled: 0 };
    expect((await me.get('/v1/usage')).body).toEqual({
      data: [
        { ...row, model: image.model, credits: 3 },
        { ...row, model: MODEL, credits: 400 },
      ],
    });
    await finish(relay);
    const ended = {
      data: [
        { ...row, model: image.model, succeeded: 1, credits: 3 },
        { ...row, model: MODEL, succeeded: 1, credits: 400 },
      ],
    };
    expect((await me.get('/v1/usage')).body).toEqual(ended);

    for (const { id } of (await me.get('/v1/tasks')).body.data) await me.delete(`/v1/tasks/${id}`);
    expect((await me.get('/v1/usage')).body).toEqual(ended);
  });

  it('is told by what is asked for, over the days that are asked for', async () => {
    const relay = await startRelay({ timeScale: 0 });
    const me = relay.as((await relay.client()).key);
    await me.post('/v1/tasks', video());
    relay.clock.advance(DAY_MS);
    await me.post('/v1/tasks', video());
    await me.post('/v1/tasks', image);
    const sums = { succeeded: 0, failed: 0, canceled: 0 };
    const usage = async (query: string) => (await me.get(`/v1/usage?${query}`)).body.data;
    expect(await usage('group=model')).toEqual([
      { model: image.model, tasks: 1, ...sums, credits: 3 },
      { model: MODEL, tasks: 2, ...sums, credits: 800 },
    ]);
    expect(await usage('group=day')).toEqual([
      { day: '2026-11-22', tasks: 1, ...sums, credits: 400 },
      { day: '2026-11-23', tasks: 2, ...sums, credits: 403 },
    ]);
    expect(await usage('from=2026-11-23&to=2026-11-23&group=day')).toEqual([
      { day: '2026-11-23', tasks: 2, ...sums, credits: 403 },
    ]);
    expect(await usage('to=2026-11-22')).toHaveLength(1);
    expect(await usage('to=2026-11-21')).toEqual([]);
    expect(await usage('group=model,day')).toEqual(await usage(''));
  });

  it('counts no credits of what upstream refused, of what was canceled before it was submitted, and without a price', async () => {
    const relay = await startRelay();
    const me = relay.as((await relay.client()).key);
    await relay.upstreamKey({ key: 'sk-sandbox-enterprise', activeLimit: 1 });
    const running = await me.post('/v1/tasks', video());
    const queued = await me.post('/v1/tasks', video());
    expect(queued.body.state).toBe('queued');
    await me.post(`/v1/tasks/${queued.body.id}/cancel`);
    await me.post(`/v1/tasks/${running.body.id}/cancel`);
    await me.post('/v1/tasks', { model: MODEL, input: { prompt: 'a fox' } });
    const [row] = (await me.get('/v1/usage?group=model')).body.data;
    expect(row).toMatchObject({ model: MODEL, tasks: 3, canceled: 2, credits: 400 });
  });

  it('is what GET /v1/client says of today, whatever became of the tasks', async () => {
    const relay = await startRelay({ timeScale: 0 });
    const { key, id } = await relay.client();
    const me = relay.as(key);
    const agree = async (credits: number) => {
      const [row] = (await me.get('/v1/usage?from=2026-11-22&to=2026-11-22&group=day')).body.data;
      expect([(await me.get('/v1/client')).body.credits_today, row.credits]).toEqual([credits, credits]);
      const metrics = await relay.request('/admin/metrics', {
        headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
      });
      expect(await metrics.text()).toContain(`ringback_credits_today{client="${id}"} ${credits}`);
    };
    const first = await me.post('/v1/tasks', video());
    await agree(400);
    await finish(relay);
    await me.delete(`/v1/tasks/${first.body.id}`);
    await agree(400);
    await relay.upstreamKey({ key: 'sk-sandbox-enterprise', activeLimit: 0 });
    const queued = await me.post('/v1/tasks', video());
    expect(queued.body.state).toBe('queued');
    await agree(800);
    await me.post(`/v1/tasks/${queued.body.id}/cancel`);
    await agree(400);
  });

  it.each([
    ['from=2026-02-30', 'from'],
    ['to=yesterday', 'to'],
    ['from=2026-11-22&to=2026-11-21', 'from'],
    ['from=2025-01-01&to=2026-11-22', 'from'],
    ['group=week', 'group'],
    ['group=day,day', 'group'],
    ['group=client', 'group'],
    ['days=30', 'days'],
  ])('is refused for %s', async (query, path) => {
    const relay = await startRelay();
    const me = relay.as((await relay.client()).key);
    expect(await me.get(`/v1/usage?${query}`)).toMatchObject({ status: 422, body: { errors: [{ path }] } });
  });

  it('goes back 400 days, and no further is kept', async () => {
    const relay = await startRelay();
    const me = relay.as((await relay.client()).key);
    const insert = env.DB.prepare(
      `insert into usage (day, client_id, model, client_name, succeeded) select ?1, id, 'm', name, 1 from clients`,
    );
    for (const day of ['2025-10-15', '2025-10-19', '2026-11-22']) await insert.bind(day).run();
    expect((await me.get('/v1/usage?from=2025-10-19&to=2026-11-22')).body.data).toHaveLength(2);
    await relay.tick();
    const { results } = await env.DB.prepare('select day from usage order by day').all();
    expect(results.map(({ day }) => day)).toEqual(['2025-10-19', '2026-11-22']);
  });
});

describe('what all clients used', () => {
  it('is told by client too, with a name that outlives it', async () => {
    const relay = await startRelay({ timeScale: 0 });
    const [a, b] = [await relay.client({ name: 'a' }), await relay.client({ name: 'b' })];
    await relay.as(a.key).post('/v1/tasks', video());
    await relay.as(b.key).post('/v1/tasks', image);
    await finish(relay);
    await env.DB.prepare('delete from clients where id = ?1').bind(a.id).run();
    const sums = { tasks: 1, succeeded: 1, failed: 0, canceled: 0 };
    expect((await relay.admin().get('/admin/usage?group=client')).body.data).toEqual([
      { client_id: a.id, client_name: 'a', ...sums, credits: 400 },
      { client_id: b.id, client_name: 'b', ...sums, credits: 3 },
    ]);
    expect((await relay.admin().get('/admin/usage')).body.data).toEqual([
      { day: '2026-11-22', model: image.model, ...sums, credits: 3 },
      { day: '2026-11-22', model: MODEL, ...sums, credits: 400 },
    ]);
  });

  it('comes as CSV, in which no spreadsheet finds a formula', async () => {
    const relay = await startRelay({ timeScale: 0 });
    const { id, key } = await relay.client({ name: '=HYPERLINK("http://x"),"y"' });
    await relay.as(key).post('/v1/tasks', video());
    const answer = await relay.request('/admin/usage?group=day,client,model', {
      headers: { accept: 'text/csv', authorization: 'Bearer test-admin-token-of-24-chars-or-more' },
    });
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(await answer.text()).toBe(
      'day,client_id,client_name,model,tasks,succeeded,failed,canceled,credits\r\n' +
        `2026-11-22,${id},"'=HYPERLINK(""http://x""),""y""",${MODEL},1,0,0,0,400\r\n`,
    );
    const none = await relay.request('/v1/usage?to=2026-01-01', {
      headers: { accept: 'text/html, text/csv;q=0.9', authorization: `Bearer ${key}` },
    });
    expect(await none.text()).toBe('day,model,tasks,succeeded,failed,canceled,credits\r\n');
  });
});
