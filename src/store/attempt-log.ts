/** Redeliveries can be asked for without end; of each task's attempts the log keeps the latest. */
const KEPT_ATTEMPTS = 100;

const FORGET = `delete from attempts where task_id in (select value from json_each(?1))
  and number <= (select max(number) from attempts as last where last.task_id = attempts.task_id) - ${KEPT_ATTEMPTS}`;

/**
 * Deletes what of these tasks' logs is over the limit; to stand behind the insert, in its transaction. A trigger would say
 * it once for all writers, but D1 takes none from a migration over its API: it splits them at the semicolon inside.
 */
export function forgetOldAttempts(db: D1Database, taskIds: readonly string[]): D1PreparedStatement {
  return db.prepare(FORGET).bind(JSON.stringify(taskIds));
}

/**
 * Whether a task with so many attempts may have too many in its log. At half the limit already: late attempts take numbers
 * that the turn under way does not know of.
 */
export function mayBeOver(attempts: number): boolean {
  return attempts > KEPT_ATTEMPTS / 2;
}
