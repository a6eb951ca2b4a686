import { firstOf, isEnded } from '../sight.ts';
import type { Invariant } from '../sight.ts';

/* What subscriptions are told: the rules of the contract a second time. */

export const eachEventIsToldOnce: Invariant = {
  name: 'an event is one delivery to each subscription',
  atEnd: ({ deliveries, ledger }) => {
    const told = new Set<string>();
    return firstOf(deliveries.values(), ({ kind, subscription_id: to, event, task_id: taskId, id }) => {
      // A callback that is sent again may be given up again.
      if (kind !== 'subscription' || (event === 'callback.failed' && ledger.redelivered.has(taskId)))
        return null;
      const what = `${event} of ${taskId} to ${to}`;
      if (told.has(what)) return `${id} tells ${what} again`;
      told.add(what);
      return null;
    });
  },
};

export const toldNeitherBeforeNorAfter: Invariant = {
  name: 'a subscription is told nothing from before it was made, and nothing that happens after it was deleted',
  afterStep: ({ deliveries, subscriptions, ledger, toleranceMs }) =>
    firstOf(deliveries.values(), ({ id, subscription_id: to, created_at: createdAt }) => {
      if (to === null) return null;
      const since = subscriptions.get(to)?.active_since;
      if (since !== undefined && createdAt < since) return `${id} is told of before ${to} was made`;
      const deletedAt = ledger.subscriptions.get(to)?.deletedAt?.byRelay ?? Infinity;
      return createdAt > deletedAt + toleranceMs ? `${id} is told of after ${to} was deleted` : null;
    }),
};

export const subscribersMissNothing: Invariant = {
  name: 'a subscription that stays is told of each end',
  atEnd: ({ rows, deliveries, subscriptions, ledger, toleranceMs }) =>
    firstOf(subscriptions.values(), ({ id, client_id: clientId, state, active_since: since }) => {
      const known = ledger.subscriptions.get(id);
      if (state !== 'active' || known === undefined || known.isBeingDeleted) return null;
      const told = new Set(
        Array.from(deliveries.values()).flatMap((one) =>
          one.subscription_id === id ? [`${one.event} of ${one.task_id}`] : [],
        ),
      );
      return firstOf(rows.values(), (row) => {
        const isMine = row.client_id === clientId && isEnded(row);
        const isSince = (row.recorded_at ?? 0) > since + toleranceMs;
        const event = `task.${row.state}`;
        if (!isMine || !isSince || !known.events.includes(event)) return null;
        return told.has(`${event} of ${row.id}`) ? null : `${id} was not told of ${event} of ${row.id}`;
      });
    }),
};

export const sameBytesToSubscriptions: Invariant = {
  name: 'what a subscription is told has the same bytes in every attempt until the task is redelivered',
  onSend: ({ ledger }, send) => {
    if (send.subscriptionId === null || ledger.redelivered.has(send.taskId)) return null;
    const first = ledger.sends.find(({ webhookId }) => webhookId === send.webhookId);
    return first === undefined || first.body === send.body
      ? null
      : `${send.webhookId} was sent as ${first.body} and as ${send.body}`;
  },
};
