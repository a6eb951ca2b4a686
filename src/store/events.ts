import type { GivenUp } from '../domain/delivery.ts';
import { isAlert } from '../domain/events/event.ts';
import type { Alert, EventType } from '../domain/events/event.ts';
import { firstTaskIdAt } from '../domain/ids.ts';
import type { Task } from '../domain/task.ts';
import { alertOf } from './delivery-row.ts';
import { OF_EVENTS, OF_TASKS } from './event-sources.ts';
import { CHANGING_COLUMNS, FIXED_COLUMNS } from './task-columns.ts';
import type { TaskRow } from './task-columns.ts';
import { fromRow } from './task-row.ts';

/** Within so long after a task was made its events are found by its id; what came later has an index of its own. */
const LATE_MS = 86_400_000;
/** Tasks, the newest first, among which a page is sought before it is told that there may be more. */
const LOOKED_AT = 5_000;
/** Of the results on a page, in characters: an isolate has 128 MB for everything. */
const MAX_CHARACTERS = 2_000_000;

/** Which events a page is of. Epoch ms. */
export interface EventFilter {
  /** Whose; null: over all clients, and what operators are told beside. */
  readonly clientId: string | null;
  readonly type: EventType | null;
  readonly taskId: string | null;
  readonly since: number;
  readonly limit: number;
  /** The page is of what was recorded before this; among what was recorded at the same instant, by the event's id. */
  readonly before: EventPlace;
}

/** Where an event stands in the order of all. */
export interface EventPlace {
  readonly at: number;
  readonly eventId: string;
}

/** An event as it is stored; `task` is null for an alert. */
export interface StoredEvent extends EventPlace {
  readonly type: EventType;
  readonly task: Task | null;
  readonly givenUp: GivenUp | null;
  readonly alert: Alert | null;
}

export interface EventPage {
  readonly events: readonly StoredEvent[];
  /** Where the next page goes on; null where this is the last. */
  readonly next: EventPlace | null;
}

interface EventRow {
  event_id: string;
  task_id: string | null;
  type: EventType;
  at: number;
  about: string | null;
  size: number;
}

/** The filter, of rows that have an instant, an id and a type. `?1` to `?4`: before, its id, since, type. */
const MATCHES = `(at < ?1 or (at = ?1 and event_id < ?2)) and at >= ?3 and (?4 is null or type = ?4)`;

/** A list of what happened, newest first, from what is stored anyhow: no row is written for it. */
export function createEventStore(db: D1Database) {
  return {
    async list(filter: EventFilter): Promise<EventPage> {
      const { before, type, limit } = filter;
      const floor = await floorOf(db, filter);
      const since = Math.max(filter.since, floor);
      const { results } = await db
        .prepare(
          `select *, coalesce((select length(result_json) from tasks where id = task_id), 0) as size from (
             ${sourcesOf(filter)}) where ${MATCHES} order by at desc, event_id desc limit ?9`,
        )
        .bind(before.at, before.eventId, since, type, ...scopeOf(filter, floor), limit + 1)
        .all<EventRow>();
      const shown = firstWithin(results.slice(0, limit));
      const events = await withTasks(db, shown);
      const last = shown.at(-1);
      if (results.length > shown.length && last !== undefined)
        return { events, next: { at: last.at, eventId: last.event_id } };
      return { events, next: floor > filter.since ? { at: floor, eventId: '' } : null };
    },
  };
}

export type EventStore = ReturnType<typeof createEventStore>;

/** `?5` to `?8`: the client, the first and the last task id that are looked at, and the task that is asked for. */
function scopeOf({ clientId, taskId, before }: EventFilter, floor: number) {
  const first = taskId ?? firstTaskIdAt(Math.max(0, floor - LATE_MS));
  return [clientId, first, taskId ?? firstTaskIdAt(before.at + 1), taskId] as const;
}

