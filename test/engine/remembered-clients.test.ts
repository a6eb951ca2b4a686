import { describe, expect, it } from 'vitest';
import { rememberedClients } from '../../src/engine/remembered-clients.ts';
import { startRelay } from '../support/relay.ts';

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
  return { relay, id, counted, remembered: rememberedClients(counted, relay.clock), reads: () => reads };
}

describe("a client's row in a tick", () => {
  it('is read once for all turns that need it at the same time', async () => {
    const { id, remembered, reads } = await startRemembering();
    const read = await Promise.all([remembered.get(id), remembered.get(id), remembered.get(id)]);
    expect(read.map((client) => client?.id)).toEqual([id, id, id]);
    expect(reads()).toBe(1);
  });

  it('shows a change after five seconds at the latest', async () => {
    const { relay, id, remembered } = await startRemembering();
    expect((await remembered.get(id))?.maxActiveTasks).toBeNull();
    await relay.admin().patch(`/admin/clients/${id}`, { max_active_tasks: 3 });
    relay.clock.advance(5_000);
    expect((await remembered.get(id))?.maxActiveTasks).toBe(3);
  });

  it('is read again where reading it failed', async () => {
    const { relay, id, counted } = await startRemembering();
    let fails = true;
    const get = async (clientId: string) => {
      if (fails) throw new Error('D1_ERROR: Network connection lost.');
      return await counted.get(clientId);
    };
    const remembered = rememberedClients({ ...counted, get }, relay.clock);
    await expect(remembered.get(id)).rejects.toThrow('Network connection lost');
    fails = false;
    expect((await remembered.get(id))?.id).toBe(id);
  });
});
