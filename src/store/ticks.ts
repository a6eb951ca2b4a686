import { retried } from './retry.ts';
import { SAMPLES } from './sealed.ts';
import type { SealSample } from './sealed.ts';
import type { Patience } from './retry.ts';

/** The cron's heartbeat, and what health is judged by. Epoch ms. */
export interface Pulse {
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  /** The last finished tick's report, as JSON. */
  readonly counts: string | null;
  /** Since when the longest due row has been due, or null. */
  readonly oldestDueAt: number | null;
}

/** What one tick leaves behind for the next, and for those who watch. */
export function createTickStore(db: D1Database, patience: Patience) {
  return {
    /** Notes that a tick begins; says, in the same request, what is to be opened to see whether the master key is the right one. */
    async started(at: number): Promise<SealSample[]> {
      const beat = db
        .prepare(
          `insert into ticks (id, started_at) values (1, ?1) on conflict (id) do update set started_at = ?1
           returning (select json_group_array(json_object('place', place, 'id', id, 'sealed', sealed, 'count', count))
             from (${SAMPLES})) as samples`,
        )
        .bind(at);
      const samples = await retried(patience, async () => await beat.first<string>('samples'));
      return samples === null ? [] : (JSON.parse(samples) as SealSample[]);
    },

    async finished(at: number, counts: object): Promise<void> {
      const beat = db
        .prepare(`update ticks set finished_at = ?1, counts = ?2 where id = 1`)
        .bind(at, JSON.stringify(counts));
      await retried(patience, async () => await beat.run());
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
  };
}

export type TickStore = ReturnType<typeof createTickStore>;
