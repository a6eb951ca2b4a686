import type { Clock } from '../domain/clock.ts';
import type { Client, ClientStore } from '../store/clients.ts';

/** How old a client's row may be when a turn goes by it. */
export const CLIENT_REMEMBERED_MS = 5_000;

/**
 * The same clients for one invocation, whose turns are mostly of a few of them: `get` gives what was read in the last five
 * seconds, and reads once for all that ask at the same time. So a new signing secret, failure URL, limit or upstream key of a
 * client holds within five seconds for a tick that is under way, and for a request at once. A read that failed is not kept.
 */
export function rememberedClients(clients: ClientStore, clock: Clock): ClientStore {
  const known = new Map<string, { readonly readAt: number; readonly client: Promise<Client | null> }>();
  return {
    ...clients,
    async get(id) {
      const now = clock.now();
      const last = known.get(id);
      if (last !== undefined && now - last.readAt < CLIENT_REMEMBERED_MS) return await last.client;
      const client = clients.get(id);
      known.set(id, { readAt: now, client });
      client.catch(() => known.delete(id));
      return await client;
    },
  };
}
