import { firstOf, isEnded } from '../sight.ts';
import type { Invariant, Row } from '../sight.ts';

/** No claim, poll or pause reaches further than this past the deadline of a task that has no end. */
const REACH_MS = 120_000;

/** The one clock of a row: nothing that is left to do is ever forgotten. */
export const everyRowHasAClock: Invariant = {
  name: 'every row that something is left to do for has a clock, and no other',
  afterStep: ({ rows, relayNow }) => firstOf(rows.values(), (row) => problemOf(row, relayNow)),
};

function problemOf(row: Row, now: number): string | null {
  const { id, state, due_at: dueAt } = row;
  if (isEnded(row)) {
    const isPending = row.callback_state === 'pending' || row.notice_state === 'pending';
    if (isPending && dueAt === null) return `${id} has a callback to send, and no clock`;
    return isPending || dueAt === null ? null : `${id} is over, and comes due at ${dueAt}`;
  }
  if (dueAt === null) return `${id} is ${state}, and has no clock`;
  const latest = Math.max(row.deadline_at, now) + REACH_MS;
  return dueAt <= latest ? null : `${id} is ${state}, and comes due only in ${dueAt - now} ms`;
}
