import type { TaskChange } from '../domain/outcome.ts';
import { callbackOf } from '../domain/delivery.ts';
import { isEnded } from '../domain/task.ts';
import { creditsUsed, dayOf, firstUnsummedDay } from '../domain/usage.ts';
import { HEALTH_JSON } from './receiver-row.ts';
import { settleStatements } from './settle-rows.ts';
import { happenings, tellStatements } from './tell-subscribers.ts';
import type { Taking } from './tell-subscribers.ts';
import { usageSumsAreOld } from './usage-sums.ts';
import { countStatement } from './usage.ts';

/** Ends that free a slot of a key which has refused one more: counted once, because only what is about to be written counts. */
const COUNT_ENDS = `update upstream_keys set ended_since_refusal = ended_since_refusal + (
    select count(*) from json_each(?1) as next join tasks on tasks.id = next.value ->> 'id'
    where tasks.account_id = upstream_keys.id and tasks.revision = (next.value ->> 'revision') - 1)
  where active_limit is not null and id in (select value ->> 'keyId' from json_each(?1))`;

/** Which of them stand as they were written, whether by this try or by one before whose answer was lost. */
const SETTLED = `select tasks.id from json_each(?1) as next join tasks on tasks.id = next.value ->> 'id'
  where tasks.revision = next.value ->> 'revision' and tasks.state = next.value ->> 'state'
    and tasks.leased_until = next.value ->> 'leasedUntil' and tasks.completed_at is next.value ->> 'completedAt'`;

/**
 * What an end is told by; its id makes the task's only callback, however often this is carried out. One to a receiver whose
 * breaker is open is leased to nobody.
 */
const TELL_ENDS = `insert into deliveries
  (id, task_id, client_id, kind, event, url, host, created_at, occurred_at, revision, due_at, leased_until, state)
  select new.value ->> 'id', tasks.id, client_id, 'callback', new.value ->> 'event', new.value ->> 'url', new.value ->> 'host',
    new.value ->> 'createdAt', completed_at, 0, new.value ->> 'dueAt', iif(exists (
      select 1 from receivers where host = new.value ->> 'host' and receivers.client_id = tasks.client_id
        and open_until > new.value ->> 'createdAt'), 0, new.value ->> 'leasedUntil'), 'pending'
  from json_each(?1) as new join tasks on tasks.id = new.value ->> 'taskId'
  where tasks.revision = new.value ->> 'taskRevision' and completed_at is not null
  on conflict do nothing returning id`;

/** Callbacks that stand leased as this writing leases them, with what is known of their receivers. */
const LEASED = `select deliveries.id, ${HEALTH_JSON} as receiver_json
  from json_each(?1) as new join deliveries on deliveries.id = new.value ->> 'id'
  left join receivers as r on r.host = deliveries.host and r.client_id = deliveries.client_id
  where deliveries.revision = 0 and attempts = 0 and leased_until > 0 and leased_until = new.value ->> 'leasedUntil'`;

/** Rarely anything: a task that ends was mostly accepted today. */
function oldDaysStatements(
  db: D1Database,
  changes: readonly TaskChange[],
  now: number,
): D1PreparedStatement[] {
  const oldest = Math.min(...changes.flatMap(({ task }) => (isEnded(task) ? [task.createdAt] : [])));
  return dayOf(oldest === Infinity ? now : oldest) < firstUnsummedDay(now)
    ? [usageSumsAreOld(db, oldest)]
    : [];
}

/** The statements that write tasks after their transitions, and what their answers are read by. */
export interface TaskStatements {
  readonly statements: readonly D1PreparedStatement[];
  /**
   * Among them: the ids that stand as written; the callbacks, and what is told to subscriptions, that stand leased like the writer's.
   * Each of the latter two stands behind the statement that inserts, and returns what it did insert.
   */
  readonly settledAt: number;
  readonly leasedAt: number;
  readonly toldAt: number;
}

/**
 * Writes each task only where it is still at the revision before; with an end the callback that tells it, and with what happens what
 * tells subscriptions of it.
 */
export function taskStatements(
  db: D1Database,
  changes: readonly TaskChange[],
  now: number,
  taking: Taking | null,
): TaskStatements | null {
  if (changes.length === 0) return null;
  const settling = settleStatements(db, changes, now);
  const freed = changes.flatMap(({ task, freesSlot }) =>
    freesSlot === true ? [{ id: task.id, revision: task.revision, keyId: task.accountId }] : [],
  );
  const ends = changes.flatMap(({ task, isUntold, callbackLease = 0 }) => {
    const callback = isEnded(task) && isUntold !== true ? callbackOf(task, now, callbackLease) : null;
    return callback === null ? [] : [{ ...callback, taskRevision: task.revision }];
  });
  const tell = tellStatements(db, happenings(changes), now, taking);
  const counted = changes.flatMap(({ task }) =>
    isEnded(task)
      ? [{ id: task.id, revision: task.revision, state: task.phase.state, credits: creditsUsed(task) }]
      : [],
  );
  const before = [
    ...(counted.length > 0 ? [countStatement(db, counted)] : []),
    ...oldDaysStatements(db, changes, now),
    ...(freed.length > 0 ? [db.prepare(COUNT_ENDS).bind(JSON.stringify(freed))] : []),
  ];
  const statements = [
    ...before,
    ...settling,
    db.prepare(SETTLED).bind(
      JSON.stringify(
        changes.map(({ task }) => ({
          id: task.id,
          revision: task.revision,
          state: task.phase.state,
          leasedUntil: task.leasedUntil,
          completedAt: isEnded(task) ? task.phase.completedAt : null,
        })),
      ),
    ),
    ...(ends.length > 0
      ? [db.prepare(TELL_ENDS).bind(JSON.stringify(ends)), db.prepare(LEASED).bind(JSON.stringify(ends))]
      : []),
    ...tell,
  ];
  const settledAt = before.length + settling.length;
  return {
    statements,
    settledAt,
    leasedAt: ends.length > 0 ? settledAt + 2 : -1,
    toldAt: tell.length > 1 ? statements.length - 1 : -1,
  };
}
