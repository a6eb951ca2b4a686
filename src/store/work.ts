import type { Attempt } from '../domain/attempt.ts';
import { FORGIVEN_SILENCES, FORGIVING_MS } from '../domain/host-health.ts';
import type { HostHealth } from '../domain/host-health.ts';
import type { Task } from '../domain/task.ts';
import { healthOf, KEEP_HOSTS } from './host-row.ts';
import type { HostRow } from './host-row.ts';
import { retried } from './retry.ts';
import type { Patience } from './retry.ts';
import { CHANGING_COLUMNS } from './task-columns.ts';
import { fromRow, toRow } from './task-row.ts';
import type { TaskRow } from './task-columns.ts';

/** Upstream work (submits, polls) and callbacks are read apart, so that slow receivers never stand before a poll. */
export type Lane = 'upstream' | 'callback';

/** To act on a row, first move its clock to when it should be acted on if you vanish. */
export interface Claim {
  readonly task: Task;
  readonly until: number;
}

/** A transition to be written, with the attempt that it settles. */
export interface Settlement {
  readonly task: Task;
  readonly attempt?: Attempt;
}

/** `429`: no submits, or no polls, of an upstream key before an instant. */
export interface Pause {
  readonly accountId: string;
  readonly what: 'submit' | 'poll';
  readonly until: number;
}

/** A slot is free: one waiting task of the upstream key may go now, and one that waits for its own client. */
export interface Wake {
  readonly accountId: string;
  readonly clientId: string;
}

/** A due task, with what is known of its receiver's host. */
export interface DueTask {
  readonly task: Task;
  readonly host: HostHealth | null;
}

/** Which hosts may be called: all but the closed ones, and those not known to answer only while they have a slot. */
export interface OpenHosts {
  readonly closed: readonly string[];
  readonly takesUnknown: boolean;
  readonly takesSilent: boolean;
}

/** What the engine wants written together, in one transaction. */
export interface Outcomes {
  readonly settlements: readonly Settlement[];
  readonly pauses: readonly Pause[];
  readonly wakes: readonly Wake[];
  /** What was learned of receivers' hosts. */
  readonly hosts: ReadonlyMap<string, HostHealth>;
  readonly now: number;
}

/** Nothing of hosts that take no more at the moment: their rows stay due, and stand before no other. */
const DUE_CALLBACKS = `select tasks.id from tasks left join hosts on hosts.host = tasks.callback_host
  where (completed_at is not null) = 1 and due_at is not null and due_at <= ?1
    and (notice_state = 'pending' or (
      coalesce(hosts.open_until, 0) <= ?1
      and callback_host not in (select value from json_each(?4))
      and case
        when coalesce(hosts.silences, 0) > case
          when hosts.answered_at > ?1 - ${FORGIVING_MS} then ${FORGIVEN_SILENCES} else 0 end then ?6
        when hosts.answered_at is null then ?5
        else 1 end))
  order by due_at limit ?2`;

/** Nothing of a key that upstream limits, but what is past its deadline: that ends whatever upstream says. */
const DUE_UPSTREAM = `select tasks.id from tasks left join accounts on accounts.id = tasks.account_id
  where (completed_at is not null) = 0 and due_at is not null and due_at <= ?1
    and (deadline_at <= ?1 or ?1 >= coalesce(
      case tasks.state when 'running' then accounts.poll_paused_until else accounts.submit_paused_until end, 0))
  order by due_at limit ?3`;

const DUE = `select tasks.*, hosts.host, hosts.answered_at, hosts.silences, hosts.silent_since, hosts.open_until,
    hosts.openings
  from (select id from (${DUE_CALLBACKS}) union all select id from (${DUE_UPSTREAM})) as due
  join tasks on tasks.id = due.id left join hosts on hosts.host = tasks.callback_host order by tasks.due_at`;

/** Tasks held back together come back apart. */
const SPREAD_MS = 2_000;

const CLAIM = `update tasks set due_at = claim.value ->> 'until' from json_each(?1) as claim
  where tasks.id = claim.value ->> 'id' and tasks.due_at = claim.value ->> 'due_at'
    and tasks.revision = claim.value ->> 'revision' returning tasks.id`;

const SETTLE = `update tasks set
  ${CHANGING_COLUMNS.map((column) => `${column} = next.value ->> '${column}'`).join(', ')}
  from json_each(?1) as next
  where tasks.id = next.value ->> 'id' and tasks.revision = (next.value ->> 'revision') - 1 returning tasks.id`;

/** Before the settlement and on the same condition: an attempt is logged only with the outcome that it settles. */
const LOG_ATTEMPTS = `insert or ignore into attempts
  (task_id, number, at, status, duration_ms, outcome, detail, next_attempt_at)
  select a.value ->> 'taskId', a.value ->> 'number', a.value ->> 'at', a.value ->> 'status', a.value ->> 'durationMs',
    a.value ->> 'outcome', a.value ->> 'detail', a.value ->> 'nextAttemptAt'
  from json_each(?1) as a join tasks on tasks.id = a.value ->> 'taskId'
  where tasks.revision = (a.value ->> 'revision') - 1`;

/** The oldest that wait for the upstream key, and the oldest that wait for their own client's limit. */
const WAKE = `update tasks set due_at = ?3 where due_at > ?3 and id in (
  select id from (select id from tasks where account_id = ?1 and state = 'queued'
    and queue_reason in ('full', 'limited', 'behind') order by id limit ?2)
  union all
  select id from (select id from tasks where account_id = ?1 and state = 'queued'
    and queue_reason = 'own-limit' and client_id in (select value from json_each(?4)) order by id limit ?2))`;

