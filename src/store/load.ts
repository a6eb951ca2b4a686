import { firstTaskIdAt } from '../domain/ids.ts';
import type { Task } from '../domain/task.ts';

const DAY_MS = 86_400_000;

/** As the partial index `tasks_limited` has it: a task without an end of a client that has `max_active_tasks`. */
export const LIMITED = 'is_limited = 1 and completed_at is null';

/**
 * What goes before a task of the client `?1`, given by an expression for its id: those that upstream has or is being asked
 * for at their intake, and the older ones that it has not, because any of them may be on its way. Of tasks that ask at once
 * the oldest goes, and none blocks the other.
 */
export function goesBefore(id: string): string {
  return `client_id = ?1 and ${LIMITED} and id <> ${id} and (state in ('running', 'accepting') or id < ${id})`;
}

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
  readonly activeTasks: number;
  readonly queuedTasks: number;
  /** Estimated credits of its tasks since midnight UTC that reached upstream or still may. */
  readonly creditsToday: number;
}

/** The first id of today: credits are counted by the UTC day. */
export function firstIdOfDay(now: number): string {
  return firstTaskIdAt(now - (now % DAY_MS));
}

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
             coalesce(sum(state = 'running'), 0) as activeTasks,
             coalesce(sum(state in ('accepting', 'queued')), 0) as queuedTasks,
             ${bounded(`total(case when id >= ?2 and ${spentCredits('tasks')} then estimated_credits end)`)} as creditsToday
           from tasks where client_id = ?1 and id >= ?3`,
        )
        .bind(clientId, today, oldestOpen < today ? oldestOpen : today)
        .first<ClientLoad>();
      return row ?? { activeTasks: 0, queuedTasks: 0, creditsToday: 0 };
    },

    /** Whether as many tasks of this one's client as its `max_active_tasks` go before it. */
    async isFull({ clientId, id }: Task, maxActiveTasks: number): Promise<boolean> {
      const before = await db
        .prepare(`select count(*) as n from (select 1 from tasks where ${goesBefore('?2')} limit ?3)`)
        .bind(clientId, id, maxActiveTasks)
        .first<number>('n');
      return (before ?? 0) >= maxActiveTasks;
    },
  };
}

export type LoadStore = ReturnType<typeof createLoadStore>;
