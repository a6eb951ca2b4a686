import type { TaskWithDelivery } from '../domain/task-with-delivery.ts';
import { CLOCKED, OWN_LIMIT, QUEUED } from './lane-rules.ts';
import { READ_COLUMNS, readTask } from './task-reads.ts';
import type { ReadRow } from './task-reads.ts';

/**
 * Revoked clients that still have tasks waiting here: whoever revoked them did not come to the end. By the indexes of what waits,
 * so that a client's ended tasks are not read.
 */
export const REVOKED_WITH_QUEUE = `select id from clients as c where revoked_at is not null and (
    exists (select 1 from upstream_keys as k where exists (
      select 1 from tasks indexed by tasks_queued where account_id = k.id and client_id = c.id and ${QUEUED}))
    or exists (select 1 from upstream_keys as k where exists (
      select 1 from tasks indexed by tasks_due where account_id = k.id and client_id = c.id and ${CLOCKED} and state = 'queued'))
    or exists (select 1 from tasks where client_id = c.id and ${OWN_LIMIT}))`;

/** Tasks without an end, for whoever ends them. */
export function createOpenTaskStore(db: D1Database) {
  return {
    /** Tasks of a client without an end: those that wait here and, if `withRunning`, those that upstream has. */
    async ofClient(clientId: string, withRunning: boolean, limit: number): Promise<TaskWithDelivery[]> {
      const states = withRunning ? `'queued', 'accepting', 'running'` : `'queued', 'accepting'`;
      const { results } = await db
        .prepare(
          `select ${READ_COLUMNS} from tasks where client_id = ?1 and completed_at is null and state in (${states})
           order by id desc limit ?2`,
        )
        .bind(clientId, limit)
        .all<ReadRow>();
      return results.map(readTask);
    },
  };
}

export type OpenTaskStore = ReturnType<typeof createOpenTaskStore>;
