import type { History } from '../domain/durations.ts';
import type { QueueReason, UnsentTask } from '../domain/task.ts';
import type { TaskWithDelivery } from '../domain/task-with-delivery.ts';
import type { UpstreamKey } from '../domain/upstream-key.ts';
import { historiesOf, readDurations } from './durations.ts';
import { keyOf } from './fetch-tasks.ts';
import { HAS_LIMIT, KEY_JSON, QUEUED, roomOf, SLOTS } from './lane-rules.ts';
import { firstIdOfDay } from './load.ts';
import { retriedTillKnown } from './retry.ts';
import type { Patience } from './retry.ts';
import { spendStatements } from './spending.ts';
import { hasRoom, storedBytes } from './stock.ts';
import { Together } from './together.ts';
import { CHANGING_COLUMNS, FIXED_COLUMNS, OLD_COLUMNS } from './task-columns.ts';
import { READ_COLUMNS, readTask } from './task-reads.ts';
import type { ReadRow } from './task-reads.ts';
import { toRow } from './task-row.ts';

/** What a task is stored under. */
export interface Insertion {
  /** As it is stored where upstream may be asked for it at once. */
  readonly task: UnsentTask;
  /** SHA-256 of the key that the request came with, in hex: a client that is revoked meanwhile stores nothing. */
  readonly keyHash: string;
  readonly dailyCreditLimit: number | null;
  /** So many are being asked for here that this one waits for the tick. */
  readonly isRush: boolean;
  /** The key of its metadata whose value it is found by; null for none. */
  readonly searchKey: string | null;
  /** Keys of histograms to be read by the way. */
  readonly durationKeys: readonly string[];
}

/** What became of it, and what was read by the way: null where nothing was to be. */
export type Inserted = Stored & { readonly histories: ReadonlyMap<string, History> | null };

/** What became of it. */
export type Stored =
  /** As it stands: being asked for, by whoever stored it; or waiting. */
  | { readonly kind: 'stored'; readonly task: TaskWithDelivery; readonly key: UpstreamKey | null }
  /** Its idempotency key was used before. */
  | { readonly kind: 'earlier'; readonly task: TaskWithDelivery; readonly key: UpstreamKey | null }
  /** The key that it came with is no longer one. */
  | { readonly kind: 'key-revoked' }
  /** Its client may spend no more, or has no room for it. */
  | { readonly kind: 'over-limit' };

/** Of the last statements: each reads what it names, and the others' columns are not there. */
type Row = ReadRow & { key_json: string | null; key: string; histogram: string; since: number };

const COLUMNS = [...FIXED_COLUMNS, ...CHANGING_COLUMNS];

/** A value is found by so much of it. */
export const MAX_SEARCH_CHARACTERS = 200;

/** Why a task waits from the beginning, in the words of its `problem`; of a row named `lane`. */
const WAITS: readonly (readonly [QueueReason, string, string])[] = [
  ['own-limit', 'lane.room <= 0', 'The client is at its max_active_tasks.'],
  ['behind', 'lane.has_limit and lane.has_queue', 'Earlier tasks of this upstream key wait for a free slot.'],
  ['limited', 'lane.submit_paused_until > ?1', 'Upstream limits the rate of this key.'],
  [
    'full',
    'lane.slots <= 0',
    'Upstream runs as many tasks of this key as it takes at once; one of them has to end first.',
  ],
  ['unasked', '?8', 'Upstream has not been asked yet.'],
];

/** In the insert itself, so that of two tasks the later one sees the other. Null: upstream may be asked. */
const GATE = `lane as materialized (select k.submit_paused_until, ${SLOTS} as slots, ${roomOf('?3')} as room, ${HAS_LIMIT} as has_limit,
      exists (select 1 from tasks where account_id = ?4 and ${QUEUED}) as has_queue
    from (select 1) left join upstream_keys as k on k.id = ?4),
  gate (reason) as (select case ${WAITS.map(([reason, test]) => `when ${test} then '${reason}'`).join(' ')} end from lane)`;

/** What of the row depends on whether it waits. */
const BY_GATE: Readonly<Record<string, string>> = {
  state: `iif(reason is null, 'accepting', 'queued')`,
  queue_reason: 'reason',
  tries: 'reason is not null',
  // As its client wants it at this moment, whatever a post remembers of the client.
  files_origin: `case when (select keep_results from clients where id = ?3) = 1 then value ->> 'files_origin' end`,
  due_at: `iif(reason is null, value ->> 'due_at', null)`,
  leased_until: `iif(reason is null, value ->> 'leased_until', 0)`,
  problem: `case reason ${WAITS.map(([reason, , words]) => `when '${reason}' then '${words}'`).join(' ')} end`,
};

