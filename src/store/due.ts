import { FORGIVEN_SILENCES, FORGIVING_MS } from '../domain/host-health.ts';
import type { HostHealth } from '../domain/host-health.ts';
import type { Task } from '../domain/task.ts';
import { healthOf } from './host-row.ts';
import type { HostRow } from './host-row.ts';
import type { TaskRow } from './task-columns.ts';
import { fromRow } from './task-row.ts';

/** Upstream work (submits, polls) and callbacks are read apart, so that slow receivers never stand before a poll. */
export type Lane = 'upstream' | 'callback';

/** To act on a row, first move its clock to when it should be acted on if you vanish. */
export interface Claim {
  readonly task: Task;
  readonly until: number;
}

/** A due task, with what is known of its receiver's host. */
export interface DueTask {
  readonly task: Task;
  readonly host: HostHealth | null;
  /** From one poll of its upstream key to the next, where upstream has said so lately. */
  readonly pollIntervalMs: number | null;
}

/** A tier may grow: after an hour without a refusal the rate is tried out anew. */
const PACE_KEPT_MS = 3_600_000;

/** Which hosts may be called: all but the closed ones, and those not known to answer only while they have a slot. */
export interface OpenHosts {
  readonly closed: readonly string[];
  /** Hosts and URLs of known receivers that may not be called again yet. */
  readonly paced: readonly string[];
  readonly takesUnknown: boolean;
  readonly takesSilent: boolean;
  readonly takesSlow: boolean;
  /** Whether the notice of a given-up callback may be sent. */
  readonly takesNotice: boolean;
}

/** Nothing of hosts that take no more at the moment: their rows stay due, and stand before no other. */
const DUE_CALLBACKS = `select tasks.id from tasks left join hosts on hosts.host = tasks.callback_host
  where (completed_at is not null) = 1 and due_at is not null and due_at <= ?1
    and (case when notice_state = 'pending' then ?7 else (
      coalesce(hosts.open_until, 0) <= ?1
      and callback_host not in (select value from json_each(?4)) and callback_url not in (select value from json_each(?9))
      and case
        when coalesce(hosts.silences, 0) > case
          when hosts.answered_at > ?1 - ${FORGIVING_MS} then ${FORGIVEN_SILENCES} else 0 end then ?6
        when hosts.answered_at is null then ?5
        when hosts.is_slow = 1 then ?8
        else 1 end) end)
  order by due_at limit ?2`;

/** Nothing of a key that upstream limits, but what is past its deadline: that ends whatever upstream says. */
const DUE_UPSTREAM = `select tasks.id from tasks left join accounts on accounts.id = tasks.account_id
  where (completed_at is not null) = 0 and due_at is not null and due_at <= ?1
    and (deadline_at <= ?1 or ?1 >= coalesce(
      case tasks.state when 'running' then accounts.poll_paused_until else accounts.submit_paused_until end, 0))
  order by due_at limit ?3`;

/** Of these the running ones, whatever stands before them. Not by `tasks_running`, which is in no order. */
const DUE_POLLS = `select tasks.id from tasks left join accounts on accounts.id = tasks.account_id
  where (completed_at is not null) = 0 and due_at is not null and due_at <= ?1 and (state = 'running') = 1
    and (deadline_at <= ?1 or ?1 >= coalesce(accounts.poll_paused_until, 0))
  order by due_at limit ?10`;

const DUE = `select tasks.*, hosts.host, hosts.answered_at, hosts.silences, hosts.silent_since, hosts.open_until,
    hosts.openings, hosts.is_slow,
    case when accounts.poll_limited_at > ?1 - ${PACE_KEPT_MS} then accounts.poll_interval_ms end as poll_interval_ms
  from (select id from (${DUE_CALLBACKS}) union all
    select id from (select id from (${DUE_UPSTREAM}) union select id from (${DUE_POLLS}))) as due
  join tasks on tasks.id = due.id left join hosts on hosts.host = tasks.callback_host
  left join accounts on accounts.id = tasks.account_id order by tasks.due_at`;

