import { env } from 'cloudflare:workers';
import type { Row } from './old-database.ts';

/* What the release before deliveries wrote, statement by statement: it goes on to do so until the new code is up. */

const CHANGING = [
  'revision', 'due_at', 'parked_due_at', 'problem', 'polls', 'polled_at', 'state', 'queue_reason', 'tries', 'upstream_task_id',
  'submitted_at', 'missing_since', 'unlinked_since', 'completed_at', 'cost_time_ms', 'result_json', 'error_code', 'error_message',
  'upstream_code', 'callback_state', 'attempts', 'last_status', 'delivered_at', 'first_attempt_at', 'retries', 'quick_retries',
  'answer_lost', 'refresh', 'notice_state', 'notice_at', 'notice_tries',
]; // prettier-ignore
const FIXED = [
  'id', 'client_id', 'account_id', 'model', 'input', 'metadata', 'idempotency_key', 'fingerprint', 'estimated_credits', 'created_at',
  'deadline_at', 'callback_url', 'callback_headers', 'callback_format', 'relay_host', 'callback_host',
]; // prettier-ignore
const NUMBERS = [
  'polls',
  'tries',
  'attempts',
  'retries',
  'quick_retries',
  'answer_lost',
  'refresh',
  'notice_tries',
];

const LAST_NUMBER = `coalesce((select max(number) from attempts where task_id = tasks.id), 0)`;
const COLUMNS = [...FIXED, ...CHANGING];

const INSERT = `insert into tasks (${COLUMNS.join(', ')}, is_limited)
  select ${COLUMNS.map((column) => `value ->> '${column}'`).join(', ')}, exists (
    select 1 from clients where id = value ->> 'client_id' and max_active_tasks is not null)
  from json_each(?1) where true on conflict do nothing returning revision`;
const CLAIM = `update tasks set due_at = claim.value ->> 'until', parked_due_at = null, polls = claim.value ->> 'polls',
    polled_at = claim.value ->> 'polled_at'
  from json_each(?1) as claim
  where tasks.id = claim.value ->> 'id' and coalesce(tasks.parked_due_at, tasks.due_at) = claim.value ->> 'due_at'
    and tasks.revision = claim.value ->> 'revision' returning tasks.id`;
const LOG_ATTEMPTS = `insert or ignore into attempts
  (task_id, number, at, status, duration_ms, outcome, detail, next_attempt_at)
  select a.value ->> 'taskId', max(a.value ->> 'number', ${LAST_NUMBER} + 1), a.value ->> 'at',
    a.value ->> 'status', a.value ->> 'durationMs', a.value ->> 'outcome', a.value ->> 'detail', a.value ->> 'nextAttemptAt'
  from json_each(?1) as a join tasks on tasks.id = a.value ->> 'taskId'
  where tasks.revision = (a.value ->> 'revision') - 1`;
const SETTLE = `update tasks set
  ${CHANGING.map((column) => `${column} = ${column === 'attempts' ? `max(next.value ->> 'attempts', ${LAST_NUMBER})` : `next.value ->> '${column}'`}`).join(', ')}
  from json_each(?1) as next
  where tasks.id = next.value ->> 'id' and tasks.revision = (next.value ->> 'revision') - 1 returning tasks.id`;
const LOG_LATE = `insert into attempts
  (task_id, number, at, status, duration_ms, outcome, detail, next_attempt_at)
  select id, max(attempts, coalesce((select max(number) from attempts where task_id = ?1), 0)) + 1,
    ?2, ?3, ?4, ?5, ?6, ?7
  from tasks where id = ?1 and not exists (select 1 from attempts where task_id = ?1 and at = ?2)`;
const COUNT_LATE = `update tasks set attempts = late.number, last_status = ?3
  from (select number from attempts where task_id = ?1 and at = ?2) as late
  where id = ?1 and tasks.attempts < late.number`;
const KEEP_HOSTS = `insert into hosts (host, answered_at, silences, silent_since, open_until, openings, is_slow)
  select value ->> 0, value ->> '$[1].answeredAt', value ->> '$[1].silences', value ->> '$[1].silentSince',
    value ->> '$[1].openUntil', value ->> '$[1].openings', value ->> '$[1].isSlow'
  from json_each(?1) where true
  on conflict (host) do update set answered_at = excluded.answered_at, silences = excluded.silences,
    silent_since = excluded.silent_since, open_until = excluded.open_until, openings = excluded.openings, is_slow = excluded.is_slow`;
const PARK = `update tasks set parked_due_at = coalesce(parked_due_at, due_at), due_at = opened.value ->> 'parkedUntil'
  from json_each(?1) as opened
  where (completed_at is not null) = 1 and due_at is not null and due_at < ?2
    and callback_host = opened.value ->> 'host' and callback_state = 'pending'`;
