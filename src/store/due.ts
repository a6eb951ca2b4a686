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
}

/** Which hosts may be called: all but the closed ones, and those not known to answer only while they have a slot. */
export interface OpenHosts {
  readonly closed: readonly string[];
  readonly takesUnknown: boolean;
  readonly takesSilent: boolean;
  /** Whether the notice of a given-up callback may be sent. */
  readonly takesNotice: boolean;
}

/** Nothing of hosts that take no more at the moment: their rows stay due, and stand before no other. */
const DUE_CALLBACKS = `select tasks.id from tasks left join hosts on hosts.host = tasks.callback_host
  where (completed_at is not null) = 1 and due_at is not null and due_at <= ?1
    and (case when notice_state = 'pending' then ?7 else (
      coalesce(hosts.open_until, 0) <= ?1
      and callback_host not in (select value from json_each(?4))
      and case
        when coalesce(hosts.silences, 0) > case
          when hosts.answered_at > ?1 - ${FORGIVING_MS} then ${FORGIVEN_SILENCES} else 0 end then ?6
        when hosts.answered_at is null then ?5
        else 1 end) end)
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

const CLAIM = `update tasks set due_at = claim.value ->> 'until' from json_each(?1) as claim
  where tasks.id = claim.value ->> 'id' and tasks.due_at = claim.value ->> 'due_at'
    and tasks.revision = claim.value ->> 'revision' returning tasks.id`;

/** What is due, and who acts on it. */
export function createDueStore(db: D1Database) {
  return {
    /** Due tasks of both lanes, the longest due first, and no more of a lane than asked for. One statement. */
    async read(now: number, limits: Readonly<Record<Lane, number>>, hosts: OpenHosts): Promise<DueTask[]> {
      const { results } = await db
        .prepare(DUE)
        .bind(
          now,
          limits.callback,
          limits.upstream,
          JSON.stringify(hosts.closed),
          Number(hosts.takesUnknown),
          Number(hosts.takesSilent),
          Number(hosts.takesNotice),
        )
        .all<TaskRow & HostRow>();
      return results.map((row) => ({ task: fromRow(row), host: healthOf(row) }));
    },

    /** When the first row of these lanes comes due that is not due at `now`; null where there is none. */
    async nextAfter(now: number, lanes: readonly Lane[]): Promise<number | null> {
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
  };
}

export type DueStore = ReturnType<typeof createDueStore>;
