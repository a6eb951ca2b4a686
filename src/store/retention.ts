import { firstTaskIdAt } from '../domain/ids.ts';

const PURGE_BATCH = 500;

/** Deletes what is too old to be kept, in every table. */
export function createRetentionStore(db: D1Database) {
  return {
    /** Forgets what the console's inbox has kept for its hour: shown to nobody any more. */
    async forgetInbox(now: number): Promise<void> {
      await db.prepare('delete from inbox_callbacks where expires_at < ?1').bind(now).run();
    },

    /** Forgets refusals that nobody can wait for any more. */
    async forgetRefusals(refusedBefore: number): Promise<void> {
      await db.prepare('delete from refusals where refused_at < ?1').bind(refusedBefore).run();
    },

    /**
     * Forgets what no task needs any more: hosts that no callback went to for long, clients revoked for long, upstream keys
     * that no client brings, kinds of tasks that none was of, the counts of clients that are gone, and what was spent on days before `spentBefore`.
     * Reads whole tables.
     */
    async forgetUnused(usedBefore: number, spentBefore: number): Promise<void> {
      await db.batch([
        db
          .prepare('delete from hosts where coalesce(answered_at, 0) < ?1 and coalesce(silent_since, 0) < ?1')
          .bind(usedBefore),
        db
          .prepare(
            `delete from clients where revoked_at < ?1 and not exists (
               select 1 from tasks where tasks.client_id = clients.id)`,
          )
          .bind(usedBefore),
        db
          .prepare(
            `delete from accounts where sealed_key is not null and saved_at < ?1
               and id not in (select account_id from clients)
               and not exists (select 1 from tasks where tasks.account_id = accounts.id)`,
          )
          .bind(usedBefore),
        db.prepare('delete from durations where updated_at < ?1').bind(usedBefore),
        db.prepare(`delete from client_stock where client_id not in (select id from clients)
          and not exists (select 1 from tasks where tasks.client_id = client_stock.client_id)`),
        db.prepare('delete from erased_credits where since_id < ?1').bind(firstTaskIdAt(spentBefore)),
        db.prepare('delete from spent_credits where since_id < ?1').bind(firstTaskIdAt(spentBefore)),
      ]);
    },

    /**
     * Deletes a small batch of tasks that ended before `endedBefore`, with their attempt logs; those that still wait for
     * their callback only where they ended before `abandonedBefore`, and these are named.
     */
    async purge(endedBefore: number, abandonedBefore: number) {
      const { results } = await db
        .prepare(
          `delete from tasks where id in (
             select id from tasks where id < ?1 and completed_at < ?2 and (due_at is null or completed_at < ?3)
             order by id limit ?4)
           returning id, client_id as clientId, due_at is not null as isDue`,
        )
        .bind(firstTaskIdAt(endedBefore), endedBefore, abandonedBefore, PURGE_BATCH)
        .all<{ id: string; clientId: string; isDue: number }>();
      return {
        deleted: results.length,
        abandoned: results.filter(({ isDue }) => isDue === 1),
        isLast: results.length < PURGE_BATCH,
      };
    },
  };
}

export type RetentionStore = ReturnType<typeof createRetentionStore>;
