import { OLD_COLUMNS } from '../../src/store/task-columns.ts';
import type { StockRequest } from './shapes.ts';

const DAY_MS = 86_400_000;
const HOST = 'hooks.example.com';
/** More than is ever run, so that those that wait are many. */
const SLOTS = 500;

/** Rows as they stand when much is going on at once, of as many clients as asked for. */
export async function fill(db: D1Database, stock: StockRequest, now: number): Promise<void> {
  const { running, queued, pending } = stock;
  const dueAt = stock.isDue ? now - 1_000 : now + 60_000;
  await db.batch([
    insertTasks(db, stock, { state: 'running', prefix: 'r', count: running, dueAt, now }),
    insertTasks(db, stock, { state: 'queued', prefix: 'q', count: queued, dueAt: null, now }),
    insertTasks(db, stock, { state: 'succeeded', prefix: 'e', count: pending, dueAt: null, now }),
    db
      .prepare(
        `insert into deliveries (id, task_id, client_id, kind, event, url, host, created_at, occurred_at, revision, due_at, state,
           attempts, last_status, last_attempt_at, first_attempt_at)
         select 'msg_' || substr(id, 6), id, client_id, 'callback', 'task.succeeded', callback_url, callback_host, ?1, ?1, 1,
           ?2, 'pending', 3, ?3, ?1, ?1 from tasks where state = 'succeeded'`,
      )
      .bind(
        now - 600_000,
        stock.receiver === 'failing' ? now + 60_000 : now - 1_000,
        stock.receiver === 'failing' ? 500 : null,
      ),
    db
      .prepare(
        `insert into receivers (host, client_id, answered_at, silences, open_until, observed_at)
         select distinct '${HOST}', client_id, ?1, ?2, ?3, ?1 from tasks`,
      )
      .bind(now - 1_000, stock.receiver === 'dead' ? 10 : 0, stock.receiver === 'dead' ? now + 60_000 : null),
    db
      .prepare(`update upstream_keys set active_limit = ?1, refused_at = ?2 where id = 'operator'`)
      .bind(SLOTS, now - 1_000),
  ]);
}

interface Rows {
  readonly state: string;
  readonly prefix: string;
  readonly count: number;
  readonly dueAt: number | null;
  readonly now: number;
}

function insertTasks(
  db: D1Database,
  { clients }: StockRequest,
  { state, prefix, count, dueAt, now }: Rows,
): D1PreparedStatement {
  return db
    .prepare(
      `insert into tasks (id, client_id, account_id, model, input, metadata, created_at, deadline_at, revision, due_at,
         state, queue_reason, tries, upstream_task_id, submitted_at, completed_at, callback_url, callback_host, callback_format,
         ${OLD_COLUMNS.join(', ')})
       with recursive row (n) as (select 0 where ?1 > 0 union all select n + 1 from row where n + 1 < ?1)
       select printf('task_${prefix}%020d', n), printf('client_%06d', n % ?2), 'operator', 'seedance-2.0-reference-to-video',
         '{"prompt":"A red fox walks through fresh snow","resolution":"720p","duration":5}', '{}', ?3, ?3 + ${DAY_MS},
         1, ?4, ?5, iif(?5 = 'queued', 'full', null), 0, iif(?5 = 'queued', null, printf('${prefix}%020d', n)), ?3,
         iif(?5 = 'succeeded', ?3, null), 'https://${HOST}/hook', '${HOST}', 'event', ${OLD_COLUMNS.map(() => '0').join(', ')}
       from row`,
    )
    .bind(count, clients, now - 60_000, dueAt, state);
}