/**
 * Under a daily limit (`?5`, the day) only what was added to the client's spending right before; only where the client has room
 * for one more task, of `?6` bytes; and only while its key (`?7`) is one.
 */
const INSERT = `with ${GATE}
  insert into tasks (${[...COLUMNS, ...OLD_COLUMNS].join(', ')}, search_value, is_limited)
  select ${COLUMNS.map((column) => BY_GATE[column] ?? `value ->> '${column}'`).join(', ')}, ${OLD_COLUMNS.map(() => '0').join(', ')},
    substr((value ->> 'metadata') ->> ?9, 1, ${MAX_SEARCH_CHARACTERS}),
    exists (select 1 from clients where id = ?3 and max_active_tasks is not null)
  from json_each(?2), gate
  where exists (select 1 from clients where id = ?3 and key_hash = ?7 and revoked_at is null)
    and (?5 is null or exists (select 1 from spent_credits where client_id = ?3 and since_id = ?5 and task_id = value ->> 'id'))
    and ${hasRoom('?3', '?6')}
  on conflict do nothing`;

const STORED = `select ${READ_COLUMNS}, (select ${KEY_JSON} from upstream_keys as k where k.id = tasks.account_id) as key_json
  from tasks where id = ?2 or (client_id = ?3 and idempotency_key = ?4)`;

const IS_KEY = `select 1 as id from clients where id = ?1 and key_hash = ?2 and revoked_at is null`;

/**
 * Stores a task, decides in the same statement whether it waits, and reads what stands there now: one request, which may be
 * carried out twice. What is answered is true whatever became of an earlier try whose answer was lost.
 */
export async function insertTask(
  { db, patience, together }: { db: D1Database; patience: Patience; together: TogetherBatch | null },
  insertion: Insertion,
): Promise<Inserted> {
  const { task, durationKeys } = insertion;
  const statements = insertStatements(db, insertion);
  // A caller who is told no although it is stored, and posts again, would pay twice.
  const answers = await retriedTillKnown(patience, async (tries) =>
    together === null || tries > 1 ? await db.batch<Row>(statements) : await together.ask(statements),
  );
  const { id } = task;
  const [durations, isKey, stored] = answers.slice(-3).map(({ results }) => results);
  const histories = durationKeys.length > 0 ? historiesOf(durations ?? []) : null;
  const found = stored?.find((one) => one.id === id) ?? stored?.[0];
  if (found === undefined) return { kind: isKey?.length === 0 ? 'key-revoked' : 'over-limit', histories };
  const known = { task: readTask(found), key: keyOf(found.key_json), histories };
  return { kind: found.id === id ? 'stored' : 'earlier', ...known };
}

/** Insertions of several posts as one request, each with statements of its own. */
export type TogetherBatch = Together<D1PreparedStatement[], D1Result<Row>[]>;

/** For the posts of an isolate. */
export function togetherBatch(db: D1Database, { sleep }: Patience): TogetherBatch {
  return new Together({
    ask: async (each) => {
      const answers = await db.batch<Row>(each.flat());
      let from = 0;
      return each.map(({ length }) => answers.slice(from, (from += length)));
    },
    keyOf: () => null,
    sleep,
  });
}

function insertStatements(
  db: D1Database,
  { task, keyHash, dailyCreditLimit, isRush, searchKey, durationKeys }: Insertion,
): D1PreparedStatement[] {
  const row = toRow(task);
  const bytes = storedBytes(row);
  const day = dailyCreditLimit === null ? null : firstIdOfDay(task.createdAt);
  const { id, clientId, accountId, idempotencyKey, createdAt: now } = task;
  return [
    ...spendStatements(db, task, { limit: dailyCreditLimit, bytes }),
    db
      .prepare(INSERT)
      .bind(now, JSON.stringify([row]), clientId, accountId, day, bytes, keyHash, Number(isRush), searchKey),
    ...(durationKeys.length > 0 ? [readDurations(db, durationKeys)] : []),
    db.prepare(IS_KEY).bind(clientId, keyHash),
    db.prepare(STORED).bind(now, id, clientId, idempotencyKey),
  ];
}
