import { firstTaskIdAt } from '../domain/ids.ts';
import { dayOf } from '../domain/usage.ts';
import { CLOCKED } from './lane-rules.ts';

const DAY_MS = 86_400_000;

/** Credits count from acceptance on; only what upstream itself refused is known to have cost nothing. */
export function spentCredits(table: string): string {
  return `coalesce(${table}.error_code, '') not in ('upstream_refused', 'insufficient_credits')`;
}

/**
 * Sums of credits that no stored number breaks: SQLite's `sum` fails beyond 2^63, and JavaScript counts exactly up to 2^53
 * only. A sum above that is told as that.
 */
export function bounded(sum: string): string {
  return `cast(min(${sum}, ${Number.MAX_SAFE_INTEGER}) as integer)`;
}

/** What a client has in flight and has spent. */
export interface ClientLoad {
  /** Those that upstream runs, whether or not they have ended here. */
  readonly activeTasks: number;
  readonly queuedTasks: number;
  /** Estimated credits of the tasks that it posted since midnight UTC, as usage counts them: erased ones too. */
  readonly creditsToday: number;
}

/** The first id of today: credits are counted by the UTC day. */
export function firstIdOfDay(now: number): string {
  return firstTaskIdAt(now - (now % DAY_MS));
}

const OPEN = `select client_id, state = 'running', state in ('accepting', 'queued'), iif(id >= ?2, coalesce(estimated_credits, 0), 0)
  from tasks where`;
/** What is in hand by its indexes, and what has ended by today's usage: tasks that have ended are not read. */
const OF_ALL = `select client_id as clientId, sum(active) as activeTasks, sum(queued) as queuedTasks, ${bounded('sum(credits)')} as creditsToday
  from (select client_id, 0 as active, 0 as queued, credits from usage where day = ?1
    union all ${OPEN} ${CLOCKED} union all ${OPEN} state = 'queued' and due_at is null
    union all select client_id, 1, 0, 0 from abandoned where until > ?3)
  group by client_id`;

/** How much a client and an upstream key carry at the moment. */
export function createLoadStore(db: D1Database) {
  return {
    /** @param taskTimeoutMs older rows are not read: a task has an end by then, or as soon as the cron looks at it. */
    async ofClient(clientId: string, now: number, taskTimeoutMs: number): Promise<ClientLoad> {
      const today = firstIdOfDay(now);
      const oldestOpen = firstTaskIdAt(now - taskTimeoutMs);
      const row = await db
        .prepare(
          `select
             coalesce(sum(state = 'running' and keeping is null), 0)
               + (select count(*) from abandoned where client_id = ?1 and until > ?4) as activeTasks,
             coalesce(sum(state in ('accepting', 'queued')), 0) as queuedTasks,
             ${bounded(`total(estimated_credits) filter (where id >= ?2)
               + (select total(credits) from usage where day = ?5 and client_id = ?1)`)} as creditsToday
           from tasks where client_id = ?1 and completed_at is null and id >= ?3`,
        )
        .bind(clientId, today, oldestOpen < today ? oldestOpen : today, now, dayOf(now))
        .first<ClientLoad>();
      return row ?? { activeTasks: 0, queuedTasks: 0, creditsToday: 0 };
    },

    /** Of all clients that have any, by their ids. */
    async ofAll(now: number): Promise<ReadonlyMap<string, ClientLoad>> {
      const { results } = await db
        .prepare(OF_ALL)
        .bind(dayOf(now), firstIdOfDay(now), now)
        .all<ClientLoad & { readonly clientId: string }>();
      return new Map(results.map(({ clientId, ...load }) => [clientId, load]));
    },
  };
}

export type LoadStore = ReturnType<typeof createLoadStore>;
