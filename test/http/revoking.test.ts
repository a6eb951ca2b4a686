import { beforeEach, describe, expect, it, vi } from 'vitest';
import { startRelay, video } from '../support/relay.ts';

const HOOK = 'https://hooks.example.com/42';

beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});

/** A client with a task that runs and two that wait, because upstream takes one at a time. */
async function start(running = '[slow:90]') {
  const relay = await startRelay({ vars: { TICK_SECONDS: '50' } });
  await relay.upstreamKey({ key: 'sk-sandbox-enterprise', activeLimit: 1 });
  const receiver = relay.receiver('hooks.example.com');
  const client = await relay.client();
  const me = relay.as(client.key);
  const ids: string[] = [];
  for (const prompt of [running, 'second', 'third'])
    ids.push((await me.post('/v1/tasks', video(prompt, { callback_url: HOOK }))).body.id);
  const all = async () => {
    const { data } = (await relay.admin().get('/admin/tasks')).body;
    const states = new Map<string, string>(
      data.map(({ id, state }: { id: string; state: string }) => [id, state]),
    );
    return ids.map((id) => states.get(id));
  };
  const told = () => receiver.received.map(({ body }): unknown => JSON.parse(body));
  const revoke = async (query = '') => await relay.admin().delete(`/admin/clients/${client.id}${query}`);
  const upstreamTasks = () => relay.simulator.snapshot().tasks.length;
  return { relay, receiver, client, me, ids, all, told, revoke, upstreamTasks };
}

describe('a client that is revoked', () => {
  it('has its queued tasks canceled and called back; upstream never hears of them', async () => {
    const { relay, ids, all, told, revoke, upstreamTasks } = await start('[never]');
    expect(await all()).toEqual(['running', 'queued', 'queued']);
    expect((await revoke()).status).toBe(204);
    expect(await all()).toEqual(['running', 'canceled', 'canceled']);
    await relay.tick();
    expect(told()).toHaveLength(2);
    for (const id of ids.slice(1))
      expect(told()).toContainEqual(expect.objectContaining({ id, type: 'task.canceled' }));
    await relay.upstreamKey({ key: 'sk-sandbox-enterprise', activeLimit: 10 });
    await relay.tick();
    expect(upstreamTasks()).toBe(1);
  });

  it('has its running task followed to its end, and called back', async () => {
    const { relay, ids, all, told, revoke } = await start();
    await revoke();
    await relay.tickUntil(async () => (await all())[0] !== 'running');
    await relay.tick();
    expect(await all()).toEqual(['succeeded', 'canceled', 'canceled']);
    expect(told()).toContainEqual(expect.objectContaining({ id: ids[0], type: 'task.succeeded' }));
  });

  it('has its running task canceled too where that is asked for, then or later', async () => {
    for (const queries of [['?tasks=cancel'], ['', '?tasks=cancel']]) {
      const { relay, ids, all, told, revoke } = await start();
      for (const query of queries) expect((await revoke(query)).status).toBe(204);
      expect(await all()).toEqual(['canceled', 'canceled', 'canceled']);
      await relay.tick();
      for (const id of ids)
        expect(told()).toContainEqual(expect.objectContaining({ id, type: 'task.canceled' }));
      expect(told()).toHaveLength(3);
    }
  });

  it('has no key any more: not for a post, and not in an isolate that knew it', async () => {
    const { me, revoke, ids, upstreamTasks } = await start();
    await revoke();
    expect((await me.post('/v1/tasks', video())).status).toBe(401);
    expect((await me.get(`/v1/tasks/${ids[0]}`)).status).toBe(401);
    expect(upstreamTasks()).toBe(1);
  });

  it('keeps nobody else from being submitted', async () => {
    const { relay, revoke, all } = await start();
    const other = relay.as((await relay.client()).key);
    const { body } = await other.post('/v1/tasks', video('theirs'));
    expect(body.state).toBe('queued');
    await revoke('?tasks=cancel');
    await relay.tickUntil(async () => (await other.get(`/v1/tasks/${body.id}`)).body.state === 'succeeded');
    expect((await other.get(`/v1/tasks/${body.id}`)).body.state).toBe('succeeded');
    expect(await all()).toEqual(['canceled', 'canceled', 'canceled']);
  });

  it('has its queued tasks canceled by the cron where the process dies in between', async () => {
    const { relay, me, revoke, all, upstreamTasks, told } = await start('[never]');
    // Its first effect reads the client, its second revokes it.
    relay.restart({ kill: { at: 2, when: 'after' } });
    await revoke();
    expect(relay.effects.wasHit).toBe(true);
    relay.restart();
    expect((await me.get('/v1/client')).status).toBe(401);
    expect(await all()).toEqual(['running', 'queued', 'queued']);
    await relay.upstreamKey({ key: 'sk-sandbox-enterprise', activeLimit: 10 });
    await relay.tickUntil(async () => (await all())[1] === 'canceled', 3);
    await relay.tick();
    expect(await all()).toEqual(['running', 'canceled', 'canceled']);
    expect(upstreamTasks()).toBe(1);
    expect(told()).toHaveLength(2);
  });

  it.each(['keep', 'CANCEL', 'cancel,keep'])(
    'is not revoked by a wish that nobody knows: ?tasks=%s',
    async (tasks) => {
      const { revoke, me, ids } = await start();
      expect(await revoke(`?tasks=${tasks}`)).toMatchObject({
        status: 422,
        body: { errors: [{ path: 'tasks' }] },
      });
      expect((await me.get(`/v1/tasks/${ids[0]}`)).status).toBe(200);
    },
  );
});
