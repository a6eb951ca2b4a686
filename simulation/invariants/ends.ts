import { ENDS } from '../receivers.ts';
import { callbackOf, firstOf, isEnded } from '../sight.ts';
import type { Invariant, Row, Sight } from '../sight.ts';
import type { IntentPlan } from '../plan-intents.ts';

export const allHasEnded: Invariant = {
  name: 'in the end every task has ended, and nothing is left to do',
  atEnd: ({ rows, deliveries, abandoned }) =>
    firstOf(rows.values(), (row) =>
      isEnded(row) && row.due_at === null ? null : `${row.id} is ${row.state}, and due at ${row.due_at}`,
    ) ??
    firstOf(deliveries.values(), ({ id, state }) =>
      state === 'pending' ? `${id} is still to be sent` : null,
    ) ??
    firstOf(abandoned, ({ upstream_task_id: id }) => `${id} is still followed`),
};

export const endsFit: Invariant = {
  name: 'each task ends as upstream ended it, or by its deadline',
  atEnd: (sight) =>
    firstOf(sight.rows.values(), (row) => {
      const intent = intentOf(sight, row);
      return intent === null ? null : problemOfEnd(sight, row, intent);
    }),
};

export const callbacksEndAsReceiversDo: Invariant = {
  name: 'each callback ends as its receiver lets it: delivered, or given up after the whole schedule',
  atEnd: (sight) =>
    firstOf(sight.rows.values(), (row) => {
      const intent = intentOf(sight, row);
      if (intent === null || intent.receiver === null) return null;
      const { kind } = intent.receiver;
      const callback = callbackOf(sight, row.id);
      const state = callback?.state;
      const { host } = new URL(intent.receiver.url);
      // A host that is silent for too long uses up whatever schedule.
      const mayFail = state === 'failed' && sight.plan.silences.some(({ host: silent }) => silent === host);
      if (state !== ENDS[kind] && !mayFail)
        return `the callback of ${row.id} to a ${kind} receiver is ${state}`;
      const log = sight.attemptsOf(callback?.id ?? '');
      const last = log.at(-1)?.outcome;
      return state === 'failed' && last !== 'exhausted' && last !== 'stopped'
        ? `${row.id} was given up after an attempt that is ${last}`
        : null;
    }),
};

/** Six minutes in which things go wrong, and eight in which nothing does: by then each end of upstream's was seen. */
const LONG_ENOUGH_MS = 840_000;

function problemOfEnd(
  { toleranceMs }: Sight,
  row: Row,
  { directive: { words: asked, ends } }: IntentPlan,
): string | null {
  const { id, state, error_code: code, completed_at: completedAt } = row;
  const words = `${id} with "${asked}" ended as ${state} ${code ?? ''}`;
  if (state === 'canceled') return null;
  if (code === 'timed_out') {
    const hadTime = row.deadline_at - (row.submitted_at ?? Infinity) >= LONG_ENOUGH_MS;
    if (hadTime && ends.length > 0) return `${words}, although upstream had ended it`;
    const early = row.deadline_at - (completedAt ?? 0) - toleranceMs;
    return early > 0 ? `${words}, ${early} ms before its deadline` : null;
  }
  if (code === 'insufficient_credits') return null;
  return ends.includes(code ?? state) ? null : words;
}

/** What was wanted with this row: by what a caller was told, or by what upstream was asked. */
function intentOf({ ledger, plan }: Sight, { id }: Row): IntentPlan | null {
  const known = ledger.accepted.get(id);
  if (known !== undefined) return known;
  const charge = ledger.charges.find(({ requestId }) => requestId === id);
  return plan.intents.find(({ name }) => name === charge?.intent) ?? null;
}
