import type { KeyLoad } from '../domain/admission.ts';
import type { Task } from '../domain/task.ts';
import { LIMITED } from './load.ts';

/** What an answer to createTask taught: upstream `refused` one more than run now, or took one and so runs more than it was known to. */
export interface Learned {
  readonly accountId: string;
  readonly what: 'refused' | 'taken';
}

/** What stands before a task that is to be submitted. */
export interface Ahead {
  readonly key: KeyLoad;
  /** Another task of the key has its turn: it asks for all that wait. */
  readonly hasAsker: boolean;
  /** Others of the key wait, whether or not they ask. */
  readonly hasWaiting: boolean;
}

/** Those before a task that waits, and how many run at once. */
export interface Line {
  /** Null: more than are counted. */
  readonly ahead: number | null;
  readonly slots: number;
}

/** As the partial index `tasks_waiting` has it. */
export const WAITING = `state = 'queued' and queue_reason in ('full', 'limited', 'behind')`;

/** As the partial index `tasks_asking` has it: those that wait and may ask, for themselves and for all behind them. */
const ASKING = `state = 'queued' and queue_reason in ('full', 'limited')`;

/** Running tasks of a key without a known limit are counted so far: no more are asked for at once anyway. */
const RUNNING_COUNTED = 500;

const AHEAD = `select
  coalesce((select submit_paused_until from accounts where id = ?1), 0) as submitPausedUntil,
  (select count(*) from (select 1 from tasks where account_id = ?1 and state = 'running'
    limit coalesce((select active_limit from accounts where id = ?1), ${RUNNING_COUNTED}) + 1)) as running,
  (select active_limit from accounts where id = ?1) as activeLimit,
  (select refused_at from accounts where id = ?1) as refusedAt,
  coalesce((select ended_since_refusal from accounts where id = ?1), 0) as endedSinceRefusal,
  exists (select 1 from tasks where account_id = ?1 and ${ASKING} and id <> ?2) as hasAsker,
  exists (select 1 from tasks where account_id = ?1 and ${WAITING} and id <> ?2) as hasWaiting`;

const REFUSED = `insert into accounts (id, active_limit, refused_at)
  select ?1, nullif((select count(*) from tasks where account_id = ?1 and state = 'running'), 0), ?2
  where true on conflict (id) do update set active_limit = excluded.active_limit, refused_at = excluded.refused_at,
    ended_since_refusal = 0`;

/** A refusal that overtook the writing of what upstream took counted too few; what runs counts more. */
const EXCEEDED = `update accounts set active_limit = (
    select count(*) from tasks where account_id = ?1 and state = 'running')
  where id = ?1 and active_limit is not null and active_limit < (select count(*) from tasks where account_id = ?1 and state = 'running')`;

/** So many tasks are counted at the most to find a place: whoever stands behind more of them has time. */
export const MAX_COUNTED = 500;

/**
 * Clients go by turns: before a task go its client's older ones, and of each other client as many and one. Goes from client
 * to client, and reads of each no more than count.
 */
const PLACE = `with recursive mine as materialized (
    select count(*) as ahead from (
      select 1 from tasks where account_id = ?1 and client_id = ?2 and id < ?3 and ${WAITING} limit ${MAX_COUNTED})),
  turns (client_id, ahead) as (
    select (select client_id from tasks where account_id = ?1 and ${WAITING} order by client_id limit 1), ahead from mine
    union all
    select
      (select client_id from tasks where account_id = ?1 and client_id > turns.client_id and ${WAITING}
        order by client_id limit 1),
      turns.ahead + case when turns.client_id = ?2 then 0 else (select count(*) from (
        select 1 from tasks where account_id = ?1 and client_id = turns.client_id and ${WAITING}
        limit (select ahead + 1 from mine))) end
    from turns where turns.client_id is not null and turns.ahead < ${MAX_COUNTED})
  select max(ahead) as ahead, coalesce(
    (select active_limit from accounts where id = ?1),
    (select count(*) from (select 1 from tasks where account_id = ?1 and state = 'running' limit ${RUNNING_COUNTED}))
  ) as slots from turns`;

const OWN_PLACE = `select count(*) as ahead from (select 1 from tasks
  where client_id = ?1 and ${LIMITED} and queue_reason = 'own-limit' and id < ?2 limit ${MAX_COUNTED})`;

/** After the settlements: what runs is counted with them. */
export function learnedStatements(
  db: D1Database,
  learned: readonly Learned[],
  now: number,
): D1PreparedStatement[] {
  return learned.map(({ accountId, what }) =>
    what === 'refused' ? db.prepare(REFUSED).bind(accountId, now) : db.prepare(EXCEEDED).bind(accountId),
  );
}

function counted(ahead: number): number | null {
  return ahead >= MAX_COUNTED ? null : ahead;
}

/** The tasks that wait here for an upstream key. */
export function createQueueStore(db: D1Database) {
  return {
    async ahead({ accountId, id }: Task): Promise<Ahead> {
      const row = await db
        .prepare(AHEAD)
        .bind(accountId, id)
        .first<Omit<KeyLoad, 'asked'> & { hasAsker: number; hasWaiting: number }>();
      if (row === null) throw new Error('a select without a table has one row');
      const { hasAsker, hasWaiting, ...key } = row;
      return { key: { ...key, asked: 0 }, hasAsker: hasAsker === 1, hasWaiting: hasWaiting === 1 };
    },

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
