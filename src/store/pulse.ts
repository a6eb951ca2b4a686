import { CLOCKED, QUEUED } from './lane-rules.ts';

/** The cron's heartbeat, and what health is judged by. Epoch ms. */
export interface Pulse {
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  /** When the tick began that finished then; null also where code of before this column wrote it. */
  readonly finishedStartedAt: number | null;
  /** The last finished tick's report, as JSON. */
  readonly counts: string | null;
  /** Since when the longest due row has been due, or null. */
  readonly oldestDueAt: number | null;
}

/** Rows that are looked at for each question: who watches does not read all that waits. */
const LOOKED_AT = 10_000;

/** Since when each row could go that has a clock: by its own, and by its lane's. */
const DUE = `select max(due_at, leased_until, iif(state = 'running', max(poll_paused_until, next_poll_at), submit_paused_until)) as at
    from (select tasks.*, k.poll_paused_until, k.next_poll_at, k.submit_paused_until
      from upstream_keys as k cross join tasks on tasks.account_id = k.id and ${CLOCKED} limit ${LOOKED_AT})
  union all
  select max(due_at, deliveries.leased_until, coalesce(r.open_until, 0))
    from (select * from deliveries where state = 'pending' limit ${LOOKED_AT}) as deliveries
    left join receivers as r on r.host = deliveries.host and r.client_id = deliveries.client_id`;

/** How Ringback is getting on, for those who watch. */
export function createPulseStore(db: D1Database) {
  return {
    async pulse(): Promise<Pulse> {
      const pulse = await db
        .prepare(
          `select t.started_at as startedAt, t.finished_at as finishedAt,
             t.finished_started_at as finishedStartedAt, t.counts, (select min(at) from (${DUE})) as oldestDueAt
           from (select 1) left join ticks as t on t.id = 1`,
        )
        .first<Pulse>();
      return (
        pulse ?? {
          startedAt: null,
          finishedAt: null,
          finishedStartedAt: null,
          counts: null,
          oldestDueAt: null,
        }
      );
    },

    /** How many rows have been due since before `since` (epoch ms), and could be acted on; no more than `most` are counted. */
    async countLate(since: number, most: number): Promise<number> {
      const count = await db
        .prepare(`select count(*) as late from (select 1 from (${DUE}) where at <= ?1 limit ?2)`)
        .bind(since, most)
        .first<number>('late');
      return count ?? 0;
    },

    /** How many tasks wait for an upstream key; no more than `most` are counted. */
    async countQueued(most: number): Promise<number> {
      const count = await db
        .prepare(`select count(*) as waiting from (select 1 from tasks where ${QUEUED} limit ?1)`)
        .bind(most)
        .first<number>('waiting');
      return count ?? 0;
    },
  };
}

export type PulseStore = ReturnType<typeof createPulseStore>;
