import type { TaskState } from '../domain/task.ts';
import type { TaskWithDelivery } from '../domain/task-with-delivery.ts';
import { MAX_SEARCH_CHARACTERS } from './insert-task.ts';
import { STORED_STATES } from './task-list.ts';
import { callbackIdOf, READ_COLUMNS, readTask } from './task-reads.ts';
import type { ReadRow } from './task-reads.ts';

/** What a person looks for. Null: everything. */
export interface TaskQuery {
  readonly clientId: string | null;
  readonly state: TaskState | null;
  readonly callbackState: string | null;
  readonly model: string | null;
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

/** As `callbackState()` has it. */
const CALLBACK_STATE = `case when callback_url is not null then
  coalesce((select d.state from deliveries as d where d.id = ${callbackIdOf('tasks.id')}), 'waiting') end`;

/** By instr() and not by LIKE, of which D1 takes 50 bytes. Neither tells upper from lower case, of ASCII letters. */
const WHERE = `(?1 is null or client_id = ?1) and id < ?2
  and (?3 is null or state in (select value from json_each(?3)))
  and (?4 is null or ${CALLBACK_STATE} = ?4) and (?5 is null or model = ?5)
  and (?6 is null or instr(lower(metadata), lower(?6)) > 0 or instr(lower(metadata), lower(?9)) > 0)`;

/**
 * Finds tasks by what no index serves, a bounded piece at a time.
 *
 * @param lookedAt how many tasks one page looks at.
 */
export function createTaskSearch(db: D1Database, lookedAt = MAX_LOOKED_AT) {
  return async (query: TaskQuery): Promise<FoundTasks> => {
    const { clientId } = query;
    const byValue = await withValue(db, query);
    if (byValue !== null) return byValue;
    // The beginning of an id is a range of ids, however old; any other text is looked for in the metadata.
    const prefix = query.text !== null && ID.test(query.text) ? query.text.toLowerCase() : null;
    const text = prefix === null ? query.text : null;
    const end = `${prefix ?? 'task_'}~`;
    const before = query.cursor !== null && query.cursor < end ? query.cursor : end;
    const isAny = [query.state, query.callbackState, query.model, text].every((filter) => filter === null);
    const bound = isAny
      ? null
      : await db
          .prepare(
            `select id from tasks where ${clientId === null ? '' : 'client_id = ?3 and '}id < ?1
         order by id desc limit 1 offset ?2`,
          )
          .bind(before, lookedAt, ...(clientId === null ? [] : [clientId]))
          .first<string>('id');
    const filters = [
      query.state === null ? null : JSON.stringify(STORED_STATES[query.state]),
      query.callbackState,
      query.model,
      text,
    ];
    const from = [prefix ?? '', bound === null ? '' : `${bound}~`].toSorted().at(-1);
    const { results } = await db
      .prepare(
        `select ${READ_COLUMNS} from tasks where ${clientId === null ? '' : 'client_id = ?1 and '}${WHERE} and id >= ?7
         order by id desc limit ?8`,
      )
      .bind(clientId, before, ...filters, from, PAGE + 1, text === null ? null : asInJson(text))
      .all<ReadRow>();
    const tasks = results.slice(0, PAGE).map(readTask);
    if (results.length > PAGE) return { tasks, nextCursor: tasks.at(-1)?.id ?? null, hasStopped: false };
    const hasStopped = bound !== null && bound >= (prefix ?? '');
    // The task at the bound itself was not looked at: an id behind it begins the next piece.
    return { tasks, nextCursor: hasStopped ? `${bound}~` : null, hasStopped };
  };
}

/** Tasks whose `SEARCH_METADATA_KEY` has just this value, by index; null where none has, or where more than that is asked for. */
async function withValue(db: D1Database, query: TaskQuery): Promise<FoundTasks | null> {
  const { clientId, text, cursor } = query;
  if (text === null || query.state !== null || query.callbackState !== null || query.model !== null)
    return null;
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

/** As it stands inside of JSON: with quotes, backslashes and line breaks escaped. */
function asInJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

export type TaskSearch = ReturnType<typeof createTaskSearch>;
