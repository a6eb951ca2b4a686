import type { TaskState } from '../domain/task.ts';
import { CLOCKED } from './lane-rules.ts';
import { STORED_STATES } from './task-list.ts';
import type { TaskQuery } from './task-search.ts';

/** Where a search finds tasks. `?1` is the client, `?2` the id before which, `?7` the one from which it looks. */
export interface TaskSource {
  readonly sql: string;
  /** What makes them come newest first: without a sort, but where they are few. */
  readonly order: string;
  /** It has nothing that the query does not ask for. */
  readonly isExact: boolean;
}

const WITHIN = 'tasks.id < ?2 and tasks.id >= ?7';
const BY_ID = 'order by id desc';

/**
 * By an index, where one has what is asked for: what failed, was canceled or has no end, and callbacks that were given up or are on
 * their way. Else all tasks, one after the other.
 */
export function sourceOf(query: TaskQuery): TaskSource {
  const { clientId, state, callbackState, model, text, host = null } = query;
  const own = clientId === null ? '' : 'and tasks.client_id = ?1';
  const isMore = [model, text, host].some((filter) => filter !== null);
  if (callbackState === 'failed' || callbackState === 'pending')
    return { ...byCallback(callbackState, clientId), isExact: !isMore && state === null };
  const among = { order: BY_ID, isExact: !isMore && callbackState === null };
  if (state === 'failed' || state === 'canceled') {
    const index = clientId === null ? 'tasks_unhappy' : 'tasks_unhappy_of_client';
    const sql = `select * from tasks indexed by ${index} where state in ('failed', 'canceled') and state = '${state}' ${own} and ${WITHIN}`;
    return { ...among, sql };
  }
  if (state === 'queued' || state === 'running' || callbackState === 'waiting')
    return { ...among, sql: withoutEnd(state, own) };
  return {
    sql: `select * from tasks where ${WITHIN} ${own}`,
    order: BY_ID,
    isExact: !isMore && state === null && callbackState === null,
  };
}

/** Few, whatever else is stored: what has a clock, and what waits without one. */
function withoutEnd(state: TaskState | null, own: string): string {
  const words = (state === null ? [] : STORED_STATES[state]).map((word) => `'${word}'`);
  const among = words.length === 0 ? '' : `and state in (${words.join(', ')})`;
  const open = [
    `tasks_due where ${CLOCKED}`,
    `tasks_queued_deadline where state = 'queued' and due_at is null`,
  ].map((which) => `select * from tasks indexed by ${which} ${among} ${own} and ${WITHIN}`);
  return `select * from (${open.join(' union all ')})`;
}

/** A callback's id has its task's in it. Of a client all are read that it has there. */
function byCallback(state: 'failed' | 'pending', clientId: string | null): Pick<TaskSource, 'sql' | 'order'> {
  const [all, ofClient] =
    state === 'failed' ? ['deliveries_given_up', 'deliveries_failed'] : ['deliveries_due', 'deliveries_due'];
  const index = clientId === null ? all : ofClient;
  const sql = `select tasks.* from deliveries as d indexed by ${index} cross join tasks on tasks.id = 'task_' || substr(d.id, 5)
    where d.state = '${state}' and d.kind = 'callback' and d.id < 'msg_' || substr(?2, 6) and d.id >= 'msg_' || substr(?7, 6)
      ${clientId === null ? '' : 'and d.client_id = ?1'}`;
  return { sql, order: 'order by d.id desc' };
}
