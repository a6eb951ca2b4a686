import type { Task, TaskState } from '../domain/task.ts';
import type { TaskRow } from './task-columns.ts';
import { fromRow } from './task-row.ts';
import { STORED_STATES } from './tasks.ts';

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
  readonly tasks: readonly Task[];
  readonly nextCursor: string | null;
  /** Whether the search stopped before it found a full page, and goes on with the next. */
  readonly hasStopped: boolean;
}

const PAGE = 50;
/** Filters have no index: one page looks at this many tasks, and the next goes on from there. */
const MAX_LOOKED_AT = 5_000;

const WHERE = `(?1 is null or client_id = ?1) and id < ?2
  and (?3 is null or state in (select value from json_each(?3)))
  and (?4 is null or callback_state = ?4) and (?5 is null or model = ?5)
  and (?6 is null or id like ?7 escape '\\' or metadata like ?6 escape '\\')`;

/** Finds tasks by what no index serves, a bounded piece at a time. */
export function createTaskSearch(db: D1Database) {
  return async (query: TaskQuery): Promise<FoundTasks> => {
    const { clientId, cursor, text } = query;
    const before = cursor ?? 'task_~';
    const bound = await db
      .prepare(
        `select id from tasks where ${clientId === null ? '' : 'client_id = ?3 and '}id < ?1
         order by id desc limit 1 offset ?2`,
      )
      .bind(before, MAX_LOOKED_AT, ...(clientId === null ? [] : [clientId]))
      .first<string>('id');
    const filters = [
      query.state === null ? null : JSON.stringify(STORED_STATES[query.state]),
      query.callbackState,
      query.model,
      text === null ? null : `%${escaped(text)}%`,
      text === null ? null : `${escaped(text)}%`,
    ];
    const { results } = await db
      .prepare(
        `select * from tasks where ${clientId === null ? '' : 'client_id = ?1 and '}${WHERE} and id > ?8
         order by id desc limit ?9`,
      )
      .bind(clientId, before, ...filters, bound ?? '', PAGE + 1)
      .all<TaskRow>();
    const tasks = results.slice(0, PAGE).map(fromRow);
    if (results.length > PAGE) return { tasks, nextCursor: tasks.at(-1)?.id ?? null, hasStopped: false };
    // The task at the bound itself was not looked at: an id behind it begins the next piece.
    return { tasks, nextCursor: bound === null ? null : `${bound}~`, hasStopped: bound !== null };
  };
}

/** `%`, `_` and `\` as themselves. */
function escaped(text: string): string {
  return text.replaceAll(/[\\%_]/g, (character) => `\\${character}`);
}

export type TaskSearch = ReturnType<typeof createTaskSearch>;