const UNPARKED = `set due_at = parked_due_at, parked_due_at = null
  where parked_due_at is not null and due_at is not null`;
const KEEP_FIRST = `update tasks ${UNPARKED} and id in (
  select (select id from tasks where callback_host = opened.value ->> 'host' and parked_due_at is not null
      and due_at is not null order by parked_due_at limit 1)
    from json_each(?1) as opened)`;
const UNPARK = `update tasks ${UNPARKED} and callback_host in (select value from json_each(?1))`;
const SAVE_KEY = `insert into accounts (id, sealed_key, saved_at) values (?1, ?2, ?3)
  on conflict (id) do update set sealed_key = excluded.sealed_key, saved_at = excluded.saved_at`;
const PAUSE = `insert into accounts (id, submit_paused_until) values (?1, ?2)
  on conflict (id) do update set submit_paused_until = max(submit_paused_until, excluded.submit_paused_until)`;
const REFUSED = `insert into accounts (id, active_limit, refused_at)
  select ?1, nullif((select count(*) from tasks where account_id = ?1 and state = 'running'), 0), ?2
  where true on conflict (id) do update set active_limit = excluded.active_limit, refused_at = excluded.refused_at,
    ended_since_refusal = 0`;

async function write(sql: string, ...values: (string | number | null)[]): Promise<unknown[]> {
  return (
    await env.DB.prepare(sql)
      .bind(...values)
      .all()
  ).results;
}

/** An attempt as it was logged with its settlement. */
export interface OldAttempt {
  readonly at: number;
  readonly status: number | null;
  readonly outcome: string;
  readonly nextAttemptAt?: number;
}

/** The code of before, at work over the database as it is. A task is a row. */
export const oldCode = {
  insert: async (task: Row): Promise<void> => {
    const zeros = Object.fromEntries(NUMBERS.map((name) => [name, 0]));
    await write(INSERT, JSON.stringify([{ ...zeros, ...task }]));
  },

  /** The task after a transition, written where it is at the revision before; and the attempt that it settles. */
  settle: async (task: Row, attempt?: OldAttempt): Promise<void> => {
    const logged = { durationMs: 9, detail: 'As it was.', nextAttemptAt: null, ...attempt };
    const { id, revision } = task;
    const log = JSON.stringify([{ ...logged, taskId: id, revision, number: task['attempts'] }]);
    const zeros = Object.fromEntries(NUMBERS.map((name) => [name, 0]));
    await env.DB.batch([
      ...(attempt === undefined ? [] : [env.DB.prepare(LOG_ATTEMPTS).bind(log)]),
      env.DB.prepare(SETTLE).bind(JSON.stringify([{ ...zeros, ...task }])),
    ]);
  },

  /** Whether it was claimed: it still was as this row says. */
  claim: async (
    { id = null, due_at: dueAt = null, revision = null }: Row,
    until: number,
  ): Promise<boolean> => {
    const claim = { id, due_at: dueAt, revision, until, polls: 0, polled_at: null };
    return (await write(CLAIM, JSON.stringify([claim]))).length > 0;
  },

  logLate: async (id: string, { at, status, outcome }: OldAttempt): Promise<void> => {
    await write(LOG_LATE, id, at, status, 9, outcome, 'It came late.', null);
    await write(COUNT_LATE, id, at, status);
  },

  /** A host's breaker opens: its callbacks stand aside. */
  open: async (host: string, health: Row & { openUntil: number }, parkedUntil: number): Promise<void> => {
    const opened = JSON.stringify([{ host, openUntil: health.openUntil, parkedUntil }]);
    await write(KEEP_HOSTS, JSON.stringify([[host, health]]));
    await write(PARK, opened, health.openUntil);
    await write(KEEP_FIRST, opened);
  },

  /** A host answers: its callbacks are due when they would have been. */
  answered: async (host: string, at: number): Promise<void> => {
    const health = {
      answeredAt: at,
      silences: 0,
      silentSince: null,
      openUntil: null,
      openings: 0,
      isSlow: 0,
    };
    await write(KEEP_HOSTS, JSON.stringify([[host, health]]));
    await write(UNPARK, JSON.stringify([host]));
  },

  erase: async (id: string): Promise<unknown> =>
    await write('delete from tasks where id = ?1 and completed_at is not null', id),
  saveKey: async (id: string, sealed: string, at: number): Promise<unknown> =>
    await write(SAVE_KEY, id, sealed, at),
  pauseSubmits: async (id: string, until: number): Promise<unknown> => await write(PAUSE, id, until),
  refused: async (id: string, at: number): Promise<unknown> => await write(REFUSED, id, at),
};
