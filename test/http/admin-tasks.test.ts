import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { startRelay, video } from '../support/relay.ts';

const HOOK = 'https://hooks.example.com/42';
const MINUTE_MS = 60_000;

/** Two clients, and a minute between any two of their tasks. */
async function start() {
  const relay = await startRelay({ timeScale: 0 });
  relay.receiver('hooks.example.com');
  relay.receiver('gone.example.com', [{ status: 410 }]);
  const [one, other] = [await relay.client(), await relay.client()];
  const post = async (key: string, callback_url: string | null, prompt = 'a fox'): Promise<string> => {
    const { body } = await relay.as(key).post('/v1/tasks', video(prompt, { callback_url }));
    relay.clock.advance(MINUTE_MS);
    return body.id;
  };
  const ids = [
    await post(one.key, HOOK),
    await post(other.key, 'https://gone.example.com/'),
    await post(one.key, null),
    await post(other.key, HOOK, '[never]'),
  ];
  await relay.tick();
  const find = async (query: string): Promise<string[]> => {
    const { status, body } = await relay.admin().get(`/admin/tasks?${query}`);
    expect(status).toBe(200);
    return body.data.map(({ id }: { id: string }) => id);
  };
  return { relay, one, other, ids, find };
}

const at = async (id = '') => {
  const row = env.DB.prepare('select created_at from tasks where id = ?1').bind(id);
  return new Date((await row.first<number>('created_at')) ?? 0).toISOString();
};

describe('the tasks of all clients', () => {
  it('say whose they are, which a client is not told', async () => {
    const { relay, one, other, ids } = await start();
    const { body } = await relay.admin().get('/admin/tasks');
    expect(body.data.map(({ id, client_id }: Record<string, string>) => [id, client_id])).toEqual([
      [ids[3], other.id],
      [ids[2], one.id],
      [ids[1], other.id],
      [ids[0], one.id],
    ]);
    expect((await relay.as(one.key).get('/v1/tasks')).body.data[0]).not.toHaveProperty('client_id');
  });

  it('are found by client, by when they were accepted and by where their callback stands', async () => {
    const { relay, one, other, ids, find } = await start();
    expect(await find(`client_id=${one.id}`)).toEqual([ids[2], ids[0]]);
    expect(await find(`since=${await at(ids[1])}&until=${await at(ids[2])}`)).toEqual([ids[2], ids[1]]);
    expect(await find(`client_id=${other.id}&since=${await at(ids[2])}`)).toEqual([ids[3]]);
    expect(await find('callback_state=failed')).toEqual([ids[1]]);
    expect(await find('callback_state=delivered')).toEqual([ids[0]]);
    expect(await find('callback_state=waiting&state=running')).toEqual([ids[3]]);
    expect(await find(`callback_state=waiting&client_id=${one.id}`)).toEqual([]);
    expect(await find('client_id=client_0')).toEqual([]);
    expect(await find('client_id=&since=&until=&callback_state=')).toHaveLength(4);
    const { body } = await relay.admin().get(`/admin/tasks?limit=1&client_id=${other.id}`);
    expect(await find(`limit=1&client_id=${other.id}&cursor=${body.next_cursor}`)).toEqual([ids[1]]);
  });

  it.each([
    ['client', 'client'],
    ['since=yesterday', 'since'],
    ['until=2026-11-22', 'until'],
    ['since=2026-11-23T00:00:00Z&until=2026-11-22T00:00:00Z', 'until'],
    ['callback_state=lost', 'callback_state'],
    ['limit=0', 'limit'],
  ])('a filter that is none is refused: %s', async (query, path) => {
    const relay = await startRelay();
    const answer = await relay.admin().get(`/admin/tasks?${query.includes('=') ? query : `${query}=x`}`);
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path }] } });
  });

  it('a client filters by none of these', async () => {
    const relay = await startRelay();
    const me = relay.as((await relay.client()).key);
    expect((await me.get('/v1/tasks?client_id=x')).status).toBe(422);
  });
});
