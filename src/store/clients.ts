import { retried } from './retry.ts';
import type { Patience } from './retry.ts';

/** A client: somebody who may post tasks, with the secrets that are its own. Epoch ms. */
export interface Client {
  readonly id: string;
  readonly name: string;
  /** SHA-256 of its key, in hex. */
  readonly keyHash: string;
  /** Sealed. */
  readonly signingSecret: string;
  /** Sealed; also signs until `previousSecretUntil`. */
  readonly previousSigningSecret: string | null;
  readonly previousSecretUntil: number | null;
  /** Those that were replaced before, as far as they still sign: one sealed list. */
  readonly olderSigningSecrets: string | null;
  readonly accountId: string;
  readonly maxActiveTasks: number | null;
  readonly dailyCreditLimit: number | null;
  /** Its tasks that may wait here at once. */
  readonly maxQueuedTasks: number;
  /** Callbacks carry a JWT too; 1 or 0, as SQLite keeps it. */
  readonly callbackJwt: 0 | 1;
  /** Told once when a callback of this client is given up. */
  readonly failureCallbackUrl: string | null;
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

/** The upstream account of the operator's own key, which stays in the environment. */
export const OPERATOR_ACCOUNT = 'operator';

const COLUMN_OF = {
  id: 'id',
  name: 'name',
  keyHash: 'key_hash',
  signingSecret: 'signing_secret',
  previousSigningSecret: 'previous_signing_secret',
  previousSecretUntil: 'previous_secret_until',
  olderSigningSecrets: 'older_signing_secrets',
  accountId: 'account_id',
  maxActiveTasks: 'max_active_tasks',
  dailyCreditLimit: 'daily_credit_limit',
  maxQueuedTasks: 'max_queued_tasks',
  callbackJwt: 'callback_jwt',
  failureCallbackUrl: 'failure_callback_url',
  createdAt: 'created_at',
  revokedAt: 'revoked_at',
} as const satisfies Record<keyof Client, string>;

const FIELDS = Object.keys(COLUMN_OF) as (keyof Client)[];
const COLUMNS = FIELDS.map((field) => `${COLUMN_OF[field]} as ${field}`).join(', ');

const INSERT = `insert into clients (${FIELDS.map((field) => COLUMN_OF[field]).join(', ')})
  select ${FIELDS.map((field) => `value ->> '${field}'`).join(', ')} from json_each(?1) where true
  on conflict (id) do nothing`;

const NOW_LIMITED = `update tasks set is_limited = 1 where client_id = ?1 and completed_at is null and is_limited = 0`;

/** As SQLite spells a limit that is none. */
const ALL = -1;

/** Clients and the upstream accounts that they use. Every write may be carried out twice. */
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

    /** The client whose key has this hash, unless it was revoked. */
    async byKeyHash(keyHash: string): Promise<Client | null> {
      return await db
        .prepare(`select ${COLUMNS} from clients where key_hash = ?1 and revoked_at is null`)
        .bind(keyHash)
        .first<Client>();
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
    async saveAccount(id: string, sealedKey: string, savedAt: number): Promise<void> {
      await write(
        db
          .prepare(
            `insert into accounts (id, sealed_key, saved_at) values (?1, ?2, ?3)
             on conflict (id) do update set sealed_key = excluded.sealed_key, saved_at = excluded.saved_at`,
          )
          .bind(id, sealedKey, savedAt),
      );
    },

    /** The sealed key of an upstream account; null for the operator's own. */
    async sealedKey(accountId: string): Promise<string | null> {
      return await db
        .prepare(`select sealed_key from accounts where id = ?1`)
        .bind(accountId)
        .first<string | null>('sealed_key');
    },
  };
}

export type ClientStore = ReturnType<typeof createClientStore>;
