import type { Clock } from '../domain/clock.ts';
import type { Client, ClientStore } from '../store/clients.ts';

/** How old a client's row may be when a turn goes by it. */
export const CLIENT_REMEMBERED_MS = 2_000;

/** How many changes of clients this isolate has written. */
export interface ClientChanges {
  count: number;
}

/** The same clients; each change is counted as soon as it stands in D1. */
export function noticedClients(clients: ClientStore, changes: ClientChanges): ClientStore {
  return {
    ...clients,
    async update(id, fields) {
      await clients.update(id, fields);
      changes.count++;
    },
    async replaceSecret(id, from, fields) {
      const isReplaced = await clients.replaceSecret(id, from, fields);
      changes.count++;
      return isReplaced;
    },
  };
}

/**
 * The same clients for one invocation, whose turns are mostly of a few of them: `get` gives what was read in the last two
 * seconds, and reads once for all that ask at the same time. So a new signing secret, failure URL, limit or upstream key of a
 * client holds within two seconds for a tick that is under way, and at once where this isolate wrote it. A read that failed is
 * not kept.
 */
export function rememberedClients(clients: ClientStore, clock: Clock, changes: ClientChanges): ClientStore {
  const known = new Map<string, { readAt: number; changes: number; client: Promise<Client | null> }>();
  return {
    ...clients,
    async get(id) {
      const now = clock.now();
      const last = known.get(id);
      const isFresh = last?.changes === changes.count && now - last.readAt < CLIENT_REMEMBERED_MS;
      if (isFresh) return await last.client;
      const client = clients.get(id);
      known.set(id, { readAt: now, changes: changes.count, client });
      client.catch(() => known.delete(id));
      return await client;
    },
  };
}
