import type { Task } from '../domain/task.ts';
import type { ReceiverHealth } from '../domain/receivers/health.ts';
import type { UpstreamKey } from '../domain/upstream-key.ts';
import { CLOCKED_PAIRS } from './fetch-pairs.ts';
import { CLOCKED, KEY_JSON } from './lane-rules.ts';
import { HEALTH_JSON, healthOf } from './receiver-row.ts';
import { CHANGING_COLUMNS, FIXED_COLUMNS } from './task-columns.ts';
import type { TaskRow } from './task-columns.ts';
import { fromRow } from './task-row.ts';

/** A task that is leased, with its upstream key, and what is known of the receiver that its end is told to. */
export interface LeasedTask {
  readonly task: Task;
  readonly key: UpstreamKey | null;
  readonly health: ReceiverHealth | null;
}

type LeasedRow = TaskRow & { key_json: string | null; receiver_json: string | null };

/** Of a prompt chats are told the start, and files are named by its first words: so many characters are more than that. */
const PROMPT_CHARACTERS = 400;

/** An input with nothing in it but the start of its prompt; as text, also within other JSON. */
export function promptOf(input: string): string {
  return `('' || json_object('prompt', substr(${input} ->> '$.prompt', 1, ${PROMPT_CHARACTERS})))`;
}

/**
 * A running task is brought without its input, which may be a quarter of a million characters, but for what durations are
 * learned by, what chats are told and files named by; and whole where its callback repeats the input.
 */
const INPUT = `case when state = 'running' and coalesce(callback_format, '') <> 'record'
  then json_object('resolution', input -> '$.resolution', 'duration', input -> '$.duration',
    'prompt', substr(input ->> '$.prompt', 1, ${PROMPT_CHARACTERS})) else input end as input`;

/** What a lease of tasks returns. */
export const LEASED_COLUMNS = [
  ...FIXED_COLUMNS.map((column) => (column === 'input' ? INPUT : column)),
  ...CHANGING_COLUMNS,
  `(select ${KEY_JSON} from upstream_keys as k where k.id = account_id) as key_json`,
  `(select ${HEALTH_JSON} from receivers as r where r.host = callback_host and r.client_id = tasks.client_id) as receiver_json`,
].join(', ');

/** Of `pairs`, those of which something may be due: what the others hold does not take from anybody's share. */
const DUE_PAIRS = `due_pairs (key_id, client_id) as materialized (
    select key_id, client_id from pairs where (
      select min(max(due_at, leased_until)) from tasks where ${CLOCKED} and account_id = key_id
        and tasks.client_id = pairs.client_id) <= ?1 + ?5),
  share (most) as materialized (select max(1, cast(?2 as integer) / max(1, count(*))) from due_pairs)`;

/**
 * Leases what is due at `?1`, of each pair no more than its share of `?2`: running tasks until `?3`, or `?6` where their files are
 * copied, others until `?4`. Running ones
 * that come due within `?5` too, if within the lease, so that each is polled at its instant without a look of its own. A key that upstream limits is
 * left alone, but for tasks past their deadline: these end whatever upstream says.
 */
const LEASE_DUE = `with recursive ${CLOCKED_PAIRS}, ${DUE_PAIRS}
  update tasks set leased_until = case when state <> 'running' then ?4 when keeping is null then ?3 else ?6 end, state = iif(state = 'queued', 'accepting', state)
  where id in (
    select tasks.id from due_pairs as pairs left join upstream_keys as k on k.id = pairs.key_id join tasks on tasks.id in (
      select id from tasks where ${CLOCKED} and account_id = pairs.key_id and client_id = pairs.client_id
        and max(due_at, leased_until) <= ?1 + ?5 and leased_until <= ?1 and due_at <= iif(state = 'running', ?3 - 1, ?1)
        and (deadline_at <= ?1 or keeping is not null or coalesce(iif(state = 'running', k.poll_paused_until, k.submit_paused_until), 0) <= ?1)
      order by max(due_at, leased_until) limit (select most from share)))
  returning ${LEASED_COLUMNS}`;

/** Queued tasks whose deadline is over. Nobody leases them: of two that write their end, one does. */
const OVERDUE = `select ${LEASED_COLUMNS} from tasks
  where state = 'queued' and due_at is null and deadline_at <= ?1 order by deadline_at limit 20`;

/** Tasks that are polled from memory and have ended, or are gone, without their poller's doing. */
const ENDED = `select value as id from json_each(?1) left join tasks on tasks.id = value
  where tasks.id is null or tasks.completed_at is not null`;

/** Which due tasks to lease, and until when. Epoch ms. */
export interface DueTasks {
  readonly now: number;
  readonly most: number;
  readonly pollLease: number;
  readonly submitLease: number;
  readonly copyLease: number;
  /** Running tasks that come due within this time are leased already. */
  readonly aheadMs: number;
}

/** Leases due tasks: at most `most`, or one of each pair of key and client. */
export function leaseDueTasks(
  db: D1Database,
  { now, most, pollLease, submitLease, copyLease, aheadMs }: DueTasks,
): D1PreparedStatement {
  return db.prepare(LEASE_DUE).bind(now, most, pollLease, submitLease, aheadMs, copyLease);
}

/** Reads queued tasks that are past their deadline. */
export function overdueTasks(db: D1Database, now: number): D1PreparedStatement {
  return db.prepare(OVERDUE).bind(now);
}

/** Which of these tasks, polled from memory, somebody else has ended. */
export function endedAmong(db: D1Database, ids: readonly string[]): D1PreparedStatement {
  return db.prepare(ENDED).bind(JSON.stringify(ids));
}

/** A row of one of the above. */
export function leasedTask(row: LeasedRow): LeasedTask {
  return { task: fromRow(row), key: keyOf(row.key_json), health: healthOf(row.receiver_json) };
}

type Flags = 'isFailing' | 'isExhausted';

/** An upstream key as `KEY_JSON` gives it. */
export function keyOf(json: string | null): UpstreamKey | null {
  if (json === null) return null;
  const key = JSON.parse(json) as Omit<UpstreamKey, Flags> & Record<Flags, number>;
  return { ...key, isFailing: key.isFailing === 1, isExhausted: key.isExhausted === 1 };
}
