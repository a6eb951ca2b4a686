import { isoTime } from '../../src/domain/clock.ts';
import {
  callback,
  databaseOf,
  insert,
  insertClient,
  migrateTo,
  NOW,
  row,
  SEALED,
  succeeded,
  task,
} from './old-database.ts';
import type { Row } from './old-database.ts';
import { video } from './relay.ts';

/** Tasks without an end, each with the clock that its reason had: far off for those whom others were to wake. */
export const WAITING: Record<string, Row> = {
  accepting: { state: 'accepting', revision: 0, due_at: NOW + 25_000 },
  failing: { due_at: NOW + 16_000, tries: 4 },
  limited: { due_at: NOW + 5_000 },
  full: { due_at: NOW + 30_000 },
  behind: { due_at: NOW + 900_000 },
  'own-limit': { due_at: NOW + 1_200_000 },
  unasked: { due_at: NOW },
};
export const RUNNING = ['running', 'missing', 'of-own-key'];

export const HOOKS = 'hooks.example.com';
export const DEAD = 'dead.example.com';
const LINK = (name: string) => `{"resultUrls":["https://cdn.example.com/${name}.mp4"]}`;

/** A task without an end, of a client that has `max_active_tasks`. */
function open(name: string, changes: Row): Row {
  return row(task(name), { ...callback(name), is_limited: 1, ...changes });
}

/** An ended task and its callback: what stood in its row, besides that of an end. */
function ended(name: string, state: string, changes: Row, host = HOOKS): Row {
  return row(task(name), {
    ...succeeded,
    result_json: LINK(name),
    ...callback(name, state, host),
    due_at: null,
    ...changes,
  });
}

const tried = (attempts: number): Row => ({
  attempts,
  retries: attempts,
  last_status: 500,
  first_attempt_at: NOW - 4_000,
});
const silent = { ...tried(2), last_status: null, answer_lost: 1, due_at: NOW + 86_400_000 };
const notice = (state: string, attempts: number, tries: number): Row => ({
  ...tried(attempts),
  notice_state: state,
  notice_at: NOW - 3_000,
  notice_tries: tries,
});

/** Callbacks that are still to be sent. */
export const PENDING: Record<string, Row> = {
  due: ended('due', 'pending', { due_at: NOW - 1_000 }),
  'as-record': ended('as-record', 'pending', { due_at: NOW - 1_000, callback_format: 'record' }),
  'of-failed': ended('of-failed', 'pending', {
    due_at: NOW - 1_000,
    state: 'failed',
    result_json: null,
    error_code: 'upstream_failed',
    error_message: 'Too dark.',
    upstream_code: '501',
  }),
  retried: ended('retried', 'pending', { ...tried(2), answer_lost: 1, due_at: NOW + 30_000 }),
  claimed: ended('claimed', 'pending', { due_at: NOW + 20_000 }),
  parked: ended('parked', 'pending', { ...silent, parked_due_at: NOW - 500 }, DEAD),
  'parked-for-long': ended('parked-for-long', 'pending', { ...silent, parked_due_at: NOW + 50_000 }, DEAD),
  // Sent again, with the result to be fetched anew: upstream gives a new link, or knows it no more.
  'sent-again': ended('sent-again', 'pending', {
    attempts: 4,
    last_status: 200,
    due_at: NOW + 40_000,
    refresh: 1,
  }),
  'sent-again-late': ended('sent-again-late', 'pending', {
    attempts: 2,
    last_status: 410,
    due_at: NOW + 40_000,
    refresh: 1,
    upstream_task_id: 'up-of-long-ago',
  }),
};

/** Callbacks that are settled, and the notices of those that were given up. */
export const SETTLED: Record<string, Row> = {
  delivered: ended('delivered', 'delivered', { attempts: 1, last_status: 200, delivered_at: NOW - 2_000 }),
  'delivered-late': ended('delivered-late', 'delivered', {
    ...tried(3),
    last_status: 200,
    delivered_at: NOW - 2_000,
  }),
  untold: ended('untold', 'failed', tried(11)),
  'to-be-told': ended('to-be-told', 'failed', { ...notice('pending', 11, 0), due_at: NOW - 1_000 }),
  'to-be-told-again': ended('to-be-told-again', 'failed', {
    ...notice('pending', 3, 1),
    due_at: NOW + 30_000,
  }),
  told: ended('told', 'failed', notice('delivered', 5, 2)),
  'told-in-vain': ended('told-in-vain', 'failed', notice('failed', 5, 11)),
};

export const CALLBACKS = { ...PENDING, ...SETTLED };

export function attemptsOf({ id = null, attempts }: Row): Row[] {
  return Array.from({ length: Number(attempts) }, (_, i) => ({
    task_id: id,
    number: i + 1,
    at: NOW - 4_000 + i,
    status: 500,
    duration_ms: 9,
    outcome: 'retry',
    detail: `The ${i + 1}.`,
    next_attempt_at: NOW,
  }));
}

