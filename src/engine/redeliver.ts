import { isoTime } from '../domain/clock.ts';
import { redelivered } from '../domain/delivery.ts';
import type { Delivery } from '../domain/delivery.ts';
import type { FailedCallbacks } from '../store/deliveries.ts';
import type { EngineDeps } from './deps.ts';

/** How often a change is tried against others that are quicker. */
const MAX_TRIES = 25;
const BATCH = 200;
/** Between two callbacks of one replay: a receiver that has just come back is not run over. */
const PACE_MS = 250;

/** Where a delivery goes from now on. */
export type Address = Pick<Delivery, 'url' | 'host'>;

/**
 * Sends a delivery again, with the result as upstream gives it then: links expire. Null where it is gone.
 *
 * @param address where it goes from now on; null: where it went.
 */
export async function redeliver(
  deps: EngineDeps,
  delivery: Delivery,
  address: Address | null = null,
): Promise<Delivery | null> {
  let current: Delivery | null = delivery;
  for (let tries = 0; tries < MAX_TRIES && current !== null; tries++) {
    const now = deps.clock.now();
    const next = redelivered({ ...current, ...address }, now, now);
    if ((await deps.stores.deliveries.change([next])).has(next.id)) return next;
    current = await deps.stores.deliveries.get(delivery.id, delivery.clientId);
  }
  if (current === null) return null;
  throw new Error(`${delivery.id} changed ${MAX_TRIES} times while it was to be sent again`);
}

/** Makes failed callbacks due again, the oldest first, one every 250 ms; at most 200 at a time. */
export async function redeliverFailed(
  deps: EngineDeps,
  which: FailedCallbacks,
): Promise<{ redelivered: number; next_since: string | null }> {
  const failed = await deps.stores.deliveries.failed(which, BATCH);
  const now = deps.clock.now();
  const changed = await deps.stores.deliveries.change(
    failed.map((delivery, place) => redelivered(delivery, now + place * PACE_MS, now)),
  );
  const last = failed.at(-1);
  const hasMore = failed.length === BATCH && last !== undefined;
  return { redelivered: changed.size, next_since: hasMore ? isoTime(last.occurredAt) : null };
}
