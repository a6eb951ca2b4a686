import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { startRelay, video } from '../support/relay.ts';

interface Event {
  readonly type: string;
  readonly event_id: string;
  readonly id: string;
}

async function start(vars: Record<string, string> = {}) {
  const relay = await startRelay({ timeScale: 0, vars });
  const me = relay.as((await relay.client()).key);
  const post = async (prompt = 'a fox', extra: Record<string, unknown> = {}): Promise<string> =>
    (await me.post('/v1/tasks', video(prompt, extra))).body.id;
  const list = async (query = ''): Promise<{ data: Event[]; next_cursor: string | null }> =>
    (await me.get(`/v1/events${query}`)).body;
  return { relay, me, post, list };
}

describe('the list of events', () => {
  it('has what happened whether or not anybody was told, the newest first', async () => {
    const { relay, post, list } = await start();
    const first = await post();
    await relay.tick();
    const second = await post('[fail]');
    await relay.tick();
    const { data, next_cursor } = await list();
    expect(data.map(({ type, id }) => [type, id])).toEqual([
      ['task.failed', second],
      ['task.running', second],
      ['task.succeeded', first],
      ['task.running', first],
    ]);
    expect(next_cursor).toBeNull();
  });

  it('is read to its end page by page, each event once', async () => {
    const { relay, post, list } = await start();
    for (let i = 0; i < 7; i++) await post(i % 2 === 0 ? 'a fox' : '[fail]');
    await relay.tick();
    const all = (await list('?limit=100')).data;
    expect(all).toHaveLength(14);
    const paged: Event[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: { data: Event[]; next_cursor: string | null } = await list(`?limit=3&cursor=${cursor}`);
      paged.push(...page.data);
      cursor = page.next_cursor;
    }
    expect(paged).toEqual(all);
  });

  it('is filtered by type, by task, and from an instant on, itself included', async () => {
    const { relay, me, post, list } = await start();
    const first = await post();
    await relay.tick();
    relay.clock.advance(60_000);
    const since = new Date(relay.clock.now()).toISOString();
    const second = await post('[fail]');
    await relay.tick();
    expect((await list('?type=task.failed')).data.map(({ id }) => id)).toEqual([second]);
    expect((await list(`?task_id=${first}`)).data.map(({ id }) => id)).toEqual([first, first]);
    expect((await list(`?since=${since}`)).data.map(({ id }) => id)).toEqual([second, second]);
    expect((await list(`?type=&since=&cursor=`)).data).toHaveLength(4);
    for (const query of ['type=task.exploded', 'since=yesterday', 'cursor=x', 'limit=0', 'kind=1'])
      expect((await me.get(`/v1/events?${query}`)).status, query).toBe(422);
  });

  it('is in the order of recording, not of what upstream says', async () => {
    const { relay, post, list } = await start();
    const slow = await post('[never]', { timeout_seconds: 600 });
    const quick = await post();
    await relay.tick();
    relay.clock.advance(600_000);
    await relay.tick();
    expect((await list()).data.map(({ type, id }) => [type, id])).toEqual([
      ['task.failed', slow],
      ['task.succeeded', quick],
      ...[slow, quick].toSorted((a, b) => (a < b ? 1 : -1)).map((id) => ['task.running', id]),
    ]);
  });

  it('finds what ended days after it was begun, behind many that are newer', async () => {
    const { relay, post, list } = await start({ TASK_TIMEOUT_SECONDS: '864000' });
    const late = await post('[never]', { timeout_seconds: 500_000 });
    relay.clock.advance(400_000_000);
    for (let i = 0; i < 5; i++) await post();
    await relay.tick();
    relay.clock.advance(101_000_000);
    await relay.tick();
    const { data } = await list('?limit=2');
    expect(data[0]).toMatchObject({ type: 'task.failed', id: late });
  });

  it('loses what belongs to a task with the task', async () => {
    const { relay, me, post, list } = await start({ RETRY_DELAYS_SECONDS: '1' });
    relay.receiver('dead.example.com', [{ status: 410 }]);
    await me.post('/v1/subscriptions', {
      url: 'https://dead.example.com/all',
      events: ['task.running', 'callback.failed'],
    });
    const id = await post('a fox', { callback_url: 'https://dead.example.com/1' });
    await relay.tick();
    expect((await list()).data).toHaveLength(3);
    expect((await me.delete(`/v1/tasks/${id}`)).status).toBe(204);
    expect((await list()).data).toEqual([]);
    for (const table of ['deliveries', 'delivery_attempts', 'events'])
      expect(await env.DB.prepare(`select count(*) as n from ${table}`).first('n'), table).toBe(0);
  });

  it("has flat bodies for tasks that came in upstream's own format", async () => {
    const { relay, me, list } = await start();
    const receiver = relay.receiver('hooks.example.com');
    await me.post('/v1/subscriptions', { url: 'https://hooks.example.com/all' });
    await me.post('/api/v1/jobs/createTask', { ...video(), callBackUrl: 'https://hooks.example.com/own' });
    await relay.tick();
    const bodies = receiver.received.map(({ url, body }) => [new URL(url).pathname, JSON.parse(body)]);
    const byPath = Object.fromEntries(bodies);
    expect(byPath['/own']).toMatchObject({ code: 200, data: { state: 'success' } });
    expect(byPath['/own']).not.toHaveProperty('event_id');
    expect(byPath['/all']).toEqual((await list('?type=task.succeeded')).data[0]);
  });
});