/** What is due, who acts on it, and what came of it: the three statements that the engine lives on. */
export function createWorkStore(db: D1Database, patience: Patience) {
  return {
    /** Due tasks of both lanes, the longest due first, and no more of a lane than asked for. One statement. */
    async due(now: number, limits: Readonly<Record<Lane, number>>, hosts: OpenHosts): Promise<DueTask[]> {
      const { results } = await db
        .prepare(DUE)
        .bind(
          now,
          limits.callback,
          limits.upstream,
          JSON.stringify(hosts.closed),
          Number(hosts.takesUnknown),
          Number(hosts.takesSilent),
        )
        .all<TaskRow & HostRow>();
      return results.map((row) => ({ task: fromRow(row), host: healthOf(row) }));
    },

    /** When the first row of these lanes comes due that is not due at `now`; null where there is none. */
    async nextDueAfter(now: number, lanes: readonly Lane[]): Promise<number | null> {
      return await db
        .prepare(
          `select min(due_at) as at from (
             select min(due_at) as due_at from tasks where (completed_at is not null) = 0 and due_at > ?1 and ?2
             union all
             select min(due_at) from tasks where (completed_at is not null) = 1 and due_at > ?1 and ?3)`,
        )
        .bind(now, Number(lanes.includes('upstream')), Number(lanes.includes('callback')))
        .first<number>('at');
    },

    /** Claims in one statement; whoever gets a task back owns this turn, with the clock already moved. */
    async claim(claims: readonly Claim[]): Promise<Task[]> {
      if (claims.length === 0) return [];
      const asked = claims.map(({ task, until }) => ({
        id: task.id,
        due_at: task.dueAt,
        revision: task.revision,
        until,
      }));
      const { results } = await db.prepare(CLAIM).bind(JSON.stringify(asked)).all<{ id: string }>();
      const owned = new Set(results.map(({ id }) => id));
      return claims
        .filter(({ task }) => owned.has(task.id))
        .map(({ task, until }) => ({ ...task, dueAt: until }));
    },

    /**
     * Writes outcomes in one transaction. A settlement is written only where its task is still at the revision that it
     * was decided on; the ids of those that were are returned.
     */
    async settle(outcomes: Outcomes): Promise<Set<string>> {
      const { settlements, pauses, wakes, hosts, now } = outcomes;
      const rows = settlements.map(({ task }) => changingPart(task));
      const attempts = settlements.flatMap(({ task, attempt }) =>
        attempt === undefined ? [] : [{ ...attempt, taskId: task.id, revision: task.revision }],
      );
      const statements = [
        ...(attempts.length > 0 ? [db.prepare(LOG_ATTEMPTS).bind(JSON.stringify(attempts))] : []),
        ...(rows.length > 0 ? [db.prepare(SETTLE).bind(JSON.stringify(rows))] : []),
        ...pauses.flatMap((pause) => pauseStatements(db, pause)),
        // After the settlements: a task that was taken or has ended no longer waits, and wakes another.
        ...wakeStatements(db, wakes, now),
        ...(hosts.size > 0 ? [db.prepare(KEEP_HOSTS).bind(JSON.stringify(Array.from(hosts)))] : []),
      ];
      if (statements.length === 0) return new Set();
      const written = await retried(patience, async () => await db.batch<{ id: string }>(statements));
      const settled = rows.length > 0 ? written[attempts.length > 0 ? 1 : 0] : undefined;
      return new Set(settled?.results.map(({ id }) => id));
    },
  };
}

/** One statement an upstream key, however many of its slots are free. */
function wakeStatements(db: D1Database, wakes: readonly Wake[], now: number): D1PreparedStatement[] {
  return Array.from(
    Map.groupBy(wakes, ({ accountId }) => accountId),
    ([accountId, slots]) => {
      const clientIds = slots.map(({ clientId }) => clientId);
      return db.prepare(WAKE).bind(accountId, slots.length, now, JSON.stringify(clientIds));
    },
  );
}

/** Notes the pause, and moves what would come due in it to its end, spread out: a limited key costs no more looks. */
function pauseStatements(db: D1Database, { accountId, what, until }: Pause): D1PreparedStatement[] {
  const column = what === 'submit' ? 'submit_paused_until' : 'poll_paused_until';
  const note = db
    .prepare(
      `insert into accounts (id, ${column}) values (?1, ?2)
       on conflict (id) do update set ${column} = max(${column}, excluded.${column})`,
    )
    .bind(accountId, until);
  const move = db
    .prepare(
      `update tasks set due_at = min(deadline_at, ?2 + abs(random() % ${SPREAD_MS}))
       where (completed_at is not null) = 0 and due_at is not null and due_at < ?2 and deadline_at > due_at
         and account_id = ?1 and (state = 'running') = ?3`,
    )
    .bind(accountId, until, what === 'poll' ? 1 : 0);
  return [note, move];
}

/** What SETTLE writes, and nothing of what it does not. */
function changingPart(task: Task): Record<string, unknown> {
  const row = toRow(task);
  return Object.fromEntries(['id' as const, ...CHANGING_COLUMNS].map((column) => [column, row[column]]));
}

export type WorkStore = ReturnType<typeof createWorkStore>;
