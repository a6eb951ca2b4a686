import type { Attempt } from '../domain/attempt.ts';
import type { Delivery } from '../domain/delivery.ts';
import { CHANGING_COLUMNS, changingPart, deliveryFromRow, firstAttemptOf } from './delivery-row.ts';
import type { DeliveryRow } from './delivery-row.ts';
import { retried } from './retry.ts';
import type { Patience } from './retry.ts';

/** What is logged meanwhile, by an attempt that is under way, stays as it is. */
const LOGGED: ReadonlySet<string> = new Set(['attempts', 'last_status', 'last_attempt_at', 'refreshed_at']);
const CHANGED_COLUMNS = CHANGING_COLUMNS.filter((column) => !LOGGED.has(column));

const CHANGE = `update deliveries set ${CHANGED_COLUMNS.map((column) => `${column} = next.value ->> '${column}'`).join(', ')}
  from json_each(?1) as next
  where deliveries.id = next.value ->> 'id' and deliveries.revision = (next.value ->> 'revision') - 1`;

/** As they were to be: an attempt that was settled first has the same revision, and is another change. */
const CHANGED = `select deliveries.id from json_each(?1) as next join deliveries on deliveries.id = next.value ->> 'id'
  where deliveries.revision = next.value ->> 'revision' and deliveries.state = next.value ->> 'state'
    and deliveries.due_at is next.value ->> 'due_at' and deliveries.url = next.value ->> 'url'`;

/** What is sent again is no longer given up: a notice that is still on its way is taken back. */
const TAKE_BACK = `delete from deliveries where id in (
    select d.id from json_each(?1) join deliveries as d on d.id > value || '_failed_' and d.id < value || '_failed_~'
    where d.kind = 'notice' and d.state = 'pending')`;

/** Which callbacks that were given up: of tasks that ended within a span (epoch ms, both inclusive). */
export interface FailedCallbacks {
  /** Null: of all clients. */
  readonly clientId: string | null;
  readonly since: number;
  readonly until: number;
  /** Those to this host alone. */
  readonly host?: string | null;
}

/** As SQLite spells a limit that is none. */
const ALL = -1;

/** Deliveries as their owners see and change them. */
export function createDeliveryStore(db: D1Database, patience: Patience) {
  return {
    /** One delivery; with a client id, only if it is that client's. */
    async get(id: string, clientId: string | null): Promise<Delivery | null> {
      const row = await db
        .prepare(`select * from deliveries where id = ?1 and (?2 is null or client_id = ?2)`)
        .bind(id, clientId)
        .first<DeliveryRow>();
      return row === null ? null : deliveryFromRow(row);
    },

    /** What its client, or with null anybody, is told of a task, oldest first. Ids of deliveries begin with their task's. */
    async ofTask(taskId: string, clientId: string | null): Promise<Delivery[]> {
      const first = `msg_${taskId.slice('task_'.length)}`;
      const { results } = await db
        .prepare(
          `select * from deliveries where id >= ?1 and id < ?1 || '~' and (?2 is null or client_id = ?2)
           order by created_at, id`,
        )
        .bind(first, clientId)
        .all<DeliveryRow>();
      return results.map(deliveryFromRow);
    },

    /** Callbacks that were given up, oldest end first. Those of all clients are read and sorted: for an operator's hand. */
    async failed(
      { clientId, since, until, host = null }: FailedCallbacks,
      limit: number,
    ): Promise<Delivery[]> {
      const { results } = await db
        .prepare(
          `select * from deliveries where ${clientId === null ? '?1 is null' : 'client_id = ?1'} and state = 'failed'
             and kind = 'callback' and occurred_at between ?2 and ?3 and (?5 is null or host = ?5)
           order by occurred_at, id limit ?4`,
        )
        .bind(clientId, since, until, limit, host)
        .all<DeliveryRow>();
      return results.map(deliveryFromRow);
    },

    /** Changes deliveries that are still at the revision before, by the ids that it returns. May be carried out twice. */
    async change(deliveries: readonly Delivery[]): Promise<ReadonlySet<string>> {
      if (deliveries.length === 0) return new Set();
      const rows = JSON.stringify(
        deliveries.map((delivery) => ({ id: delivery.id, ...changingPart(delivery) })),
      );
      const callbacks = deliveries.filter(({ kind }) => kind === 'callback').map(({ id }) => id);
      const statements = [
        db.prepare(CHANGE).bind(rows),
        db.prepare(CHANGED).bind(rows),
        db.prepare(TAKE_BACK).bind(JSON.stringify(callbacks)),
      ];
      const answers = await retried(patience, async () => await db.batch<{ id: string }>(statements));
      return new Set(answers[1]?.results.map(({ id }) => id));
    },

    /** The attempt log of a delivery, oldest first; or `limit` attempts of it, `after` the one with that number. */
    async attempts(id: string, { after = 0, limit = ALL } = {}): Promise<Attempt[]> {
      const [own, others] = await db.batch<DeliveryRow & Attempt>([
        db.prepare('select first_attempt from deliveries where id = ?1').bind(id),
        db
          .prepare(
            `select number, at, status, duration_ms as durationMs, outcome, detail, next_attempt_at as nextAttemptAt
             from delivery_attempts where delivery_id = ?1 and number > ?2 order by number limit ?3`,
          )
          .bind(id, after, limit),
      ]);
      const first = own?.results.flatMap((row) => firstAttemptOf(row) ?? []) ?? [];
      const all = [...first.filter(({ number }) => number > after), ...(others?.results ?? [])];
      return limit === ALL ? all : all.slice(0, limit);
    },
  };
}

export type DeliveryStore = ReturnType<typeof createDeliveryStore>;
