import { isoTime } from '../domain/clock.ts';
import { isEnded } from '../domain/task.ts';
import { transition } from '../domain/transition.ts';
import type { EngineDeps } from './deps.ts';
import { together } from './outcome.ts';

const BATCH = 200;
/** Between two callbacks of one replay: a receiver that has just come back is not run over. */
const PACE_MS = 250;

/**
 * Makes the failed callbacks of a client's tasks that ended within a span (epoch ms) due again, the oldest first, one every
 * 250 ms; at most 200 at a time.
 */
export async function redeliverFailed(
  deps: EngineDeps,
  clientId: string,
  span: { readonly since: number; readonly until: number },
): Promise<{ redelivered: number; next_since: string | null }> {
  const failed = await deps.stores.callbacks.failed(clientId, span, BATCH);
  const now = deps.clock.now();
  const settlements = failed.flatMap((task, place) => {
    const next = transition(task, { type: 'redelivered', dueAt: now + place * PACE_MS }, now);
    return next === null ? [] : [{ task: next }];
  });
  const outcomes = settlements.map((settlement) => ({ settlement }));
  const { ids: written } = await deps.stores.outcomes.settle({
    ...together(outcomes),
    hosts: new Map(),
    now,
  });
  const last = failed.at(-1);
  const hasMore = failed.length === BATCH && last !== undefined && isEnded(last);
  return { redelivered: written.size, next_since: hasMore ? isoTime(last.phase.completedAt) : null };
}
