import { ENDS_PER_PROBE, PROBE_AFTER_MS } from '../domain/admission.ts';
import { goesBefore, LIMITED } from './load.ts';
import { WAITING } from './queue.ts';

/** A slot may be free: where one is, a waiting task of the upstream key may go now, and one that waits for this client. */
export interface Wake {
  readonly accountId: string;
  /** Whose `max_active_tasks` may have room now. */
  readonly clientId: string;
  /** A task of the key has ended upstream. */
  readonly isEnd: boolean;
  /** Nobody of the key is woken where one that waits has its turn already: that one wakes the next. */
  readonly unlessAsked?: boolean;
}

/**
 * Whether a waiting task of the key may go, by what is written at this moment: what was known when somebody decided to wake
 * may be seconds old. The rule is that of `mayAsk`.
 */
function mayWake(endedSinceRefusal: string): string {
  // In a `case`, because the second question may have to read all that wait.
  return `case when exists (select 1 from accounts where id = ?1 and (active_limit is null or refused_at is null
      or (${endedSinceRefusal} >= ${ENDS_PER_PROBE} and ?2 - refused_at >= ${PROBE_AFTER_MS})
      or active_limit > (select count(*) from (select 1 from tasks where account_id = ?1 and state = 'running'
        limit coalesce((select active_limit from accounts where id = ?1), 0)))))
    then ?4 = 0 or not exists (
      select 1 from tasks where account_id = ?1 and ${WAITING} and queue_reason <> 'behind')
    else 0 end`;
}

/** The client after the one that was served last, of those with tasks that nobody has woken yet. */
const NEXT_CLIENT = `update accounts set ended_since_refusal = ended_since_refusal + ?3,
  served_client_id = case when ${mayWake('ended_since_refusal + ?3')} then coalesce(
    (select min(client_id) from tasks where account_id = ?1 and ${WAITING} and due_at > ?2
      and client_id > coalesce(served_client_id, '')),
    (select min(client_id) from tasks where account_id = ?1 and ${WAITING} and due_at > ?2),
    served_client_id) else served_client_id end
  where id = ?1 and exists (select 1 from tasks where account_id = ?1 and ${WAITING})
    and (?3 = 1 or ${mayWake('ended_since_refusal')})`;

const WAKE_OLDEST = `update tasks set due_at = ?2, queue_reason = 'full' where id = (
  select id from tasks where account_id = ?1 and ${WAITING} and due_at > ?2
    and client_id = (select served_client_id from accounts where id = ?1) order by id limit 1)
  and ${mayWake('ended_since_refusal')} returning id`;

const MAX_ACTIVE = `(select max_active_tasks from clients where id = ?1)`;

/** One that its client's limit would hold again is left asleep; a client that has no limit any more holds none. */
const WAKE_OWN_LIMIT = `update tasks set due_at = ?2 where id = (
  select id from tasks where client_id = ?1 and ${LIMITED} and queue_reason = 'own-limit' and due_at > ?2
  order by id limit 1)
  and coalesce(${MAX_ACTIVE} > (select count(*) from (
    select 1 from tasks as others where ${goesBefore('tasks.id')} limit coalesce(${MAX_ACTIVE}, 0))), 1) returning id`;

/**
 * One waiting task for each slot, the clients of a key by turns, the oldest task of each first. A task that is on its way
 * already may be woken in vain: so whoever no longer waits, or gives up its turn, wakes by these too. A statement that wakes
 * somebody returns the task's id.
 */
export function wakeStatements(db: D1Database, wakes: readonly Wake[], now: number): D1PreparedStatement[] {
  return wakes.flatMap(({ accountId, clientId, isEnd, unlessAsked = false }) => {
    const key = [accountId, now, Number(isEnd), Number(unlessAsked)];
    return [
      db.prepare(NEXT_CLIENT).bind(...key),
      db.prepare(WAKE_OLDEST).bind(...key),
      db.prepare(WAKE_OWN_LIMIT).bind(clientId, now),
    ];
  });
}
