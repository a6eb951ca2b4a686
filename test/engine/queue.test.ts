import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

const OPERATOR_KEY = 'sk-sandbox-enterprise';

/** Seconds from the first to each task's submission upstream. */
function submittedAfter(relay: Relay, startedAt: number): number[] {
  return relay.simulator.snapshot().tasks.map(({ createTime }) => (createTime - startedAt) / 1_000);
}

/** Each task that goes takes some requests to D1, and this is not about their budget. */
const PAID = { vars: { SUBREQUEST_BUDGET: '9000' } };

describe('tasks that wait for their upstream key', () => {
  it('go one after the other as soon as the first is taken', async () => {
    const relay = await startRelay(PAID);
    const { key } = await relay.client();
    await relay.upstreamKey({ key: OPERATOR_KEY, activeLimit: 0 });
    for (let row = 0; row < 5; row++) await relay.as(key).post('/v1/tasks', video(`[never] ${row}`));
    await relay.upstreamKey({ key: OPERATOR_KEY, activeLimit: 100 });
    const startedAt = relay.clock.now();
    await relay.tick();
    const submitted = submittedAfter(relay, startedAt);
    expect(submitted).toHaveLength(5);
    for (const seconds of submitted) expect(seconds).toBeLessThan(10);
  });

  it('do not lose their turn to one that upstream then refuses', async () => {
    const relay = await startRelay(PAID);
    const { key } = await relay.client();
    await relay.upstreamKey({ key: OPERATOR_KEY, activeLimit: 0 });
    for (let row = 0; row < 3; row++) await relay.as(key).post('/v1/tasks', video(`[never] ${row}`));
    await relay.upstreamKey({ key: OPERATOR_KEY, activeLimit: 100 });
    await relay.fault({ kind: 'status', endpoint: 'createTask', status: 422 });
    const startedAt = relay.clock.now();
    await relay.tick();
    const submitted = submittedAfter(relay, startedAt);
    expect(submitted).toHaveLength(2);
    for (const seconds of submitted) expect(seconds).toBeLessThan(10);
  });

  it('wait in the queue again where a tick took them and had no time to ask', async () => {
    const relay = await startRelay({ vars: { SUBREQUEST_BUDGET: '9000', TICK_SECONDS: '1' } });
    const { key } = await relay.client();
    await relay.fault({ kind: 'status', endpoint: 'createTask', status: 429, retryAfter: 3, times: 1 });
    for (let row = 0; row < 10; row++) await relay.as(key).post('/v1/tasks', video(`[never] ${row}`));
    relay.clock.advance(5_000);
    await relay.fault({ kind: 'delay', endpoint: 'createTask', delayMs: 2_000, times: 20 });
    await relay.tick();
    const { results } = await env.DB.prepare(
      'select state, due_at, leased_until from tasks order by id',
    ).all();
    const waiting = results.filter(({ state }) => state !== 'running');
    expect(waiting.length).toBeGreaterThan(0);
    for (const row of waiting) expect(row).toEqual({ state: 'queued', due_at: null, leased_until: 0 });
  });

  it('are refused by a full key one at a time, not all of them', async () => {
    const relay = await startRelay();
    const { key } = await relay.client();
    await relay.upstreamKey({ key: OPERATOR_KEY, activeLimit: 1 });
    for (let row = 0; row < 20; row++) await relay.as(key).post('/v1/tasks', video(`[never] ${row}`));
    await relay.tickUntil(async () => false, 3);
    // Three minutes of a key that stays full: the oldest asks every 30 s, and nobody else.
    expect(relay.simulator.snapshot().calls.createTask['409']).toBeLessThanOrEqual(8);
  });

  it('stand in nobody’s way while upstream limits their key', async () => {
    const relay = await startRelay({ vars: { SUBREQUEST_BUDGET: '2000' } });
    const { key } = await relay.client();
    const other = await relay.client({ upstream_api_key: 'sk-sandbox-pro-other' });
    for (let row = 0; row < 60; row++) await relay.as(key).post('/v1/tasks', video('[never]'));
    await relay.fault({
      kind: 'status',
      endpoint: 'recordInfo',
      key: OPERATOR_KEY,
      status: 429,
      retryAfter: 3_000,
    });
    relay.clock.advance(5_000);
    const receiver = relay.receiver('hooks.example.com');
    await relay
      .as(other.key)
      .post('/v1/tasks', video('[slow:3]', { callback_url: 'https://hooks.example.com/1' }));
    const startedAt = relay.clock.now();
    await relay.tick();
    expect((receiver.received[0]?.at ?? Infinity) - startedAt).toBeLessThan(12_000);
  });

  it('time out at their deadline although upstream asks for a longer wait', async () => {
    const relay = await startRelay();
    const { key } = await relay.client();
    await relay.fault({ kind: 'status', endpoint: 'createTask', status: 429, retryAfter: 3_600 });
    const { body } = await relay.as(key).post('/v1/tasks', video('a fox', { timeout_seconds: 20 }));
    await relay.tick();
    expect((await relay.as(key).get(`/v1/tasks/${body.id}`)).body).toMatchObject({
      state: 'failed',
      error_code: 'timed_out',
      duration_ms: 20_000,
    });
  });
});

