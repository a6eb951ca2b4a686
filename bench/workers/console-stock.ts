import { firstTaskIdAt } from '../../src/domain/ids.ts';
import { OLD_COLUMNS } from '../../src/store/task-columns.ts';

const CLIENTS = 50;
const TASKS = 100_000;
const DAYS = 30;
const DAY_MS = 86_400_000;
/** A statement's share: D1 lets one run for so long only. */
const BATCH = 100;

/** Five receivers a client. One task in a hundred was never called back, at one of two of them. */
const HOSTS = `'hooks-' || (n % ${CLIENTS}) || '-' || (n / ${CLIENTS} % 5) || '.example.com'`;
/** The newest run, or wait for a slot. */
const RUNNING = 150;
const QUEUED = 50;

/** A month of 50 clients: nearly all tasks have ended, were called back and are counted; the newest run or wait, and some callbacks wait. */
export async function fillConsole(db: D1Database, now: number): Promise<void> {
  await db
    .prepare(
      `insert into clients (id, name, key_hash, signing_secret, account_id, created_at)
       with recursive row (n) as (select 0 union all select n + 1 from row where n + 1 < ?1)
       select printf('client_%026d', n), 'Client ' || n, 'h' || n, 's', 'operator', ?2 from row`,
    )
    .bind(CLIENTS, now)
    .run();
  for (let from = 0; from < TASKS; from += BATCH) {
    const at = now - Math.round(((TASKS - from) / TASKS) * DAYS * DAY_MS);
    await db.batch([tasks(db, from, at, now), deliveries(db, at, now)]);
  }
  await db.batch([
    db.prepare(
      `insert into usage (day, client_id, model, client_name, succeeded, failed, canceled, credits)
       select date(created_at / 1000, 'unixepoch'), client_id, model, '', sum(state = 'succeeded'), sum(state = 'failed'),
         sum(state = 'canceled'), sum(estimated_credits)
       from tasks where completed_at is not null group by 1, 2, 3`,
    ),
    db
      .prepare(
        `insert into audit (id, at, what, client_id, address, detail)
         with recursive row (n) as (select 0 union all select n + 1 from row where n < 500)
         select printf('audit_%026d', n), ?1, 'client.changed', printf('client_%026d', n % ${CLIENTS}), '192.0.2.7', 'name' from row`,
      )
      .bind(now),
    db
      .prepare(
        `insert into subscriptions (id, client_id, identity, url, host, relay_host, events, format, state, created_at, active_since)
         with recursive row (n) as (select 0 union all select n + 1 from row where n + 1 < 20 * ${CLIENTS})
         select printf('sub_%026d', n), printf('client_%026d', n % ${CLIENTS}), 'i' || n, 'https://hooks.example.com/' || n, 'hooks.example.com',
           'relay.example.com', '["task.succeeded"]', 'json', iif(n % 100 = 7, 'stopped', 'active'), ?1, ?1 from row`,
      )
      .bind(now),
    db
      .prepare(
        `insert into refused_hours (client_id, reason, hour, count)
       with recursive row (n) as (select 0 union all select n + 1 from row where n < 30 * 24)
       select clients.id, 'validation-failed', ?1 - n * 3600000, 3 from row, clients where clients.id like '%0'`,
      )
      .bind(now - (now % 3_600_000)),
  ]);
}

function tasks(db: D1Database, from: number, at: number, now: number): D1PreparedStatement {
  const columns = [
    'id',
    'client_id',
    'account_id',
    'model',
    'input',
    'metadata',
    'estimated_credits',
    'created_at',
    'deadline_at',
    'revision',
    'due_at',
    'state',
    'tries',
    'upstream_task_id',
    'submitted_at',
    'completed_at',
    'callback_url',
    'callback_host',
    'callback_format',
    'error_code',
    'error_message',
    'queue_reason',
    'search_value',
    'is_counted',
    ...OLD_COLUMNS,
  ];
  // Of those that have ended one in twenty failed, and one in 97 was canceled.
  const isQueued = `${TASKS} - n <= ${QUEUED}`;
  const isOpen = `${TASKS} - n <= ${RUNNING + QUEUED}`;
  const state = `case when ${isQueued} then 'queued' when ${isOpen} then 'running' when n % 20 = 0 then 'failed' when n % 97 = 0 then 'canceled'
    else 'succeeded' end`;
  return db
    .prepare(
      `insert into tasks (${columns.join(', ')})
       with recursive row (n) as (select cast(?1 as integer) union all select n + 1 from row where n + 1 < ?1 + ${BATCH})
       select ?2 || printf('%016d', n), printf('client_%026d', n % ${CLIENTS}), 'operator', iif(n % 3 = 0, 'gpt-image-2-text-to-image', 'seedance-2.0-reference-to-video'),
         '{"prompt":"A red fox walks through fresh snow","resolution":"720p","duration":5}', json_object('order', 'order-' || n),
         400, ?3, ?4 + ${DAY_MS}, 2, iif(${isOpen} and not ${isQueued}, ?4 + 5000, null), ${state}, 0,
         'up' || n, ?3, iif(${isOpen}, null, ?3 + 90000), 'https://' || ${HOSTS} || '/hook', ${HOSTS}, 'event',
         iif(n % 20 = 0 and not ${isOpen}, 'upstream_failed', null), iif(n % 20 = 0, 'no', null), iif(${isQueued}, 'full', null), 'order-' || n, 1, ${OLD_COLUMNS.map(() => '0').join(', ')}
       from row`,
    )
    .bind(from, firstTaskIdAt(at), at, now);
}

/** Of a hundred callbacks one was given up; of the newest thousand one in twenty is being tried again. */
function deliveries(db: D1Database, at: number, now: number): D1PreparedStatement {
  const number = 'cast(substr(tasks.id, -16) as integer)';
  const state = `case when ${number} % 100 = 7 then 'failed' when ${number} > ${TASKS} - 1000 and ${number} % 20 = 3 then 'pending' else 'delivered' end`;
  return db
    .prepare(
      `insert into deliveries (id, task_id, client_id, kind, event, url, host, created_at, occurred_at, revision, state, due_at, attempts, last_status,
         last_attempt_at, delivered_at, first_attempt_at)
       select 'msg_' || substr(id, 6), id, client_id, 'callback', 'task.' || state, callback_url, callback_host, completed_at, completed_at, 1,
         became, iif(became = 'pending', ?2 + 60000, null), iif(became = 'delivered', 1, 4), iif(became = 'delivered', 200, 503),
         completed_at + 900, iif(became = 'delivered', completed_at + 400 + ${number} % 600, null), completed_at + 500
       from (select tasks.*, ${state} as became from tasks where id >= ?1 and id < ?1 || '~' and completed_at is not null) as tasks`,
    )
    .bind(firstTaskIdAt(at), now);
}
