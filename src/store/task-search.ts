import { firstTaskIdAt } from '../domain/ids.ts';
import type { TaskState } from '../domain/task.ts';
import type { TaskWithDelivery } from '../domain/task-with-delivery.ts';
import { MAX_SEARCH_CHARACTERS } from './insert-task.ts';
import { CALLBACK_STATE, STORED_STATES } from './task-list.ts';
import { sourceOf } from './task-sources.ts';
import { callbackIdOf, READ_COLUMNS, readTask } from './task-reads.ts';
import type { ReadRow } from './task-reads.ts';

/** What a person looks for. Null: everything. */
export interface TaskQuery {
  readonly clientId: string | null;
  readonly state: TaskState | null;
  readonly callbackState: string | null;
  readonly model: string | null;
  /** The host (and port) that the callback goes to. */
  readonly host?: string | null;
  /** Accepted from here on, and until here: both inclusive, in epoch ms. */
  readonly since?: number | null;
  readonly until?: number | null;
  /** The beginning of an id, or text of the metadata. */
  readonly text: string | null;
  /** The id before which the page begins, newest first. */
  readonly cursor: string | null;
}

export interface FoundTasks {
  readonly tasks: readonly TaskWithDelivery[];
  readonly nextCursor: string | null;
  /** Whether the search stopped before it found a full page, and goes on with the next. */
  readonly hasStopped: boolean;
}

const PAGE = 50;
/** Filters have no index: one page looks at this many tasks, and the next goes on from there. */
const MAX_LOOKED_AT = 5_000;

/** The beginning of an id: ids begin with their time, and until the year 3084 that is a 0. */
const ID = /^task_0[0-9a-z]*$/i;

/** Of a list so many are counted: nobody tells more at a glance. */
const MAX_COUNTED = 200;

/** By instr() and not by LIKE, of which D1 takes 50 bytes. Neither tells upper from lower case, of ASCII letters. */
const WHERE = `(?1 is null or client_id = ?1) and id < ?2
  and (?3 is null or state in (select value from json_each(?3)))
  and (?4 is null or ${CALLBACK_STATE} = ?4) and (?5 is null or model = ?5)
  and (?6 is null or instr(lower(metadata), lower(?6)) > 0 or instr(lower(metadata), lower(?8)) > 0)
  and id >= ?7
  and (?9 is null or coalesce((select d.host from deliveries as d where d.id = ${callbackIdOf('tasks.id')}), callback_host) = ?9)`;

/** Names what `WHERE` names, and lets everything through: D1 takes no value that a statement does not name. */
const USED = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `?${n} is ?${n}`).join(' and ');

/** A piece of the list that a query looks at: its filters, as `WHERE` has them. */
interface Piece {
  /** So many tasks of it, newest first. */
  readonly newest: (lookedAt: number) => string;
  /** So many, to be counted: the newest, where they are not few. */
  readonly some: (lookedAt: number) => string;
  readonly values: readonly unknown[];
  /** All that it has is found. */
  readonly isExact: boolean;
}

function pieceOf(query: TaskQuery): Piece {
  const { clientId, since = null, until = null, host = null } = query;
  // The beginning of an id is a range of ids, however old; any other text is looked for in the metadata.
  const prefix = query.text !== null && ID.test(query.text) ? query.text.toLowerCase() : null;
  const text = prefix === null ? query.text : null;
  const latest = until === null ? 'task_~' : firstTaskIdAt(until + 1);
  const end = [`${prefix ?? 'task_'}~`, latest].toSorted()[0] ?? latest;
  const before = query.cursor !== null && query.cursor < end ? query.cursor : end;
  const states = query.state === null ? null : JSON.stringify(STORED_STATES[query.state]);
  const earliest = [prefix ?? '', since === null ? '' : firstTaskIdAt(since)].toSorted().at(-1) ?? '';
  const inJson = text === null ? null : asInJson(text);
  const { sql, order, isExact } = sourceOf({ ...query, text });
  return {
    newest: (lookedAt) => `(${sql} ${order} limit ${lookedAt})`,
    some: (lookedAt) => `(${sql} ${isExact ? '' : order} limit ${lookedAt})`,
    values: [clientId, before, states, query.callbackState, query.model, text, earliest, inJson, host],
    isExact,
  };
}

/**
 * Finds tasks, a bounded piece at a time where no index serves what is asked for.
 *
 * @param lookedAt how many tasks one page looks at.
 */