/** What each task is called here, by its id: the request id that upstream knows it by. */
const marks = new Map<string, string>();

async function postRows(relay: Relay, key: string, mark: string, rows: number) {
  for (let row = 0; row < rows; row++) {
    const { body } = await relay.as(key).post('/v1/tasks', video(`row ${row}`));
    marks.set(body.id, mark + String(row));
    // Ids are ordered by the millisecond.
    relay.clock.advance(1);
  }
}

function submittedMarks(relay: Relay): string[] {
  return relay.simulator
    .snapshot()
    .tasks.toSorted((a, b) => a.createTime - b.createTime)
    .map(({ requestId }) => marks.get(requestId ?? '') ?? '');
}

describe('a limit of active tasks upstream', () => {
  it('is learned: 40 tasks at once over a limit of 2 all succeed, and upstream refuses next to none of those that wait', async () => {
    const relay = await startRelay({
      timeScale: 0.1,
      vars: { SUBREQUEST_BUDGET: '2000', POLL_MIN_SECONDS: '1' },
    });
    const { key } = await relay.client();
    await relay.upstreamKey({ key: OPERATOR_KEY, activeLimit: 2 });
    const posts = await Promise.all(
      Array.from(
        { length: 40 },
        async (_, row) => await relay.as(key).post('/v1/tasks', video(`row ${row}`)),
      ),
    );
    expect(posts.map(({ status }) => status)).toEqual(posts.map(() => 202));
    const refused = () => relay.simulator.snapshot().calls.createTask['409'] ?? 0;
    const refusedAtOnce = refused();
    const succeeded = async () => (await relay.admin().get('/admin/stats')).body.tasks.succeeded === 40;
    await relay.tickUntil(succeeded, 20);
    expect(await succeeded()).toBe(true);
    expect(relay.simulator.snapshot().tasks).toHaveLength(40);
    expect(refused() - refusedAtOnce).toBeLessThan(5);
  });

  it('tells each task that waits its place, and how long that may take once it is known how long tasks take', async () => {
    const relay = await startRelay({
      timeScale: 0.1,
      vars: { SUBREQUEST_BUDGET: '2000', POLL_MIN_SECONDS: '1' },
    });
    const { key } = await relay.client();
    await relay.upstreamKey({ key: OPERATOR_KEY, activeLimit: 2 });
    await postRows(relay, key, 'w', 3);
    await relay.tick();
    await postRows(relay, key, 'x', 2);
    const queued = [];
    for (let row = 0; row < 3; row++) {
      const { body } = await relay.as(key).post('/v1/tasks', video('[never]'));
      queued.push(body.queue);
      relay.clock.advance(1);
    }
    expect(queued.map((queue) => queue?.position)).toEqual([1, 2, 3]);
    expect(queued[0]).toMatchObject({ reason: 'upstream_full' });
    const [first, , last] = queued.map((queue) => Number(queue?.estimated_wait_seconds));
    expect(first).toBeGreaterThan(0);
    expect(last).toBeGreaterThan(Number(first));
    const { data } = (await relay.as(key).get('/v1/tasks?state=running')).body;
    expect(data[0].queue).toBeNull();
  });

  it('grows when upstream takes more, without a refusal for each', async () => {
    const relay = await startRelay({
      timeScale: 0.1,
      vars: { SUBREQUEST_BUDGET: '2000', POLL_MIN_SECONDS: '1' },
    });
    const { key } = await relay.client();
    await relay.upstreamKey({ key: OPERATOR_KEY, activeLimit: 1 });
    await postRows(relay, key, 'a', 30);
    await relay.tick();
    await relay.upstreamKey({ key: OPERATOR_KEY, activeLimit: 6 });
    await relay.tick();
    await relay.tick();
    const limit = await env.DB.prepare('select active_limit from upstream_keys').first<number>(
      'active_limit',
    );
    expect(limit).toBeGreaterThan(3);
  });

  it('is shared by turns among the clients of a key, each in its own order', async () => {
    const relay = await startRelay({
      timeScale: 0.1,
      vars: { SUBREQUEST_BUDGET: '2000', POLL_MIN_SECONDS: '1' },
    });
    const [many, few] = [await relay.client(), await relay.client()];
    await relay.upstreamKey({ key: OPERATOR_KEY, activeLimit: 1 });
    await postRows(relay, many.key, 'm', 20);
    await postRows(relay, few.key, 'f', 3);
    await relay.tickUntil(async () => submittedMarks(relay).length >= 10, 10);
    const order = submittedMarks(relay);
    // Whoever has few rows waits for few of the other's.
    expect(order.indexOf('f2')).toBeGreaterThan(0);
    expect(order.indexOf('f2')).toBeLessThan(9);
    const rows = order.filter((mark) => mark.startsWith('m')).map((mark) => Number(mark.slice(1)));
    expect(rows).toEqual(rows.toSorted((a, b) => a - b));
  });
});

