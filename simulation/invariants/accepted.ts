import { firstOf } from '../sight.ts';
import type { Invariant } from '../sight.ts';

export const nothingAcceptedIsLost: Invariant = {
  name: 'nothing that a caller was told is accepted is lost',
  afterStep: ({ ledger, rows }) =>
    firstOf(ledger.accepted.keys(), (id) => (rows.has(id) ? null : `${id} was accepted, and has no row`)),
};

export const oneTaskForAKey: Invariant = {
  name: 'an idempotency key names one task',
  afterStep: ({ ledger }) => {
    const taskOf = new Map<string, string>();
    return firstOf(ledger.accepted, ([id, { name, idempotencyKey }]) => {
      if (idempotencyKey === null) return null;
      const other = taskOf.get(name);
      taskOf.set(name, id);
      return other === undefined ? null : `${name} was told both ${other} and ${id}`;
    });
  },
};

export const canceledAsTold: Invariant = {
  name: 'what was canceled stays canceled',
  afterStep: ({ ledger, rows }) =>
    firstOf(ledger.canceled, (id) => {
      const state = rows.get(id)?.state;
      return state === 'canceled' ? null : `${id} was canceled, and is ${state}`;
    }),
};
