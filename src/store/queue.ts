import type { Task } from '../domain/task.ts';
import { CLOCKED, OWN_LIMIT, QUEUED } from './lane-rules.ts';

/** Those before a task that waits, and how many run at once. */
export interface Line {
  /** Null: more than are counted. */
  readonly ahead: number | null;
  readonly slots: number;
}

/** Running tasks of a key without a known limit are counted so far. */
const RUNNING_COUNTED = 500;

/** So many tasks are counted at the most to find a place: whoever stands behind more of them has time. */
export const MAX_COUNTED = 500;

/**
 * Clients go by turns: before a task go its client's older ones, and of each other client as many and one. Goes from client
 * to client, and reads of each no more than count.
 */
const PLACE = `with recursive mine as materialized (
    select count(*) as ahead from (
      select 1 from tasks where account_id = ?1 and client_id = ?2 and id < ?3 and ${QUEUED} limit ${MAX_COUNTED})),
  turns (client_id, ahead) as (
    select (select client_id from tasks where account_id = ?1 and ${QUEUED} order by client_id limit 1), ahead from mine
    union all
    select
      (select client_id from tasks where account_id = ?1 and client_id > turns.client_id and ${QUEUED}
        order by client_id limit 1),
      turns.ahead + case when turns.client_id = ?2 then 0 else (select count(*) from (
        select 1 from tasks where account_id = ?1 and client_id = turns.client_id and ${QUEUED}
        limit (select ahead + 1 from mine))) end
    from turns where turns.client_id is not null and turns.ahead < ${MAX_COUNTED})
  select max(ahead) as ahead, coalesce(
    (select active_limit from upstream_keys where id = ?1),
    (select count(*) from (select 1 from tasks where account_id = ?1 and ${CLOCKED} and state = 'running' limit ${RUNNING_COUNTED}))
  ) as slots from turns`;

const OWN_PLACE = `select count(*) as ahead from (select 1 from tasks
  where client_id = ?1 and ${OWN_LIMIT} and id < ?2 limit ${MAX_COUNTED})`;

function counted(ahead: number): number | null {
  return ahead >= MAX_COUNTED ? null : ahead;
}

/** The tasks that wait here for an upstream key. */
export function createQueueStore(db: D1Database) {
  return {
    /**
     * How many tasks of its upstream key go before one that waits for it, and how many of the key run at once; `ahead` is
     * null where it is `MAX_COUNTED` or more.
     */
    async lineOfKey({ accountId, clientId, id }: Task): Promise<Line> {
      const row = await db
        .prepare(PLACE)
        .bind(accountId, clientId, id)
        .first<{ ahead: number; slots: number }>();
      if (row === null) throw new Error('a count has one row');
      return { ahead: counted(row.ahead), slots: row.slots };
    },

    /** How many tasks of its client go before one that waits for the client's own limit; null from `MAX_COUNTED` on. */
    async aheadOfOwn({ clientId, id }: Task): Promise<number | null> {
      return counted((await db.prepare(OWN_PLACE).bind(clientId, id).first<number>('ahead')) ?? 0);
    },
  };
}

export type QueueStore = ReturnType<typeof createQueueStore>;
