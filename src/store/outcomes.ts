import type { Attempt } from '../domain/attempt.ts';
import type { HostHealth } from '../domain/host-health.ts';
import type { Task } from '../domain/task.ts';
import { forgetOldAttempts, mayBeOver } from './attempt-log.ts';
import { hostStatements } from './parking.ts';
import { learnedStatements } from './queue.ts';
import type { Learned } from './queue.ts';
import { retried } from './retry.ts';
import type { Patience } from './retry.ts';
import { LAST_NUMBER, settleStatements } from './settle-rows.ts';
import { wakeStatements } from './wakes.ts';
import type { Wake } from './wakes.ts';

/** A transition to be written, with the attempt that it settles. */
export interface Settlement {
  readonly task: Task;
  readonly attempt?: Attempt;
  /** What is written instead where the task is given an id upstream that another task of the key has. */
  readonly otherwise?: Task;
}

/** `429`: no submits, or no polls, of an upstream key before an instant. */
export interface Pause {
  readonly accountId: string;
  readonly what: 'submit' | 'poll';
  readonly until: number;
  /** From one request to the next at the least, where upstream said so. */
  readonly intervalMs: number | null;
}

/** What the engine wants written together, in one transaction. */
export interface Outcomes {
  readonly settlements: readonly Settlement[];
  readonly pauses: readonly Pause[];
  readonly wakes: readonly Wake[];
  /** What was learned of upstream keys. */
  readonly learned: readonly Learned[];
  /** What was learned of receivers' hosts. */
  readonly hosts: ReadonlyMap<string, HostHealth>;
  readonly now: number;
}

/** What was written of it. */
export interface Settled {
  /** Of the tasks whose settlement was. */
  readonly ids: ReadonlySet<string>;
  /** Whether a task that waited was made due by it. */
  readonly hasWoken: boolean;
}

/** Tasks held back together come back apart. */
const SPREAD_MS = 2_000;

/** Before the settlement and on the same condition: an attempt is logged only with the outcome that it settles. */
const LOG_ATTEMPTS = `insert or ignore into attempts
  (task_id, number, at, status, duration_ms, outcome, detail, next_attempt_at)
  select a.value ->> 'taskId', max(a.value ->> 'number', ${LAST_NUMBER} + 1), a.value ->> 'at',
    a.value ->> 'status', a.value ->> 'durationMs', a.value ->> 'outcome', a.value ->> 'detail', a.value ->> 'nextAttemptAt'
  from json_each(?1) as a join tasks on tasks.id = a.value ->> 'taskId'
  where tasks.revision = (a.value ->> 'revision') - 1`;

/** What came of the engine's turns. */
export function createOutcomeStore(db: D1Database, patience: Patience) {
  return {
    /**
     * Writes outcomes in one transaction. A settlement is written only where its task is still at the revision that it
     * was decided on.
     */
    async settle(outcomes: Outcomes): Promise<Settled> {
      const { settlements, pauses, wakes, learned, hosts, now } = outcomes;
      const { first, instead } = settleStatements(db, settlements);
      const attempts = settlements.flatMap(({ task, attempt }) =>
        attempt === undefined ? [] : [{ ...attempt, taskId: task.id, revision: task.revision }],
      );
      const long = attempts.filter(({ number }) => mayBeOver(number)).map(({ taskId }) => taskId);
      const statements = [
        ...(attempts.length > 0 ? [db.prepare(LOG_ATTEMPTS).bind(JSON.stringify(attempts))] : []),
        ...first,
        ...instead,
        ...pauses.flatMap((pause) => pauseStatements(db, pause, now)),
        ...learnedStatements(db, learned, now),
        ...hostStatements(db, hosts, now),
        ...(long.length > 0 ? [forgetOldAttempts(db, long)] : []),
      ];
      // After the settlements and what was learned: whether a slot is free is decided on what stands then.
      const waking = wakeStatements(db, wakes, now);
      if (statements.length + waking.length === 0) return { ids: new Set(), hasWoken: false };
      const answers = await retried(
        patience,
        async () => await db.batch<{ id: string }>([...statements, ...waking]),
      );
      const from = attempts.length > 0 ? 1 : 0;
      const settled = answers.slice(from, from + first.length).flatMap(({ results }) => results);
      return {
        ids: new Set(settled.map(({ id }) => id)),
        hasWoken: answers.slice(statements.length).some(({ results }) => results.length > 0),
      };
    },
  };
}

/**
 * Notes the pause, and moves what would come due in it to its end, spread out: a limited key costs no more looks. Who waits
 * behind another is woken by it.
 */
function pauseStatements(
  db: D1Database,
  { accountId, what, until, intervalMs }: Pause,
  now: number,
): D1PreparedStatement[] {
  const column = what === 'submit' ? 'submit_paused_until' : 'poll_paused_until';
  const note = db
    .prepare(
      `insert into accounts (id, ${column}) values (?1, ?2)
       on conflict (id) do update set ${column} = max(${column}, excluded.${column})`,
    )
    .bind(accountId, until);
  const pace = db
    .prepare(`update accounts set poll_interval_ms = ?2, poll_limited_at = ?3 where id = ?1`)
    .bind(accountId, intervalMs, now);
  const move = db
    .prepare(
      `update tasks set due_at = min(deadline_at, ?2 + abs(random() % ${SPREAD_MS}))
       where (completed_at is not null) = 0 and due_at is not null and due_at < ?2 and deadline_at > due_at
         and account_id = ?1 and (state = 'running') = ?3 and coalesce(queue_reason, '') <> 'behind'`,
    )
    .bind(accountId, until, what === 'poll' ? 1 : 0);
  return [note, ...(intervalMs === null ? [] : [pace]), move];
}

export type OutcomeStore = ReturnType<typeof createOutcomeStore>;