describe('a limit of polls upstream', () => {
  it('is learned from 429s: polls of the key are then spread, and few are refused', async () => {
    const relay = await startRelay({ vars: { SUBREQUEST_BUDGET: '2000', POLL_MIN_SECONDS: '1' } });
    const { key } = await relay.client({ upstream_api_key: 'sk-sandbox-free-limited' });
    await relay.upstreamKey({ key: 'sk-sandbox-free-limited', tier: 'free', activeLimit: 20 });
    for (let row = 0; row < 12; row++) {
      await relay.as(key).post('/v1/tasks', video(`[never] ${row}`));
      await relay.clock.sleep(6_500);
    }
    await relay.tickUntil(async () => false, 4);
    const calls = relay.simulator.snapshot().calls.recordInfo;
    expect(calls['200']).toBeGreaterThan(60);
    expect(calls['429'] ?? 0).toBeLessThan(12);
  });
});

describe('max_active_tasks', () => {
  it('is never exceeded, however many wait when a task ends', async () => {
    const relay = await startRelay({ timeScale: 0.1, vars: { SUBREQUEST_BUDGET: '2000' } });
    const { key } = await relay.client({ max_active_tasks: 1 });
    const first = await relay.as(key).post('/v1/tasks', video('[never]'));
    for (let row = 0; row < 4; row++) await relay.as(key).post('/v1/tasks', video(`[never] ${row}`));
    await relay.as(key).post(`/v1/tasks/${first.body.id}/cancel`);
    // Upstream still runs the one that was canceled.
    await relay.tickUntil(async () => false, 2);
    expect((await relay.as(key).get('/v1/client')).body).toMatchObject({ active_tasks: 1, queued_tasks: 4 });
    expect(relay.simulator.snapshot().tasks).toHaveLength(1);
    // That counts for ten minutes, for upstream may never end it.
    await relay.tickUntil(async () => false, 10);
    expect((await relay.as(key).get('/v1/client')).body).toMatchObject({ active_tasks: 1, queued_tasks: 3 });
    expect(relay.simulator.snapshot().tasks).toHaveLength(2);
  });

  it('counts a task whose time is over until somebody has written its end', async () => {
    const relay = await startRelay();
    const me = relay.as((await relay.client({ max_active_tasks: 1 })).key);
    await me.post('/v1/tasks', video('[never]'));
    await relay.clock.sleep(86_460_000);
    expect((await me.post('/v1/tasks', video('[never]'))).body.state).toBe('queued');
    await relay.tickUntil(async () => (await me.get('/v1/client')).body.queued_tasks === 0, 12);
    expect((await me.get('/v1/client')).body).toMatchObject({ active_tasks: 1, queued_tasks: 0 });
    expect(relay.simulator.snapshot().tasks).toHaveLength(2);
  });

  it('counts what the client had in flight when it was given', async () => {
    const relay = await startRelay();
    const { id, key } = await relay.client();
    await relay.as(key).post('/v1/tasks', video('[never]'));
    await relay.admin().patch(`/admin/clients/${id}`, { max_active_tasks: 1 });
    expect((await relay.as(key).post('/v1/tasks', video('[never]'))).body.state).toBe('queued');
  });

  it('does not keep two that are posted at once from going: the older one goes', async () => {
    const relay = await startRelay();
    const { key } = await relay.client({ max_active_tasks: 1 });
    const answers = await Promise.all(
      [1, 2].map(async (row) => await relay.as(key).post('/v1/tasks', video(`[never] ${row}`))),
    );
    expect(answers.map(({ body }) => String(body.state)).sort()).toEqual(['queued', 'running']);
  });
});

describe('a client whose upstream key no longer opens', () => {
  it('has its running tasks time out, with the reason', async () => {
    const relay = await startRelay();
    const { key } = await relay.client({ upstream_api_key: 'sk-sandbox-own' });
    const { body } = await relay.as(key).post('/v1/tasks', video('[never]', { timeout_seconds: 10 }));
    await env.DB.prepare(`update upstream_keys set sealed_key = 'v1.AAAAAAAAAAAAAAAA.AAAA'`).run();
    relay.restart();
    await relay.tick();
    const task = (await relay.as(key).get(`/v1/tasks/${body.id}`)).body;
    expect(task).toMatchObject({ state: 'failed', error_code: 'timed_out' });
    expect(task.error_message).toContain('There is no upstream key for this task.');
  });
});
