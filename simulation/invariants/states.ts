import { firstOf, isEnded } from '../sight.ts';
import type { Invariant, Row } from '../sight.ts';

/** Compares each step with the one before. */
export function endedStaysEnded(): Invariant {
  let before: ReadonlyMap<string, Row> = new Map();
  return {
    name: 'an end is for good, and revisions only grow',
    afterStep: ({ rows, ledger }) => {
      const words = firstOf(rows.values(), (row) => {
        const earlier = before.get(row.id);
        return earlier === undefined ? null : problemOf(earlier, row, ledger.redelivered.has(row.id));
      });
      before = rows;
      return words;
    },
  };
}

function problemOf(earlier: Row, row: Row, mayRedeliver: boolean): string | null {
  const { id } = row;
  if (row.revision < earlier.revision) return `${id} went back from revision ${earlier.revision}`;
  const isSame =
    row.state === earlier.state &&
    row.completed_at === earlier.completed_at &&
    row.error_code === earlier.error_code;
  if (isEnded(earlier) && !isSame) return `${id} ended as ${earlier.state}, and is ${row.state} now`;
  if (row.revision === earlier.revision && row.state !== earlier.state)
    return `${id} went from ${earlier.state} to ${row.state} within one revision`;
  const was = earlier.callback_state;
  const isDone = was === 'delivered' || was === 'failed';
  if (isDone && row.callback_state !== was && !mayRedeliver)
    return `${id} was ${was}, and is ${row.callback_state} now`;
  return row.attempts < earlier.attempts ? `${id} forgot attempts` : null;
}
