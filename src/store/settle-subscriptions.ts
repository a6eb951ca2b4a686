import type { DeliveryChange, SubscriptionTold } from '../domain/outcome.ts';

/** What it last answered is kept as of a minute ago: a delivery costs no row for it. */
const NOTED_EVERY_MS = 60_000;

/** Written only where it says something new. */
const NOTE = `update subscriptions set last_status = told.value ->> 'status',
    last_delivered_at = coalesce(told.value ->> 'deliveredAt', last_delivered_at),
    failing_since = iif(told.value ->> 'deliveredAt' is null, coalesce(failing_since, told.value ->> 'failedSince'), told.value ->> 'failedSince')
  from json_each(?1) as told
  where subscriptions.id = told.value ->> 'id' and (last_status is not told.value ->> 'status'
    or (failing_since is null) <> (told.value ->> 'failedSince' is null)
    or coalesce(last_delivered_at, 0) <= told.value ->> 'deliveredAt' - ${NOTED_EVERY_MS})`;

/** Only where it was active at the attempt: whoever took it up again since is not stopped by an answer of before. */
const STOP = `update subscriptions set state = 'stopped', stopped_reason = stop.value ->> 'reason' from json_each(?1) as stop
  where subscriptions.id = stop.value ->> 'id' and state = 'active' and active_since <= stop.value ->> 'at'
    and (stop.value ->> 'failingBefore' is null or failing_since <= stop.value ->> 'failingBefore')`;

interface Seen {
  readonly id: string;
  readonly status: number | null;
  readonly deliveredAt: number | null;
  readonly failedSince: number | null;
}

type Told = { readonly change: DeliveryChange; readonly told: SubscriptionTold };

/** What attempts say of their subscriptions; all of it may be carried out twice. */
export function subscriptionStatements(
  db: D1Database,
  changes: readonly DeliveryChange[],
): D1PreparedStatement[] {
  const told = changes
    .flatMap((change) => (change.told ? [{ change, told: change.told }] : []))
    .toSorted((a, b) => atOf(a) - atOf(b));
  if (told.length === 0) return [];
  const seen = new Map<string, Seen>();
  for (const one of told)
    seen.set(one.told.subscriptionId, afterThis(seen.get(one.told.subscriptionId), one));
  const stops = told.flatMap(({ change, told: one }) =>
    one.stops === null
      ? []
      : [
          {
            id: one.subscriptionId,
            at: change.attempt?.at ?? 0,
            reason: one.stops,
            failingBefore: one.stopsIfFailingSince,
          },
        ],
  );
  return [
    db.prepare(NOTE).bind(JSON.stringify(Array.from(seen.values()))),
    ...(stops.length > 0 ? [db.prepare(STOP).bind(JSON.stringify(stops))] : []),
  ];
}

function atOf({ change }: Told): number {
  return change.attempt?.at ?? 0;
}

function afterThis(before: Seen | undefined, { change, told }: Told): Seen {
  const { subscriptionId: id, isDelivered } = told;
  const { lastStatus: status, deliveredAt } = change.delivery;
  if (isDelivered) return { id, status, deliveredAt, failedSince: null };
  const failedSince = before?.failedSince ?? change.attempt?.at ?? null;
  return { id, status, deliveredAt: before?.deliveredAt ?? null, failedSince };
}