function sourcesOf({ clientId, taskId }: EventFilter): string {
  const mine = clientId === null ? '' : 'client_id = ?5 and ';
  if (taskId !== null)
    return `${OF_TASKS(`select * from tasks where ${mine}id = ?8`)}
      union all ${OF_EVENTS(`select * from events where ${mine}task_id is not null
        and id >= 'evt_' || substr(?8, 6) and id < 'evt_' || substr(?8, 6) || '~'`)}`;
  const late = (column: string) =>
    OF_TASKS(`select * from tasks where ${mine}${column} > created_at + ${LATE_MS}
      and ${column} >= ?3 and ${column} <= ?1`);
  // A task may be found both ways: a union tells it once.
  return `select * from (${OF_TASKS(`select * from tasks where ${mine}id >= ?6 and id < ?7`)}
      union ${late('recorded_at')} union ${late('submitted_at')})
    union all ${OF_EVENTS(`select * from events where ${mine === '' ? '' : `${mine}task_id is not null and `}recorded_at >= ?3
      and recorded_at <= ?1`)}`;
}

/**
 * The newest events belong to the newest tasks, or nearly so: before which instant nothing of the page can have been recorded. Of the
 * tasks whose ids are the newest, as many events as the page has; what was recorded after the oldest of those is to be looked at, of
 * whatever task. Zero where all has to be looked at.
 */
async function floorOf(db: D1Database, filter: EventFilter): Promise<number> {
  const { clientId, taskId, before, since, type, limit } = filter;
  if (taskId !== null) return 0;
  const scope = `from tasks where ${clientId === null ? '' : 'client_id = ?5 and '}id < ?6 order by id desc`;
  const newest = `select min(at) as floor, count(*) as n from (
    select at from (${OF_TASKS(`select * ${scope} limit ${LOOKED_AT}`)}) where ${MATCHES} limit ?7)`;
  const last = `select created_at ${scope.replaceAll('?5', '?1').replaceAll('?6', '?2')} limit 1 offset ${LOOKED_AT - 1}`;
  const end = firstTaskIdAt(before.at + 1);
  const [found, lastLooked] = await db.batch<{ floor: number | null; n: number; created_at: number }>([
    db.prepare(newest).bind(before.at, before.eventId, since, type, clientId, end, limit + 1),
    db.prepare(last).bind(clientId, end),
  ]);
  const row = found?.results[0];
  if (row !== undefined && row.floor !== null && row.n > limit) return row.floor;
  return lastLooked?.results[0]?.created_at ?? 0;
}

function firstWithin(rows: readonly EventRow[]): EventRow[] {
  let characters = 0;
  const over = rows.findIndex(({ size }, i) => (characters += size) > MAX_CHARACTERS && i > 0);
  return rows.slice(0, over === -1 ? rows.length : over);
}

async function withTasks(db: D1Database, rows: readonly EventRow[]): Promise<StoredEvent[]> {
  const ids = Array.from(new Set(rows.flatMap(({ task_id: id }) => id ?? [])));
  const columns = [...FIXED_COLUMNS, ...CHANGING_COLUMNS].map((name) =>
    name === 'input' ? `'{}' as input` : name,
  );
  const { results } = await db
    .prepare(
      `select ${columns.join(', ')} from tasks where id in (select value from json_each(?1)) limit ${ids.length}`,
    )
    .bind(JSON.stringify(ids))
    .all<TaskRow>();
  const tasks = new Map(results.map((row) => [row.id, fromRow(row)]));
  return rows.flatMap(({ event_id: eventId, task_id: taskId, type, at, about }) => {
    const alert = isAlert(type) && about !== null ? alertOf(type, about) : null;
    const task = taskId === null ? null : (tasks.get(taskId) ?? null);
    if (task === null && alert === null) return [];
    const givenUp = about === null || alert !== null ? null : (JSON.parse(about) as GivenUp);
    return [{ eventId, type, at, task, givenUp, alert }];
  });
}
