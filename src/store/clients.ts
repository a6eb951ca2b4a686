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
  readonly accountId: string;
  readonly maxActiveTasks: number | null;
  readonly dailyCreditLimit: number | null;
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

/** The upstream account of the operator's own key, which stays in the environment. */
export const OPERATOR_ACCOUNT = 'operator';

const COLUMNS = `id, name, key_hash as keyHash, signing_secret as signingSecret,
  previous_signing_secret as previousSigningSecret, previous_secret_until as previousSecretUntil,
  account_id as accountId, max_active_tasks as maxActiveTasks, daily_credit_limit as dailyCreditLimit,
  created_at as createdAt, revoked_at as revokedAt`;

/** Clients and the upstream accounts that they use. */
export function createClientStore(db: D1Database) {
  return {
    /** Stores a client, new or changed, whole. */
    async save(client: Client): Promise<void> {
      await db
        .prepare(
          `insert or replace into clients (id, name, key_hash, signing_secret, previous_signing_secret,
             previous_secret_until, account_id, max_active_tasks, daily_credit_limit, created_at, revoked_at)
           values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)`,
        )
        .bind(
          client.id,
          client.name,
          client.keyHash,
          client.signingSecret,
          client.previousSigningSecret,
          client.previousSecretUntil,
          client.accountId,
          client.maxActiveTasks,
          client.dailyCreditLimit,
          client.createdAt,
          client.revokedAt,
        )
        .run();
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

    /** All clients, newest first. */
    async list(): Promise<Client[]> {
      const { results } = await db.prepare(`select ${COLUMNS} from clients order by id desc`).all<Client>();
      return results;
    },

    /** Keeps an upstream key, sealed, for as long as tasks may need it. */
    async saveAccount(id: string, sealedKey: string): Promise<void> {
      await db
        .prepare(
          `insert into accounts (id, sealed_key) values (?1, ?2)
           on conflict (id) do update set sealed_key = excluded.sealed_key`,
        )
        .bind(id, sealedKey)
        .run();
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
