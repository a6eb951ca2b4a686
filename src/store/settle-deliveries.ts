import type { Attempt } from '../domain/attempt.ts';
import type { DeliveryChange } from '../domain/outcome.ts';
import { forgetOldAttempts, mayBeOver } from './attempt-log.ts';
import { CHANGING_COLUMNS, changingPart } from './delivery-row.ts';
import { subscriptionStatements } from './settle-subscriptions.ts';

/** Attempts of deliveries that had moved on take numbers without a revision. */
const LAST_NUMBER = `coalesce((select max(number) from delivery_attempts where delivery_id = deliveries.id), 0)`;

/**
 * Before the settlement. A first attempt that succeeded is kept in the delivery's own row, unless that has moved on meanwhile.
 * Found again by its instant, so that it is logged once however often this is carried out.
 */
const LOG = `insert into delivery_attempts
  (delivery_id, number, at, status, duration_ms, outcome, detail, next_attempt_at)
  select deliveries.id, max(deliveries.attempts, ${LAST_NUMBER}) + 1, a.value ->> 'at', a.value ->> 'status',
    a.value ->> 'durationMs', a.value ->> 'outcome', a.value ->> 'detail', a.value ->> 'nextAttemptAt'
  from json_each(?1) as a join deliveries on deliveries.id = a.value ->> 'deliveryId'
  where (a.value ->> 'inRow' = 0 or deliveries.revision <> (a.value ->> 'revision') - 1)
    and coalesce(deliveries.first_attempt ->> 'at', 0) <> a.value ->> 'at'
    and not exists (select 1 from delivery_attempts where delivery_id = deliveries.id and at = a.value ->> 'at')`;

const SETTLE = `update deliveries set leased_until = 0,
    ${CHANGING_COLUMNS.filter((column) => column !== 'attempts')
      .map((column) => `${column} = next.value ->> '${column}'`)
      .join(', ')},
    attempts = max(next.value ->> 'attempts', ${LAST_NUMBER}),
    first_attempt = coalesce(next.value ->> 'firstAttempt', first_attempt)
  from json_each(?1) as next
  where deliveries.id = next.value ->> 'id' and deliveries.revision = (next.value ->> 'revision') - 1`;

/**
 * A redelivery was asked for meanwhile: the attempt counts, decides nothing, and its lease is over. Behind the settlement, which
 * notes when the attempt that it settles was made.
 */
const COUNT_LATE = `update deliveries set attempts = max(attempts, ${LAST_NUMBER}), last_status = late.value ->> 'status',
    last_attempt_at = late.value ->> 'at', leased_until = iif(leased_until = late.value ->> 'leasedUntil', 0, leased_until)
  from json_each(?1) as late
  where deliveries.id = late.value ->> 'deliveryId' and coalesce(last_attempt_at, 0) < late.value ->> 'at'`;

/** A callback was given up, and its client wants to know: with the attempts, for one that is sent again is news of its own. */
const TELL_FAILURES = `insert into deliveries
  (id, task_id, client_id, kind, event, url, host, about, created_at, occurred_at, revision, due_at, state)
  select deliveries.id || '_failed_' || attempts, task_id, client_id, 'notice', 'callback.failed', given.value ->> 'url',
    given.value ->> 'host', json_object('at', ?2, 'url', url, 'attempts', attempts, 'lastStatus', last_status), ?2, ?2, 0, ?2, 'pending'
  from json_each(?1) as given join deliveries on deliveries.id = given.value ->> 'id'
  where revision = given.value ->> 'revision' and state = 'failed'
  on conflict do nothing`;

const REFRESH = `update tasks set result_json = fresh.value ->> 'resultJson' from json_each(?1) as fresh
  where tasks.id = fresh.value ->> 'taskId' and state = 'succeeded'`;

/** Writes deliveries after their attempts, the attempts, and what follows from them; all of it may be carried out twice. */
export function deliveryStatements(
  db: D1Database,
  changes: readonly DeliveryChange[],
  now: number,
): D1PreparedStatement[] {
  if (changes.length === 0) return [];
  const attempts = changes.flatMap((change) =>
    change.attempt === null ? [] : [loggedAs(change, change.attempt)],
  );
  const rows = changes.map((change) => ({
    id: change.delivery.id,
    ...changingPart(change.delivery),
    firstAttempt: isKeptInRow(change) ? JSON.stringify(change.attempt) : null,
  }));
  const given = changes.flatMap(({ delivery, notice }) =>
    notice === null ? [] : [{ id: delivery.id, revision: delivery.revision, ...notice }],
  );
  const fresh = changes.flatMap(({ delivery, resultJson }) =>
    resultJson === null ? [] : [{ taskId: delivery.taskId, resultJson }],
  );
  const log = JSON.stringify(attempts);
  const long = changes.flatMap(({ delivery }) => (mayBeOver(delivery.attempts) ? [delivery.id] : []));
  return [
    ...(attempts.length > 0 ? [db.prepare(LOG).bind(log)] : []),
    db.prepare(SETTLE).bind(JSON.stringify(rows)),
    ...(attempts.length > 0 ? [db.prepare(COUNT_LATE).bind(log)] : []),
    ...(long.length > 0 ? [forgetOldAttempts(db, long)] : []),
    ...(given.length > 0 ? [db.prepare(TELL_FAILURES).bind(JSON.stringify(given), now)] : []),
    ...(fresh.length > 0 ? [db.prepare(REFRESH).bind(JSON.stringify(fresh))] : []),
    ...subscriptionStatements(db, changes),
  ];
}

function loggedAs(change: DeliveryChange, attempt: Attempt) {
  const { delivery, leasedUntil } = change;
  const inRow = Number(isKeptInRow(change));
  return { ...attempt, deliveryId: delivery.id, revision: delivery.revision, leasedUntil, inRow };
}

/** Most deliveries need one attempt: it costs no row of its own. */
function isKeptInRow({ delivery, attempt }: DeliveryChange): boolean {
  return delivery.attempts === 1 && attempt?.outcome === 'delivered';
}
