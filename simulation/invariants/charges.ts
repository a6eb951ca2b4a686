import { firstOf } from '../sight.ts';
import type { Invariant } from '../sight.ts';

/** Counted by what the caller wants, which no code of Ringback can change. */
export const oneCharge: Invariant = {
  name: 'upstream makes at most one task for each accepted task',
  afterStep: ({ ledger, plan }) => {
    const charged = Map.groupBy(ledger.charges, ({ intent }) => intent);
    return firstOf(plan.intents, ({ name, idempotencyKey }) => {
      // Who has no key posts again what was refused: a refused post may cost nothing.
      const unkeyed = (ledger.posts.get(name) ?? 0) - (ledger.refusals.get(name) ?? 0);
      const most = idempotencyKey === null ? unkeyed : 1;
      const count = charged.get(name)?.length ?? 0;
      return count <= most ? null : `${name} was posted for ${most}, and charged for ${count}`;
    });
  },
};

export const chargedUnderItsOwnId: Invariant = {
  name: "upstream's request id is the id of a task",
  afterStep: ({ ledger, rows }) => {
    const seen = new Set<string>();
    return firstOf(ledger.charges, ({ requestId }) => {
      if (seen.has(requestId)) return `${requestId} was charged twice`;
      seen.add(requestId);
      return rows.has(requestId) ? null : `upstream made a task for ${requestId}, of which nothing is known`;
    });
  },
};
