import { databaseTrouble } from '../domain/database-trouble.ts';
import type { Task, TaskState } from '../domain/task.ts';
import { FIXED_COLUMNS, CHANGING_COLUMNS } from './task-columns.ts';
import { fromRow, toRow } from './task-row.ts';
import { retried } from './retry.ts';
import type { Patience } from './retry.ts';
import type { TaskRow } from './task-columns.ts';

const COLUMNS = [...FIXED_COLUMNS, ...CHANGING_COLUMNS];

/** The stored states behind each state word of the outside. */
export const STORED_STATES: Record<TaskState, string[]> = {
  queued: ['accepting', 'queued'],
  running: ['running'],
  succeeded: ['succeeded'],
  failed: ['failed'],
  canceled: ['canceled'],
};

export interface TaskFilter {
  /** Null: over all clients. */
  readonly clientId: string | null;
  readonly state: TaskState | null;
  readonly limit: number;
  /** The id after which the page begins, newest first; null for the first page. */
  readonly cursor: string | null;
}

export type Inserted =
  /** `clientIsFull`: as many tasks of its client as it may have active were stored before it and had no end. */
  | { readonly kind: 'inserted'; readonly clientIsFull: boolean }
  | { readonly kind: 'key-in-use' }
  | { readonly kind: 'over-credit-limit' };

/** How a client's spending is held: its tasks' credits since `sinceId` may not exceed `limit`. */
export interface CreditLimit {
  readonly limit: number;
  readonly sinceId: string;
}

/** As the partial index `tasks_limited` has it: a task without an end of a client that has `max_active_tasks`. */
export const LIMITED = 'is_limited = 1 and completed_at is null';

const INSERT = `insert into tasks (${COLUMNS.join(', ')}, is_limited)
  select ${COLUMNS.map((column) => `value ->> '${column}'`).join(', ')}, exists (
    select 1 from clients where id = value ->> 'client_id' and max_active_tasks is not null) from json_each(?1)
  where ?2 is null or ?2 >= coalesce(value ->> 'estimated_credits', 0) + (
    select coalesce(sum(spent.estimated_credits), 0) from tasks as spent
    where spent.client_id = value ->> 'client_id' and spent.id >= ?3 and ${spentCredits('spent')}) + coalesce((
    select credits from erased_credits where client_id = value ->> 'client_id' and since_id = ?3), 0)
  on conflict do nothing`;

/** In the transaction of the insert, so that of two tasks the later one sees the other, whichever has the older id. */
const OPEN_BEFORE = `select count(*) as n from (
  select 1 from tasks where client_id = ?1 and ${LIMITED} and id <> ?2 limit ?3)`;

/** Credits count from acceptance on; only what upstream itself refused is known to have cost nothing. */
export function spentCredits(table: string): string {
  return `coalesce(${table}.error_code, '') not in ('upstream_refused', 'insufficient_credits')`;
}

