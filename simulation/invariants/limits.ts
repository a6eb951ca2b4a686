import { firstOf } from '../sight.ts';
import type { Invariant } from '../sight.ts';

/** The platform lets this many requests of an invocation wait for headers. */
const MAX_CONNECTIONS = 6;

export const budgetIsKept: Invariant = {
  name: 'no cron sends more requests than SUBREQUEST_BUDGET, nor more than six at once',
  onFetch: ({ plan }, by) => {
    if (!by.name.startsWith('cron')) return null;
    if (by.fetches > plan.subrequestBudget) return `${by.name} sends its request number ${by.fetches}`;
    return by.waiting > MAX_CONNECTIONS ? `${by.name} has ${by.waiting} requests in flight` : null;
  },
};

export const d1RequestsAreKept: Invariant = {
  name: 'no invocation makes more requests to D1 than the platform allows',
  onD1Request: ({ plan }, by) =>
    by.d1Requests > plan.d1Requests ? `${by.name} makes its request number ${by.d1Requests}` : null,
};

export const activeLimitsAreKept: Invariant = {
  name: 'no client has more tasks running than its max_active_tasks',
  afterStep: ({ rows, activeLimits }) =>
    firstOf(activeLimits, ([clientId, limit]) => {
      const running = Array.from(rows.values()).filter(
        ({ client_id: owner, state }) => owner === clientId && state === 'running',
      );
      return running.length <= limit
        ? null
        : `${clientId} may run ${limit}, and runs ${running.map(({ id }) => id).join(', ')}`;
    }),
};