/** The release with these migrations kept callbacks in their tasks' rows, and is what wrote this stock. */
const LAST_WITHOUT_DELIVERIES = 11;

export async function databaseBefore(migrations: number): Promise<void> {
  await databaseOf(Math.min(migrations, LAST_WITHOUT_DELIVERIES));
  await insertClient();
  const key = {
    id: 'operator',
    submit_paused_until: NOW + 5_000,
    poll_paused_until: NOW + 4_000,
    active_limit: 3,
    refused_at: NOW - 20_000,
    ended_since_refusal: 2,
    poll_interval_ms: 500,
    poll_limited_at: NOW - 60_000,
  };
  await insert('accounts', [
    key,
    { id: 'account_upgrade', sealed_key: SEALED.upstreamKey, saved_at: NOW - 86_400_000 },
  ]);
  await insert('tasks', [
    ...Object.entries(WAITING).map(([name, changes]) =>
      open(name, {
        state: 'queued',
        queue_reason: name === 'accepting' ? null : name,
        tries: 1,
        problem: 'waits',
        ...changes,
      }),
    ),
    ...RUNNING.map((name) =>
      open(name, {
        state: 'running',
        submitted_at: NOW - 50_000,
        missing_since: name === 'missing' ? NOW - 1_000 : null,
        account_id: name === 'of-own-key' ? 'account_upgrade' : 'operator',
        due_at: NOW + 3_000,
      }),
    ),
    ...Object.values(CALLBACKS).map((each) =>
      // Before callbacks stood aside, their clock stayed.
      migrations < 9 && each['parked_due_at'] ? { ...each, due_at: each['parked_due_at'] } : each,
    ),
    row('task_01kah0000000000000000000a1', {
      ...succeeded,
      ...callback('sealed', 'pending'),
      callback_headers: SEALED.headers,
    }),
    row(task('canceled'), { state: 'canceled', completed_at: NOW - 5_000, due_at: null }),
  ]);
  await insert('attempts', Object.values(CALLBACKS).flatMap(attemptsOf));
  await insert('hosts', [
    { host: HOOKS, answered_at: NOW - 2_000, silences: 0, openings: 0 },
    {
      host: DEAD,
      answered_at: NOW - 900_000,
      silences: 12,
      silent_since: NOW - 600_000,
      open_until: NOW + 15_000,
      openings: 2,
    },
  ]);
  // What later releases have written came by the migration that made deliveries of it.
  await migrateTo(migrations);
}

/** What the old code would have sent, byte for byte. */
export function bodyOf(name: string, changes: Record<string, unknown> = {}): string {
  const urls = name === 'of-failed' ? [] : [`https://cdn.example.com/${name}.mp4`];
  const isFailed = name === 'of-failed';
  const about = {
    id: task(name),
    model: video().model,
    state: isFailed ? 'failed' : 'succeeded',
    ...changes,
  };
  return JSON.stringify({
    type: `task.${about.state}`,
    event_id: task(name).replace('task_', 'evt_'),
    timestamp: isoTime(NOW - 5_000),
    ...about,
    result_url: urls[0] ?? null,
    result_urls: urls,
    source_urls: urls,
    error_code: isFailed ? 'upstream_failed' : null,
    error_message: isFailed ? 'Too dark.' : null,
    metadata: { row: '42' },
    estimated_credits: null,
    created_at: isoTime(NOW - 60_000),
    submitted_at: isoTime(NOW - 50_000),
    completed_at: isoTime(NOW - 5_000),
    duration_ms: 55_000,
  });
}

export const RECORD = JSON.stringify({
  code: 200,
  msg: 'success',
  data: {
    taskId: task('as-record'),
    model: video().model,
    state: 'success',
    param: JSON.stringify({ model: video().model, input: { ...video().input, prompt: task('as-record') } }),
    resultJson: LINK('as-record'),
    failCode: null,
    failMsg: null,
    costTime: 55_000,
    completeTime: NOW - 5_000,
    createTime: NOW - 60_000,
  },
});

export function noticeBody(name: string, attempts: number): string {
  const {
    type: _type,
    event_id: eventId,
    timestamp: _timestamp,
    id,
    model,
    state,
    ...outcome
  } = JSON.parse(bodyOf(name));
  return JSON.stringify({
    type: 'callback.failed',
    event_id: `${eventId}_givenup_${attempts}`,
    timestamp: isoTime(NOW - 3_000),
    id,
    model,
    state,
    callback_url: `https://${HOOKS}/${name}`,
    attempts,
    last_status: 500,
    ...outcome,
  });
}

export const webhookId = (name: string) => task(name).replace('task_', 'msg_');
