import { firstTaskIdAt } from '../domain/ids.ts';

/** The cron's heartbeat, and what health is judged by. Epoch ms. */
export interface Pulse {
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  /** The last finished tick's report, as JSON. */
  readonly counts: string | null;
  /** Since when the longest due row has been due, or null. */
  readonly oldestDueAt: number | null;
}

const PURGE_BATCH = 200;
const MINUTE_MS = 60_000;
/** What an inbox kept too long is shown to nobody, so a tick in ten is enough to delete it. */
const INBOX_TIDIED_EVERY_MS = 10 * MINUTE_MS;

/** What one tick leaves behind for the next, and for those who watch. */
export function createTickStore(db: D1Database) {
  return {
    async started(at: number): Promise<void> {
      await db
        .prepare(
          `insert into ticks (id, started_at) values (1, ?1) on conflict (id) do update set started_at = ?1`,
        )
        .bind(at)
        .run();
    },

    async finished(at: number, counts: object): Promise<void> {
      await db
        .prepare(`update ticks set finished_at = ?1, counts = ?2 where id = 1`)
        .bind(at, JSON.stringify(counts))
        .run();
    },

    async pulse(): Promise<Pulse> {
      const pulse = await db
        .prepare(
          `select t.started_at as startedAt, t.finished_at as finishedAt, t.counts,
             (select min(due_at) from (
               select min(due_at) as due_at from tasks where (completed_at is not null) = 0 and due_at is not null
               union all
               select min(due_at) from tasks where (completed_at is not null) = 1 and due_at is not null
             )) as oldestDueAt
           from (select 1) left join ticks as t on t.id = 1`,
        )
        .first<Pulse>();
      return pulse ?? { startedAt: null, finishedAt: null, counts: null, oldestDueAt: null };
    },

    /**
     * Forgets refusals that nobody can wait for any more, hosts that no callback went to for long, and what the built-in
     * inbox has kept for its hour.
     */
    async tidy(refusedBefore: number, calledBefore: number): Promise<void> {
      await db.batch([
        db.prepare('delete from refusals where refused_at < ?1').bind(refusedBefore),
        db
          .prepare('delete from hosts where coalesce(answered_at, 0) < ?1 and coalesce(silent_since, 0) < ?1')
          .bind(calledBefore),
        ...(refusedBefore % INBOX_TIDIED_EVERY_MS < MINUTE_MS
          ? [db.prepare('delete from inbox_callbacks where expires_at < ?1').bind(refusedBefore)]
          : []),
      ]);
    },

    /** Deletes a small batch of tasks that ended before `endedBefore`, with their attempt logs; returns how many. */
    async purge(endedBefore: number): Promise<number> {
      const { meta } = await db
        .prepare(
          `delete from tasks where id in (
             select id from tasks where id < ?1 and completed_at < ?2 and due_at is null order by id limit ?3)`,
        )
        .bind(firstTaskIdAt(endedBefore), endedBefore, PURGE_BATCH)
        .run();
      return meta.changes;
    },
  };
}

export type TickStore = ReturnType<typeof createTickStore>;
