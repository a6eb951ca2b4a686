import { retried } from './retry.ts';
import type { Patience } from './retry.ts';

/** For how many days it is kept what operators did. */
export const AUDIT_DAYS = 400;

/** What an operator did. */
export interface AuditEntry {
  /** Sorted by time. */
  readonly id: string;
  /** Epoch ms. */
  readonly at: number;
  readonly what: string;
  readonly clientId: string | null;
  readonly address: string | null;
  readonly detail: string;
}

/** The log of what operators did. */
export function createAuditStore(db: D1Database, patience: Patience) {
  return {
    /** May be carried out twice. */
    async add({ id, at, what, clientId, address, detail }: AuditEntry): Promise<void> {
      const statement = db
        .prepare(
          `insert into audit (id, at, what, client_id, address, detail) values (?1, ?2, ?3, ?4, ?5, ?6) on conflict do nothing`,
        )
        .bind(id, at, what, clientId, address, detail);
      await retried(patience, async () => await statement.run());
    },

    /** Newest first; `limit` entries whose ids are before another. */
    async list(before: string | null, limit: number): Promise<AuditEntry[]> {
      const { results } = await db
        .prepare(
          `select id, at, what, client_id as clientId, address, detail from audit where id < ?1 order by id desc limit ?2`,
        )
        .bind(before ?? 'audit_~', limit)
        .all<AuditEntry>();
      return results;
    },
  };
}

export type AuditStore = ReturnType<typeof createAuditStore>;
