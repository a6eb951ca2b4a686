import { firstTaskIdAt } from '../domain/ids.ts';
import type { TaskState } from '../domain/task.ts';
import type { CallbackState, TaskWithDelivery } from '../domain/task-with-delivery.ts';
import { firstWithin, fullRows, LIGHT_COLUMNS } from './full-rows.ts';
import type { LightRow } from './full-rows.ts';
import { callbackIdOf, readTask } from './task-reads.ts';

/** The stored states behind each state word of the outside. */
export const STORED_STATES: Record<TaskState, string[]> = {
  queued: ['accepting', 'queued'],
  running: ['running'],
  succeeded: ['succeeded'],
  failed: ['failed'],
  canceled: ['canceled'],
};

/** A page of one state looks at so many tasks, which is up to three rows read each: the Free plan has 5 million a day. */
export const MAX_LOOKED_AT = 1_000;

export interface TaskFilter {
  /** Null: over all clients. */
  readonly clientId: string | null;
  readonly state: TaskState | null;
  readonly callbackState?: CallbackState | null;
  /** Accepted from here on, and until here: both inclusive, in epoch ms. */
  readonly since?: number | null;
  readonly until?: number | null;
  readonly limit: number;
  /** The id after which the page begins, newest first; null for the first page. */
  readonly cursor: string | null;
}

export interface TaskPage {
  readonly tasks: readonly TaskWithDelivery[];
  /** The cursor of the next page; null where this is the last. */
  readonly nextCursor: string | null;
}

/** The state of a task's callback, as `callbackState()` has it; null where it has none. */
export const CALLBACK_STATE = `case when callback_url is not null then
  coalesce((select d.state from deliveries as d where d.id = ${callbackIdOf('tasks.id')}), 'waiting') end`;

/**
 * A page, newest first, that ends early where its tasks are large. Asks for one more than the page to know whether another
 * follows. A state has no index: such a page looks at `MAX_LOOKED_AT` tasks and may hold fewer than there are, with a cursor
 * that goes on behind them.
 */
export async function listTasks(db: D1Database, filter: TaskFilter): Promise<TaskPage> {
  const { clientId, state, limit, callbackState = null, since = null } = filter;
  const scope = `from tasks where ${clientId === null ? '' : 'client_id = ?3 and'} id < ?1 and id >= ?4 order by id desc`;
  const words = state === null ? '' : STORED_STATES[state].map((word) => `'${word}'`).join(', ');
  const wanted = [
    ...(state === null ? [] : [`state in (${words})`]),
    ...(callbackState === null ? [] : [`${CALLBACK_STATE} = '${callbackState}'`]),
  ];
  const sql =
    wanted.length === 0
      ? `select ${LIGHT_COLUMNS} ${scope} limit ?2`
      : // SQLite hands rows of the inner select on in its order, and stops it at the outer limit.
        `select ${LIGHT_COLUMNS} from (select * ${scope} limit ${MAX_LOOKED_AT}) as tasks where ${wanted.join(' and ')} limit ?2`;
  const from = since === null ? '' : firstTaskIdAt(since);
  const ask = (text: string, rows: number) =>
    db.prepare(text).bind(before(filter), rows, clientId ?? '', from);
  const { results } = await ask(sql, limit + 1).all<LightRow>();
  const shown = firstWithin(results.slice(0, limit));
  const tasks = (await fullRows(db, shown)).map(readTask);
  if (results.length > shown.length) return { tasks, nextCursor: shown.at(-1)?.id ?? null };
  if (wanted.length === 0) return { tasks, nextCursor: null };
  const last = ask(`select id ${scope} limit 1 offset ?2`, MAX_LOOKED_AT - 1);
  return { tasks, nextCursor: await last.first<string>('id') };
}

/** The id before which the page begins. */
function before({ cursor, until = null }: TaskFilter): string {
  const end = until === null ? 'task_~' : firstTaskIdAt(until + 1);
  return cursor !== null && cursor < end ? cursor : end;
}