export function createTaskSearch(db: D1Database, lookedAt = MAX_LOOKED_AT) {
  return async (query: TaskQuery): Promise<FoundTasks> => {
    const byValue = await withValue(db, query);
    if (byValue !== null) return byValue;
    const { newest, values, isExact } = pieceOf(query);
    const { results } = await db
      // SQLite hands rows of the inner select on in its order, and stops it at the outer limit.
      .prepare(`select ${READ_COLUMNS} from ${newest(lookedAt)} as tasks where ${WHERE} limit ?10`)
      .bind(...values, PAGE + 1)
      .all<ReadRow>();
    const tasks = results.slice(0, PAGE).map(readTask);
    if (results.length > PAGE) return { tasks, nextCursor: tasks.at(-1)?.id ?? null, hasStopped: false };
    if (isExact) return { tasks, nextCursor: null, hasStopped: false };
    // The last that was looked at, where there is one more.
    const last = await db
      .prepare(`select id from ${newest(lookedAt + 1)} as tasks where ${USED} limit 1 offset ?10`)
      .bind(...values, lookedAt)
      .first<string>('id');
    return { tasks, nextCursor: last === null ? null : `${last}~`, hasStopped: last !== null };
  };
}

/** How many tasks a query finds in all its pages. */
export interface FoundTotal {
  readonly count: number;
  /** There are more: so many are counted, or looked at, and no more. */
  readonly isLeast: boolean;
}

/** Counts what a search finds among the newest. */
export function createTaskCount(db: D1Database, lookedAt = MAX_COUNTED) {
  return async (query: TaskQuery): Promise<FoundTotal> => {
    const whole = { ...query, cursor: null };
    const exact = isTextAlone(query) ? await countWithValue(db, whole, lookedAt) : 0;
    if (exact > 0) return { count: Math.min(exact, lookedAt), isLeast: exact > lookedAt };
    const { some, values, isExact } = pieceOf(whole);
    const found = await db
      .prepare(
        `select sum(${isExact ? USED : WHERE}) as count, count(*) > ?10 as isLeast from ${some(lookedAt + 1)} as tasks`,
      )
      .bind(...values, lookedAt)
      .first<{ count: number | null; isLeast: number }>();
    return { count: Math.min(found?.count ?? 0, lookedAt), isLeast: found?.isLeast === 1 };
  };
}

/** Tasks whose `SEARCH_METADATA_KEY` has just this value, by index; null where none has, or where more than that is asked for. */
async function withValue(db: D1Database, query: TaskQuery): Promise<FoundTasks | null> {
  const { clientId, text, cursor } = query;
  if (text === null || !isTextAlone(query)) return null;
  const { results } = await db
    .prepare(
      `select ${READ_COLUMNS} from tasks indexed by tasks_search where search_value = ?1 and id < ?2 and (?3 is null or client_id = ?3)
       order by id desc limit ?4`,
    )
    .bind(text.slice(0, MAX_SEARCH_CHARACTERS), cursor ?? 'task_~', clientId, PAGE + 1)
    .all<ReadRow>();
  if (results.length === 0) return null;
  const tasks = results.slice(0, PAGE).map(readTask);
  return { tasks, nextCursor: results.length > PAGE ? (tasks.at(-1)?.id ?? null) : null, hasStopped: false };
}

async function countWithValue(db: D1Database, { text, clientId }: TaskQuery, most: number): Promise<number> {
  if (text === null) return 0;
  const found = await db
    .prepare(
      `select count(*) as found from (select 1 from tasks indexed by tasks_search where search_value = ?1
         and (?2 is null or client_id = ?2) limit ?3)`,
    )
    .bind(text.slice(0, MAX_SEARCH_CHARACTERS), clientId, most + 1)
    .first<number>('found');
  return found ?? 0;
}

/** Whether nothing but a text, and perhaps a client, is asked for. */
function isTextAlone({ state, callbackState, model, host, since, until }: TaskQuery): boolean {
  return [state, callbackState, model, host, since, until].every((filter) => (filter ?? null) === null);
}

/** As it stands inside of JSON: with quotes, backslashes and line breaks escaped. */
function asInJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

export type TaskSearch = ReturnType<typeof createTaskSearch>;
export type TaskCount = ReturnType<typeof createTaskCount>;
