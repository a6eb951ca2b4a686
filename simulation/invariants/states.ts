import { firstOf, isEnded } from '../sight.ts';
import type { DeliveryRow, Invariant, Row, Sight } from '../sight.ts';

/** Compares each step with the one before. */
export function endedStaysEnded(): Invariant {
  let before: Pick<Sight, 'rows' | 'deliveries'> = { rows: new Map(), deliveries: new Map() };
  return {
    name: 'an end is for good, and revisions only grow',
    afterStep: ({ rows, deliveries, ledger }) => {
      const words =
        firstOf(rows.values(), (row) => problemOfTask(before.rows.get(row.id), row)) ??
        firstOf(deliveries.values(), (row) =>
          problemOfDelivery(before.deliveries.get(row.id), row, ledger.redelivered.has(row.task_id)),
        );
      before = { rows, deliveries };
      return words;
    },
  };
}

function problemOfTask(earlier: Row | undefined, row: Row): string | null {
  if (earlier === undefined) return null;
  const { id } = row;
  if (row.revision < earlier.revision) return `${id} went back from revision ${earlier.revision}`;
  const isSame =
    row.state === earlier.state &&
    row.completed_at === earlier.completed_at &&
    row.error_code === earlier.error_code;
  if (isEnded(earlier) && !isSame) return `${id} ended as ${earlier.state}, and is ${row.state} now`;
  // A lease takes a task out of its queue, or puts it back, and changes nothing else.
  const isTaken = earlier.state === 'queued' && row.state === 'accepting' && row.leased_until > 0;
  const isPutBack = earlier.state === 'accepting' && row.state === 'queued' && row.due_at === null;
  if (row.revision === earlier.revision && row.state !== earlier.state && !isTaken && !isPutBack)
    return `${id} went from ${earlier.state} to ${row.state} within one revision`;
  return null;
}

function problemOfDelivery(
  earlier: DeliveryRow | undefined,
  row: DeliveryRow,
  mayRedeliver: boolean,
): string | null {
  if (earlier === undefined) return null;
  const { id } = row;
  if (row.revision < earlier.revision) return `${id} went back from revision ${earlier.revision}`;
  if (row.revision === earlier.revision && row.state !== earlier.state)
    return `${id} went from ${earlier.state} to ${row.state} within one revision`;
  if (earlier.state !== 'pending' && row.state !== earlier.state && !mayRedeliver)
    return `${id} was ${earlier.state}, and is ${row.state} now`;
  return row.attempts < earlier.attempts ? `${id} forgot attempts` : null;
}
