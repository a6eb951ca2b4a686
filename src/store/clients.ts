import type { Client } from '../domain/client.ts';
import { CLIENT_COLUMNS as COLUMNS, COLUMN_OF, FIELDS } from './client-row.ts';
import { catalogOf, readCatalog } from './models.ts';
import type { CatalogRow, StoredCatalog } from './models.ts';
import { retried } from './retry.ts';
import type { Patience } from './retry.ts';

const INSERT = `insert into clients (${FIELDS.map((field) => COLUMN_OF[field]).join(', ')})
  select ${FIELDS.map((field) => `value ->> '${field}'`).join(', ')} from json_each(?1) where true
  on conflict (id) do nothing`;

const NOW_LIMITED = `update tasks set is_limited = 1 where client_id = ?1 and completed_at is null and is_limited = 0`;

/** As SQLite spells a limit that is none. */
const ALL = -1;

/** Clients and the upstream keys that they bring. Every write may be carried out twice. */
export function createClientStore(db: D1Database, patience: Patience) {
  const write = async (statement: D1PreparedStatement) => {
    await retried(patience, async () => await statement.run());
  };

  return {
    async insert(client: Client): Promise<void> {
      await write(db.prepare(INSERT).bind(JSON.stringify([client])));
    },

    /** Changes the fields that are given, and no other: two changes at once do not undo each other. */
    async update(id: string, changes: Partial<Omit<Client, 'id'>>): Promise<void> {
      const fields = FIELDS.filter((field) => field in changes);
      if (fields.length === 0) return;
      const sets = fields.map((field) => `${COLUMN_OF[field]} = ?1 ->> '${field}'`).join(', ');
      const statements = [
        db.prepare(`update clients set ${sets} where id = ?2`).bind(JSON.stringify(changes), id),
        // What it has in flight counts too, also where it had no limit when that was posted.
        ...(typeof changes.maxActiveTasks === 'number' ? [db.prepare(NOW_LIMITED).bind(id)] : []),
      ];
      await retried(patience, async () => await db.batch(statements));
    },

    /** The same, only where its signing secret still is `from`; whether it was. */
    async replaceSecret(id: string, from: string, changes: Partial<Omit<Client, 'id'>>): Promise<boolean> {
      const fields = FIELDS.filter((field) => field in changes);
      const sets = fields.map((field) => `${COLUMN_OF[field]} = ?1 ->> '${field}'`).join(', ');
      const statement = db
        .prepare(`update clients set ${sets} where id = ?2 and signing_secret = ?3 returning id`)
        .bind(JSON.stringify(changes), id, from);
      return (await retried(patience, async () => await statement.all())).results.length > 0;
    },

    /**
     * The client whose key has this hash, unless it was revoked; and by the way, in the same request, what models there are.
     *
     * @param knownCatalog the version of the catalog that need not be read again.
     */
    async byKeyHash(
      keyHash: string,
      knownCatalog: number | null,
    ): Promise<{ readonly client: Client | null; readonly catalog: StoredCatalog }> {
      const statements = [
        db.prepare(`select ${COLUMNS} from clients where key_hash = ?1 and revoked_at is null`).bind(keyHash),
        readCatalog(db, knownCatalog),
      ];
      const [clients, catalogs] = await db.batch<Client & CatalogRow>(statements);
      return { client: clients?.results[0] ?? null, catalog: catalogOf(catalogs?.results[0]) };
    },

    async get(id: string): Promise<Client | null> {
      return await db.prepare(`select ${COLUMNS} from clients where id = ?1`).bind(id).first<Client>();
    },

    /** All clients, newest first; or `limit` of them whose ids are `before` another. */
    async list({
      before = 'client_~',
      limit = ALL,
    }: { before?: string | undefined; limit?: number } = {}): Promise<Client[]> {
      const { results } = await db
        .prepare(`select ${COLUMNS} from clients where id < ?1 order by id desc limit ?2`)
        .bind(before, limit)
        .all<Client>();
      return results;
    },

    /** Keeps an upstream key, sealed, for as long as tasks may need it. */
    async saveUpstreamKey(id: string, sealedKey: string, savedAt: number): Promise<void> {
      await write(
        db
          .prepare(
            `insert into upstream_keys (id, sealed_key, saved_at) values (?1, ?2, ?3)
             on conflict (id) do update set sealed_key = excluded.sealed_key, saved_at = excluded.saved_at`,
          )
          .bind(id, sealedKey, savedAt),
      );
    },

    /** An upstream key, sealed; null for the operator's own. */
    async sealedKey(accountId: string): Promise<string | null> {
      return await db
        .prepare(`select sealed_key from upstream_keys where id = ?1`)
        .bind(accountId)
        .first<string | null>('sealed_key');
    },
  };
}

export type ClientStore = ReturnType<typeof createClientStore>;
