import { describe, expect, it } from 'vitest';
import { rememberedClients } from '../../src/engine/remembered-clients.ts';
import { startRelay, video } from '../support/relay.ts';

async function startRemembering() {
  const relay = await startRelay();
  const { id } = await relay.client();
  const { clients } = relay.services.stores;
  let reads = 0;
  const counted = {
    ...clients,
    get: async (clientId: string) => {
      reads++;
      return await clients.get(clientId);
    },
  };
  return {
    relay,
    id,
    counted,
    remembered: rememberedClients(counted, relay.clock, { count: 0 }),
    reads: () => reads,
  };
}

/** A tick is under way that has just delivered a callback; `again` has it delivered once more. */
async function delivered() {
  const relay = await startRelay({ timeScale: 0.05, vars: { SUBREQUEST_BUDGET: '2000' } });
  const receiver = relay.receiver('hooks.example.com');
  const { id: client, key } = await relay.client();
  const me = relay.as(key);
  const task = (await me.post('/v1/tasks', video('', { callback_url: 'https://hooks.example.com/x' }))).body;
  // While something runs, the tick looks each second.
  await me.post('/v1/tasks', video('[never]'));
  const ticking = relay.tick();
  while (receiver.received.length === 0) await relay.clock.sleep(100);
  const again = async () => {
    await me.post(`/v1/tasks/${task.id}/redeliver`);
    await ticking;
  };
  return { relay, receiver, client, again };
}

describe("a client's row in a tick", () => {
  it('is read once for all turns that need it at the same time', async () => {
    const { id, remembered, reads } = await startRemembering();
    const read = await Promise.all([remembered.get(id), remembered.get(id), remembered.get(id)]);
    expect(read.map((client) => client?.id)).toEqual([id, id, id]);
    expect(reads()).toBe(1);
  });

  it('shows a change that another isolate wrote after two seconds at the latest', async () => {
    const { relay, id, remembered } = await startRemembering();
    expect((await remembered.get(id))?.maxActiveTasks).toBeNull();
    await relay.admin().patch(`/admin/clients/${id}`, { max_active_tasks: 3 });
    relay.clock.advance(2_000);
    expect((await remembered.get(id))?.maxActiveTasks).toBe(3);
  });

  it('shows a change that its own isolate wrote at once', async () => {
    const { relay, receiver, client, again } = await delivered();
    await relay.admin().post(`/admin/clients/${client}/rotate-secret`);
    await again();
    const signatures = receiver.received.map(
      ({ headers }) => headers['webhook-signature']?.split(' ').length,
    );
    expect(signatures).toEqual([1, 2]);
  });

  it('is read again where reading it failed', async () => {
    const { relay, id, counted } = await startRemembering();
    let fails = true;
    const get = async (clientId: string) => {
      if (fails) throw new Error('D1_ERROR: Network connection lost.');
      return await counted.get(clientId);
    };
    const remembered = rememberedClients({ ...counted, get }, relay.clock, { count: 0 });
    await expect(remembered.get(id)).rejects.toThrow('Network connection lost');
    fails = false;
    expect((await remembered.get(id))?.id).toBe(id);
  });
});
