import { firstTaskIdAt } from '../domain/ids.ts';
import type { TaskState } from '../domain/task.ts';
import type { TaskWithDelivery } from '../domain/task-with-delivery.ts';
import { MAX_SEARCH_CHARACTERS } from './insert-task.ts';
import { CALLBACK_STATE, STORED_STATES } from './task-list.ts';
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

/** By instr() and not by LIKE, of which D1 takes 50 bytes. Neither tells upper from lower case, of ASCII letters. */
const WHERE = `(?1 is null or client_id = ?1) and id < ?2
  and (?3 is null or state in (select value from json_each(?3)))
  and (?4 is null or ${CALLBACK_STATE} = ?4) and (?5 is null or model = ?5)
  and (?6 is null or instr(lower(metadata), lower(?6)) > 0 or instr(lower(metadata), lower(?8)) > 0)
  and id >= ?7
  and (?9 is null or coalesce((select d.host from deliveries as d where d.id = ${callbackIdOf('tasks.id')}), callback_host) = ?9)`;

/** A piece of the list that a query looks at: its filters, as `WHERE` has them, and the ids that bound it. */
interface Piece {
  readonly scope: string;
  readonly values: readonly unknown[];
  readonly earliest: string;
  /** The first task that is not looked at; null: all are. */
  readonly bound: string | null;
}

async function pieceOf(db: D1Database, query: TaskQuery, lookedAt: number): Promise<Piece> {
  const { clientId, since = null, until = null, host = null } = query;
  // The beginning of an id is a range of ids, however old; any other text is looked for in the metadata.
  const prefix = query.text !== null && ID.test(query.text) ? query.text.toLowerCase() : null;
  const text = prefix === null ? query.text : null;
  const latest = until === null ? 'task_~' : firstTaskIdAt(until + 1);
  const end = [`${prefix ?? 'task_'}~`, latest].toSorted()[0] ?? latest;
  const before = query.cursor !== null && query.cursor < end ? query.cursor : end;
  const scope = clientId === null ? '' : 'client_id = ?1 and ';
  const isAny = [query.state, query.callbackState, query.model, text, host].every((one) => one === null);
  const bound = isAny
    ? null
    : await db
        .prepare(
          `select id from tasks where ${clientId === null ? '' : 'client_id = ?3 and '}id < ?1
           order by id desc limit 1 offset ?2`,
        )
        .bind(before, lookedAt, ...(clientId === null ? [] : [clientId]))
        .first<string>('id');
  const states = query.state === null ? null : JSON.stringify(STORED_STATES[query.state]);
  const earliest = [prefix ?? '', since === null ? '' : firstTaskIdAt(since)].toSorted().at(-1) ?? '';
  const from = [earliest, bound === null ? '' : `${bound}~`].toSorted().at(-1);
  const inJson = text === null ? null : asInJson(text);
  const filters = [states, query.callbackState, query.model, text, from, inJson, host];
  return { scope, values: [clientId, before, ...filters], earliest, bound };
}

/**
 * Finds tasks by what no index serves, a bounded piece at a time.
 *
 * @param lookedAt how many tasks one page looks at.
 */
export function createTaskSearch(db: D1Database, lookedAt = MAX_LOOKED_AT) {
  return async (query: TaskQuery): Promise<FoundTasks> => {
    const byValue = await withValue(db, query);
    if (byValue !== null) return byValue;
    const { scope, values, earliest, bound } = await pieceOf(db, query, lookedAt);
    const { results } = await db
      .prepare(`select ${READ_COLUMNS} from tasks where ${scope}${WHERE} order by id desc limit ?10`)
      .bind(...values, PAGE + 1)
      .all<ReadRow>();
    const tasks = results.slice(0, PAGE).map(readTask);
    if (results.length > PAGE) return { tasks, nextCursor: tasks.at(-1)?.id ?? null, hasStopped: false };
    const hasStopped = bound !== null && bound >= earliest;
    // The task at the bound itself was not looked at: an id behind it begins the next piece.
    return { tasks, nextCursor: hasStopped ? `${bound}~` : null, hasStopped };
  };
}

/** How many tasks a query finds in all its pages. */
export interface FoundTotal {
  readonly count: number;
  /** There are more: so many are counted, or looked at, and no more. */
  readonly isLeast: boolean;
}

/** Counts what a search finds, as far as one page of it looks. */
export function createTaskCount(db: D1Database, lookedAt = MAX_LOOKED_AT) {
  return async (query: TaskQuery): Promise<FoundTotal> => {
    const whole = { ...query, cursor: null };
    const exact = isTextAlone(query) ? await countWithValue(db, whole, lookedAt) : 0;
    if (exact > 0) return { count: Math.min(exact, lookedAt), isLeast: exact > lookedAt };
    const { scope, values, earliest, bound } = await pieceOf(db, whole, lookedAt);
    const found = await db
      .prepare(`select count(*) as found from (select 1 from tasks where ${scope}${WHERE} limit ?10)`)
      .bind(...values, lookedAt + 1)
      .first<number>('found');
    const count = found ?? 0;
    const hasStopped = bound !== null && bound >= earliest;
    return { count: Math.min(count, lookedAt), isLeast: hasStopped || count > lookedAt };
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
