import { seededRandom } from '../sandbox/upstream/random.ts';
import { firstTaskIdAt } from '../src/domain/ids.ts';

const HOUR_MS = 3_600_000;
const HOURS = 7 * 24;
const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';
/** Tasks an hour by the hour of the day: people post by day. */
const BY_HOUR = [1, 0, 0, 0, 0, 1, 2, 4, 8, 11, 12, 10, 7, 9, 13, 14, 11, 8, 6, 5, 4, 3, 2, 1];

const random = seededRandom(11);

/** A week of tasks that never were, as SQL, so that the charts of the screenshots have something to draw. */
export function historySql(now: number): string {
  const rows = Array.from({ length: HOURS - 1 }, (_, i) => {
    const startsAt = now - (HOURS - i) * HOUR_MS;
    const tasks = Math.round((BY_HOUR[new Date(startsAt).getUTCHours()] ?? 0) * (0.6 + random() * 0.8));
    return Array.from({ length: tasks }, () => row(startsAt + Math.floor(random() * HOUR_MS)));
  }).flat();
  return rows.join('\n');
}

function row(createdAt: number): string {
  const completedAt = createdAt + 45_000 + Math.floor(random() * 90_000);
  const latencyMs = Math.floor(600 + random() * 1_800 + (random() < 0.08 ? random() * 6_000 : 0));
  const hasFailed = random() < 0.03;
  const columns = {
    id: text(firstTaskIdAt(createdAt) + Array.from({ length: 16 }, digit).join('')),
    client_id: text('client_history'),
    account_id: text('operator'),
    model: text('seedance-2.0-reference-to-video'),
    input: text('{"prompt":"A week ago","resolution":"720p","duration":5}'),
    metadata: text('{}'),
    estimated_credits: '400',
    created_at: createdAt,
    deadline_at: createdAt + 24 * HOUR_MS,
    revision: 3,
    state: text(hasFailed ? 'failed' : 'succeeded'),
    tries: 0,
    submitted_at: createdAt + 300,
    completed_at: completedAt,
    error_code: hasFailed ? text('upstream_failed') : 'null',
    callback_url: text('https://hooks.example.com/videos'),
    callback_format: text('event'),
    callback_state: text('delivered'),
    attempts: 1,
    last_status: 200,
    delivered_at: completedAt + latencyMs,
    retries: 0,
    quick_retries: 0,
    answer_lost: 0,
    refresh: 0,
    notice_tries: 0,
  };
  return `insert into tasks (${Object.keys(columns).join(', ')}) values (${Object.values(columns).join(', ')});`;
}

/** A text of SQL. */
function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

function digit(): string {
  return CROCKFORD[Math.floor(random() * CROCKFORD.length)] ?? '0';
}
