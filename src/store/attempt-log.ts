/** Redeliveries can be asked for without end; of each delivery's attempts the log keeps the latest. */
const KEPT_ATTEMPTS = 100;

const FORGET = `delete from delivery_attempts where delivery_id in (select value from json_each(?1))
  and number <= (select max(number) from delivery_attempts as last where last.delivery_id = delivery_attempts.delivery_id) - ${KEPT_ATTEMPTS}`;

/**
 * Deletes what of these deliveries' logs is over the limit; to stand behind the insert, in its transaction. A trigger would say
 * it once for all writers, but D1 takes none from a migration over its API: it splits them at the semicolon inside.
 */
export function forgetOldAttempts(db: D1Database, deliveryIds: readonly string[]): D1PreparedStatement {
  return db.prepare(FORGET).bind(JSON.stringify(deliveryIds));
}

/**
 * Whether a delivery with so many attempts may have too many in its log. At half the limit already: late attempts take numbers
 * that the attempt under way does not know of.
 */
export function mayBeOver(attempts: number): boolean {
  return attempts > KEPT_ATTEMPTS / 2;
}
