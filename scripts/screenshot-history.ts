import { seededRandom } from '../sandbox/upstream/random.ts';
import type { Attempt } from '../src/domain/attempt.ts';
import { firstTaskIdAt, webhookId } from '../src/domain/ids.ts';
import { OLD_COLUMNS } from '../src/store/task-columns.ts';

const HOUR_MS = 3_600_000;
const HOURS = 7 * 24;
const HOOK = 'https://hooks.example.com/videos';
const ANSWERED_AFTER_MS = 180;
const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';
/** Tasks an hour by the hour of the day: people post by day. */
const BY_HOUR = [1, 0, 0, 0, 0, 1, 2, 4, 8, 11, 12, 10, 7, 9, 13, 14, 11, 8, 6, 5, 4, 3, 2, 1];

const random = seededRandom(11);

/** A week of tasks that never were, as SQL, so that the charts of the screenshots have something to draw. */
export function historySql(now: number): string {
  const rows = Array.from({ length: HOURS - 1 }, (_, i) => {
    const startsAt = now - (HOURS - i) * HOUR_MS;
    const tasks = Math.round((BY_HOUR[new Date(startsAt).getUTCHours()] ?? 0) * (0.6 + random() * 0.8));
    return Array.from({ length: tasks }, () => rowsOf(startsAt + Math.floor(random() * HOUR_MS)));
  }).flat();
  return rows.join('\n');
}

/** A task, and its callback that was delivered at once. */
function rowsOf(createdAt: number): string {
  const id = firstTaskIdAt(createdAt) + Array.from({ length: 16 }, digit).join('');
  const completedAt = createdAt + 45_000 + Math.floor(random() * 90_000);
  const latencyMs = Math.floor(600 + random() * 1_800 + (random() < 0.08 ? random() * 6_000 : 0));
  const hasFailed = random() < 0.03;
  const state = hasFailed ? 'failed' : 'succeeded';
  const whose = { client_id: text('client_history') };
  const task = {
    id: text(id),
    ...whose,
    account_id: text('operator'),
    model: text('seedance-2.0-reference-to-video'),
    input: text('{"prompt":"A week ago","resolution":"720p","duration":5}'),
    metadata: text('{}'),
    estimated_credits: '400',
    created_at: createdAt,
    deadline_at: createdAt + 24 * HOUR_MS,
    revision: 3,
    state: text(state),
    tries: 0,
    submitted_at: createdAt + 300,
    completed_at: completedAt,
    error_code: hasFailed ? text('upstream_failed') : 'null',
    callback_url: text(HOOK),
    callback_host: text(new URL(HOOK).host),
    callback_format: text('event'),
    ...Object.fromEntries(OLD_COLUMNS.map((column) => [column, 0])),
  };
  const delivery = {
    id: text(webhookId(id)),
    task_id: text(id),
    ...whose,
    kind: text('callback'),
    event: text(`task.${state}`),
    url: text(HOOK),
    host: text(new URL(HOOK).host),
    created_at: completedAt,
    occurred_at: completedAt,
    revision: 1,
    state: text('delivered'),
    attempts: 1,
    last_status: 200,
    last_attempt_at: completedAt + latencyMs - ANSWERED_AFTER_MS,
    delivered_at: completedAt + latencyMs,
    first_attempt: text(JSON.stringify(firstAttempt(completedAt + latencyMs))),
  };
  return `${insert('tasks', task)}\n${insert('deliveries', delivery)}`;
}

function firstAttempt(deliveredAt: number): Attempt {
  return {
    number: 1,
    at: deliveredAt - ANSWERED_AFTER_MS,
    status: 200,
    durationMs: ANSWERED_AFTER_MS,
    outcome: 'delivered',
    detail: 'Answered 200; delivered.',
    nextAttemptAt: null,
  };
}

function insert(table: string, values: Readonly<Record<string, string | number>>): string {
  return `insert into ${table} (${Object.keys(values).join(', ')}) values (${Object.values(values).join(', ')});`;
}

/** A text of SQL. */
function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

function digit(): string {
  return CROCKFORD[Math.floor(random() * CROCKFORD.length)] ?? '0';
}