/** What was counted of its polls goes with the claim, which writes the row anyway. */
const CLAIM = `update tasks set due_at = claim.value ->> 'until', parked_due_at = null, polls = claim.value ->> 'polls',
    polled_at = claim.value ->> 'polled_at'
  from json_each(?1) as claim
  where tasks.id = claim.value ->> 'id' and coalesce(tasks.parked_due_at, tasks.due_at) = claim.value ->> 'due_at'
    and tasks.revision = claim.value ->> 'revision' returning tasks.id`;

const NEXT = `select min(due_at) as at from (
  select min(due_at) as due_at from tasks where (completed_at is not null) = 0 and due_at > ?1 and ?2
  union all
  select min(due_at) from tasks where (completed_at is not null) = 1 and due_at > ?1 and ?3)`;

/** What somebody could do at once, and has not: callbacks only to hosts that answer. */
const LATE = `select count(*) as late from (select id from (${DUE_CALLBACKS}) union all select id from (${DUE_UPSTREAM}))`;

/** Tasks that are polled from memory and have ended, or are gone, without their poller's doing. */
const ENDED = `select value as id from json_each(?1) left join tasks on tasks.id = value
  where tasks.id is null or tasks.completed_at is not null`;

/** What to look for. Epoch ms. */
export interface Look {
  readonly now: number;
  readonly limits: Readonly<Record<Lane, number>>;
  /** So many polls, even where as much other work upstream as `limits` allow has been due for longer. */
  readonly polls: number;
  readonly hosts: OpenHosts;
  /** Ids of tasks to be told of where they have ended meanwhile. */
  readonly held: readonly string[];
}

/** What there is to do. */
export interface Found {
  /** The longest due first, and no more of a lane than asked for. */
  readonly due: readonly DueTask[];
  /** When the next row comes due that is not due now, in the lanes asked for; null where there is none. */
  readonly nextAt: number | null;
  readonly ended: readonly string[];
}

/** What is due, and who acts on it. */
export function createDueStore(db: D1Database) {
  return {
    /** One look at what is due: one round trip, and nothing is written. */
    async look({ now, limits, polls, hosts, held }: Look): Promise<Found> {
      const due = db
        .prepare(DUE)
        .bind(
          now,
          limits.callback,
          limits.upstream,
          JSON.stringify([...hosts.closed, ...hosts.paced]),
          Number(hosts.takesUnknown),
          Number(hosts.takesSilent),
          Number(hosts.takesNotice),
          Number(hosts.takesSlow),
          JSON.stringify(hosts.paced),
          polls,
        );
      const next = db.prepare(NEXT).bind(now, Number(limits.upstream > 0), Number(limits.callback > 0));
      const ended = held.length > 0 ? [db.prepare(ENDED).bind(JSON.stringify(held))] : [];
      const [rows, nexts, ends] = await db.batch<never>([due, next, ...ended]);
      return {
        due: (rows?.results ?? []).map((row: TaskRow & HostRow & { poll_interval_ms: number | null }) => ({
          task: fromRow(row),
          host: healthOf(row),
          pollIntervalMs: row.poll_interval_ms,
        })),
        nextAt: nexts?.results.map(({ at }: { at: number | null }) => at)[0] ?? null,
        ended: (ends?.results ?? []).map(({ id }: { id: string }) => id),
      };
    },

    /** How many rows have been due since before `since`, and could be acted on; no more than `most` of a lane are counted. */
    async countLate(since: number, most: number): Promise<number> {
      const count = await db
        .prepare(LATE)
        .bind(since, most, most, '[]', 0, 0, 0, 0, '[]')
        .first<number>('late');
      return count ?? 0;
    },

    /** Claims in one statement; whoever gets a task back owns this turn, with the clock already moved. */
    async claim(claims: readonly Claim[]): Promise<Task[]> {
      if (claims.length === 0) return [];
      const asked = claims.map(({ task, until }) => ({
        id: task.id,
        due_at: task.dueAt,
        revision: task.revision,
        until,
        polls: task.polls.count,
        polled_at: task.polls.lastAt,
      }));
      const { results } = await db.prepare(CLAIM).bind(JSON.stringify(asked)).all<{ id: string }>();
      const owned = new Set(results.map(({ id }) => id));
      return claims
        .filter(({ task }) => owned.has(task.id))
        .map(({ task, until }) => ({ ...task, dueAt: until }));
    },
  };
}

export type DueStore = ReturnType<typeof createDueStore>;
