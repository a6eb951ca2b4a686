import { firstOf, isEnded, isRunning } from '../sight.ts';
import type { Invariant, Sight } from '../sight.ts';
import type { RunningTask } from '../upstream.ts';

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
      const running = Array.from(rows.values()).filter((row) => row.client_id === clientId && isRunning(row));
      return running.length <= limit
        ? null
        : `${clientId} may run ${limit}, and runs ${running.map(({ id }) => id).join(', ')}`;
    }),
};

/** What has ended here counts no longer than this where upstream never ends it. */
const COUNTED_MS = 600_000;
/** Between an end here and the writing of it. */
const MARGIN_MS = 15_000;

/** Counted by upstream itself, as it makes a task more. A task whose id got lost on the way to Ringback it cannot count. */
export function activeUpstreamIsKept(): Invariant {
  let charges = 0;
  return {
    name: 'upstream never runs more for a client than its max_active_tasks, what has ended here for ten minutes',
    afterStep: (sight) => {
      const { ledger, activeLimits } = sight;
      if (ledger.charges.length === charges) return null;
      charges = ledger.charges.length;
      const running = sight.runningUpstream().filter((one) => isCounted(sight, one));
      return firstOf(activeLimits, ([clientId, limit]) => {
        const own = running.filter(({ requestId }) => sight.rows.get(requestId)?.client_id === clientId);
        return own.length <= limit
          ? null
          : `${clientId} may run ${limit}, and upstream runs ${own.map(({ requestId }) => requestId).join(', ')}`;
      });
    },
  };
}

function isCounted(sight: Sight, { requestId, upstreamTaskId }: RunningTask): boolean {
  const row = sight.rows.get(requestId);
  if (row === undefined || sight.ledger.lost.has(upstreamTaskId)) return false;
  if (!isEnded(row)) return true;
  return (
    row.upstream_task_id !== null &&
    sight.relayNow - (row.completed_at ?? 0) < COUNTED_MS - sight.toleranceMs - MARGIN_MS
  );
}