/** Tasks as the HTTP surface needs them: one at a time, or a page. */
export function createTaskStore(db: D1Database, patience: Patience) {
  return {
    /**
     * Stores a new task, unless its idempotency key is taken or its credits exceed the client's limit. One statement, tried
     * again where D1 loses its answer: a task's id is new, so finding it stored means that it was stored by us.
     *
     * @param maxActiveTasks how many tasks without an end its client may have, or null.
     */
    async insert(task: Task, credits: CreditLimit | null, maxActiveTasks: number | null): Promise<Inserted> {
      const statements = insertStatements(db, task, credits, maxActiveTasks);
      const run = async () => await retried(patience, async () => await db.batch<{ n: number }>(statements));
      const [stored, open] = await run().catch(async (error: unknown) => {
        // After a timeout, say, nobody knows whether it is stored: a caller who is told no, and posts again, would pay twice.
        if (databaseTrouble(error) !== 'other') throw error;
        return await run();
      });
      const isStored = (stored?.meta.changes ?? 0) > 0 || (await this.get(task.id, task.clientId)) !== null;
      const openBefore = open?.results[0]?.n ?? 0;
      if (isStored) return { kind: 'inserted', clientIsFull: openBefore >= (maxActiveTasks ?? Infinity) };
      if (credits === null) return { kind: 'key-in-use' };
      const taken = task.idempotencyKey !== null && (await this.byKey(task.clientId, task.idempotencyKey));
      return { kind: taken === false || taken === null ? 'over-credit-limit' : 'key-in-use' };
    },

    /**
     * Forgets a task that upstream refused before anybody was told that it was accepted; false where it moved on. Those who
     * wait with the same key find the refusal for a while. Tried again where D1 loses its answer.
     */
    async discard(task: Task, refusal: string, now: number): Promise<boolean> {
      const statements = [
        db
          .prepare(`delete from tasks where id = ?1 and revision = ?2 and state = 'accepting'`)
          .bind(task.id, task.revision),
        db
          .prepare(
            `insert or replace into refusals (client_id, idempotency_key, fingerprint, refused_at, refusal)
             select ?2, ?3, ?4, ?5, ?6 where ?3 is not null and not exists (select 1 from tasks where id = ?1)`,
          )
          .bind(task.id, task.clientId, task.idempotencyKey, task.fingerprint, now, refusal),
        db.prepare(`select 1 as here from tasks where id = ?1`).bind(task.id),
      ];
      const answers = await retried(patience, async () => await db.batch(statements));
      return answers[2]?.results.length === 0;
    },

    /** What upstream said to the same request with the same key since an instant; null where it refused none. */
    async refusal(task: Task, since: number): Promise<string | null> {
      return await db
        .prepare(
          `select refusal from refusals
           where client_id = ?1 and idempotency_key = ?2 and fingerprint = ?3 and refused_at >= ?4`,
        )
        .bind(task.clientId, task.idempotencyKey, task.fingerprint, since)
        .first<string>('refusal');
    },

    /** One task; with a client id, only if it is that client's. */
    async get(id: string, clientId: string | null): Promise<Task | null> {
      const row = await db
        .prepare(`select * from tasks where id = ?1 and (?2 is null or client_id = ?2)`)
        .bind(id, clientId)
        .first<TaskRow>();
      return row === null ? null : fromRow(row);
    },

    async byKey(clientId: string, idempotencyKey: string): Promise<Task | null> {
      const row = await db
        .prepare(`select * from tasks where client_id = ?1 and idempotency_key = ?2`)
        .bind(clientId, idempotencyKey)
        .first<TaskRow>();
      return row === null ? null : fromRow(row);
    },

    /** A page, newest first. Asks for one more than the page to know whether another follows. */
    async list(filter: TaskFilter): Promise<{ tasks: Task[]; nextCursor: string | null }> {
      const states = filter.state === null ? null : JSON.stringify(STORED_STATES[filter.state]);
      const scope = filter.clientId === null ? '' : 'client_id = ?4 and';
      const { results } = await db
        .prepare(
          `select * from tasks where ${scope} id < coalesce(?1, 'task_~')
           and (?2 is null or state in (select value from json_each(?2))) order by id desc limit ?3`,
        )
        .bind(filter.cursor, states, filter.limit + 1, ...(filter.clientId === null ? [] : [filter.clientId]))
        .all<TaskRow>();
      const tasks = results.slice(0, filter.limit).map(fromRow);
      const hasMore = results.length > filter.limit;
      return { tasks, nextCursor: hasMore ? (tasks.at(-1)?.id ?? null) : null };
    },
  };
}

function insertStatements(
  db: D1Database,
  task: Task,
  credits: CreditLimit | null,
  maxActiveTasks: number | null,
): D1PreparedStatement[] {
  const insert = db
    .prepare(INSERT)
    .bind(JSON.stringify([toRow(task)]), credits?.limit ?? null, credits?.sinceId ?? null);
  if (maxActiveTasks === null) return [insert];
  return [insert, db.prepare(OPEN_BEFORE).bind(task.clientId, task.id, maxActiveTasks)];
}

export type TaskStore = ReturnType<typeof createTaskStore>;
