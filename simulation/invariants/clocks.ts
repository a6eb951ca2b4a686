import type { QueueReason } from '../../src/domain/task.ts';
import { firstOf, isEnded } from '../sight.ts';
import type { DeliveryRow, Invariant, Row } from '../sight.ts';

/** No lease, poll or pause reaches further than this past the deadline of a task that has no end. */
const REACH_MS = 120_000;
/** Reasons that end with somebody else's doing, so that the queue tells whose turn it is. */
const QUEUE: Readonly<Record<QueueReason, true>> = {
  'own-limit': true,
  behind: true,
  limited: true,
  full: true,
  unasked: true,
  failing: true,
};

/** The one clock of a row: nothing that is left to do is ever forgotten. */
export const everyRowHasAClock: Invariant = {
  name: 'every row that something is left to do for has a clock or a place in a queue, and no other',
  afterStep: ({ rows, deliveries, relayNow }) =>
    firstOf(rows.values(), (row) => problemOfTask(row, relayNow)) ??
    firstOf(deliveries.values(), (row) => problemOfDelivery(row, relayNow)),
};

function problemOfTask(row: Row, now: number): string | null {
  const { id, state, due_at: dueAt, leased_until: leasedUntil, queue_reason: reason } = row;
  if (isEnded(row))
    return dueAt === null && leasedUntil === 0
      ? null
      : `${id} is over, and due at ${dueAt}, leased until ${leasedUntil}`;
  if (dueAt === null) {
    const isQueued = state === 'queued' && (reason ?? '') in QUEUE && leasedUntil === 0;
    return isQueued ? null : `${id} is ${state} (${reason}), leased until ${leasedUntil}, and has no clock`;
  }
  const latest = Math.max(row.deadline_at, now) + REACH_MS;
  return Math.max(dueAt, leasedUntil) <= latest
    ? null
    : `${id} is ${state}, and comes due only in ${dueAt - now} ms`;
}

function problemOfDelivery(
  { id, state, due_at: dueAt, leased_until: leasedUntil }: DeliveryRow,
  now: number,
): string | null {
  const isPending = state === 'pending';
  if (isPending && dueAt === null) return `${id} is to be sent, and has no clock`;
  if (!isPending && dueAt !== null) return `${id} is ${state}, and comes due at ${dueAt}`;
  return leasedUntil - now <= REACH_MS ? null : `${id} is leased for ${leasedUntil - now} ms`;
}
