import { firstTaskIdAt } from '../domain/ids.ts';
import type { Task } from '../domain/task.ts';
import { spentCredits } from './tasks.ts';

const DAY_MS = 86_400_000;

/** What a client has in flight and has spent. */
export interface ClientLoad {
  readonly activeTasks: number;
  readonly queuedTasks: number;
  /** Estimated credits of its tasks since midnight UTC that reached upstream or still may. */
  readonly creditsToday: number;
}

/** What stands before a task that wants to be submitted. */
export interface AccountLoad {
  readonly submitPausedUntil: number;
  /** Tasks of the same upstream key wait for a slot. */
  readonly hasWaiting: boolean;
}

/** The first id of today: credits are counted by the UTC day. */
export function firstIdOfDay(now: number): string {
  return firstTaskIdAt(now - (now % DAY_MS));
}

/** How much a client and an upstream key carry at the moment. */
export function createLoadStore(db: D1Database) {
  return {
    /** @param taskTimeoutMs no task without an end is older than this, so no older row has to be read. */
    async ofClient(clientId: string, now: number, taskTimeoutMs: number): Promise<ClientLoad> {
      const today = firstIdOfDay(now);
      const oldestOpen = firstTaskIdAt(now - taskTimeoutMs);
      const row = await db
        .prepare(
          `select
             coalesce(sum(state = 'running'), 0) as activeTasks,
             coalesce(sum(state in ('accepting', 'queued')), 0) as queuedTasks,
             coalesce(sum(case when id >= ?2 and ${spentCredits('tasks')} then estimated_credits end), 0) as creditsToday
           from tasks where client_id = ?1 and id >= ?3`,
        )
        .bind(clientId, today, oldestOpen < today ? oldestOpen : today)
        .first<ClientLoad>();
      return row ?? { activeTasks: 0, queuedTasks: 0, creditsToday: 0 };
    },

    /**
     * Tasks of this one's client that go before it: those that upstream has or is being asked for at their intake, and the
     * older ones that it has not, because any of them may be on its way. Of tasks that ask at once the oldest goes, and none
     * blocks the other.
     */
    async active(task: Task, taskTimeoutMs: number): Promise<number> {
      const count = await db
        .prepare(
          `select count(*) as n from tasks where client_id = ?1 and id >= ?3 and completed_at is null
             and id <> ?2 and (state in ('running', 'accepting') or id < ?2)`,
        )
        .bind(task.clientId, task.id, firstTaskIdAt(task.createdAt - taskTimeoutMs))
        .first<number>('n');
      return count ?? 0;
    },

    /** Whether an older task waits for a slot of this upstream key. */
    async hasOlderWaiting(accountId: string, taskId: string): Promise<boolean> {
      const found = await db
        .prepare(
          `select 1 as found from tasks where account_id = ?1 and state = 'queued' and id < ?2
             and queue_reason in ('full', 'limited', 'behind') limit 1`,
        )
        .bind(accountId, taskId)
        .first<number>('found');
      return found !== null;
    },

    /** Whether a task of this upstream key runs here. */
    async hasRunning(accountId: string): Promise<boolean> {
      const found = await db
        .prepare(
          `select 1 as found from tasks
           where (completed_at is not null) = 0 and due_at is not null and state = 'running' and account_id = ?1
           limit 1`,
        )
        .bind(accountId)
        .first<number>('found');
      return found !== null;
    },

    async ofAccount(accountId: string, exceptTaskId: string): Promise<AccountLoad> {
      const row = await db
        .prepare(
          `select
             coalesce((select submit_paused_until from accounts where id = ?1), 0) as submitPausedUntil,
             exists (select 1 from tasks where account_id = ?1 and state = 'queued'
               and queue_reason in ('full', 'limited', 'behind') and id <> ?2) as hasWaiting`,
        )
        .bind(accountId, exceptTaskId)
        .first<{ submitPausedUntil: number; hasWaiting: number }>();
      return { submitPausedUntil: row?.submitPausedUntil ?? 0, hasWaiting: row?.hasWaiting === 1 };
    },
  };
}

export type LoadStore = ReturnType<typeof createLoadStore>;
