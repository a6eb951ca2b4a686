import type { Client } from '../domain/client.ts';
import type { Delivery } from '../domain/delivery.ts';
import type { DeliveryWork } from '../domain/schedule/job.ts';
import { DELIVERIES_AHEAD_MS } from '../domain/schedule/plan.ts';
import { PROBE_SILENT_MS, RECOVERY_MS } from '../domain/receivers/health.ts';
import type { ReceiverHealth } from '../domain/receivers/health.ts';
import { ownSender } from '../domain/subscription.ts';
import type { Sender, Subscription } from '../domain/subscription.ts';
import { isEnded } from '../domain/task.ts';
import type { UpstreamKey } from '../domain/upstream-key.ts';
import { CLIENT_JSON, clientOf } from './client-row.ts';
import { deliveryFromRow } from './delivery-row.ts';
import type { DeliveryRow } from './delivery-row.ts';
import { firstBehind } from './fetch-pairs.ts';
import { keyOf, promptOf } from './fetch-tasks.ts';
import { fromJson, jsonOf } from './json-row.ts';
import { KEY_JSON } from './lane-rules.ts';
import { HEALTH_JSON, healthOf } from './receiver-row.ts';
import { SUBSCRIPTION_JSON, subscriptionOf } from './subscription-row.ts';
import { CHANGING_COLUMNS, FIXED_COLUMNS } from './task-columns.ts';
import type { TaskRow } from './task-columns.ts';
import { fromRow } from './task-row.ts';

/** A delivery that is leased, with all that it takes to send it, and what is known of its receiver. */
export interface LeasedDelivery {
  readonly work: DeliveryWork;
  readonly health: ReceiverHealth | null;
  readonly key: UpstreamKey | null;
}

/** How many pairs of client and host one look goes through; the next goes on behind them. */
export const PAIRS_LOOKED_AT = 500;
/** Of each pair so many at once, where its receiver answers in good time: what three at once get through while a lease waits. */
const MAX_OF_PAIR = 12;
/** Results may have half a million characters each. */
const MAX_CHARACTERS = 4_000_000;

const PENDING = `state = 'pending'`;
const PENDING_DELIVERIES = { table: 'deliveries', columns: ['client_id', 'host'], where: PENDING } as const;

/** The pairs of client and host to which something is pending, by seeking from `?4`, `?5` on. */
const PAIRS = `pairs (client_id, host) as (
    select client_id, host from deliveries where id = ${firstBehind(PENDING_DELIVERIES, ['?4', '?5'])}
    union all
    select next.client_id, next.host from pairs join deliveries as next
      on next.id = ${firstBehind(PENDING_DELIVERIES, ['pairs.client_id', 'pairs.host'])}
    limit ${PAIRS_LOOKED_AT})`;

/** Of a lane `r`, pending deliveries that nobody has, by their own clocks. */
const ofLane = (test: string, limit: number) => `select id from (
    select id from deliveries where ${PENDING} and client_id = r.client_id and host = r.host and leased_until <= ?1 and ${test}
    order by max(due_at, leased_until), id limit ${limit})`;

/**
 * What may go: due by its own schedule; waited for a receiver that has answered since; or the receiver is silent, and is to be
 * tried. The first is a range of the index; the others read on only where their lane is in that state.
 */
const MAY_GO = `${ofLane(`max(due_at, leased_until) <= ?1 + ${DELIVERIES_AHEAD_MS}`, MAX_OF_PAIR)}
  union ${ofLane(`r.recovered_at > ?1 - ${RECOVERY_MS} and last_status is null and last_attempt_at < r.recovered_at`, MAX_OF_PAIR)}
  union ${ofLane(`r.silences > 0 and r.observed_at <= ?1 - ${PROBE_SILENT_MS} and last_status is null`, 1)}`;

/** Receivers without a slot at the moment are left out: `?6` is a list of [client, host], and of [client, null]. */
const CANDIDATES = `with recursive ${PAIRS},
  lanes as (
    select pairs.client_id, pairs.host, r.silences, r.answered_at, r.is_slow, r.recovered_at, r.observed_at
    from pairs left join receivers as r on r.host = pairs.host and r.client_id = pairs.client_id
    where coalesce(r.open_until, 0) <= ?1
      and not exists (select 1 from json_each(?6) where value ->> 0 = pairs.client_id and coalesce(value ->> 1, pairs.host) = pairs.host)),
  found as (
    select d.id, d.client_id, max(d.due_at, d.leased_until) as due,
      iif(coalesce(r.silences, 1) = 0 and r.is_slow = 0, ${MAX_OF_PAIR}, 1) as most,
      row_number() over (partition by d.client_id, d.host order by max(d.due_at, d.leased_until), d.id) as nth_of_pair,
      coalesce((select length(result_json) from tasks where id = d.task_id), 0) as size
    from lanes as r join deliveries as d on d.id in (${MAY_GO})),
  ranked as (
    select id, size, row_number() over (order by nth, due, id) as place, sum(size) over (order by nth, due, id) as characters
    from (select *, row_number() over (partition by client_id order by due, id) as nth from found where nth_of_pair <= most))
  select id from ranked where place <= ?2 and (place = 1 or characters <= ${MAX_CHARACTERS})`;

const TASK_COLUMNS = [...FIXED_COLUMNS, ...CHANGING_COLUMNS];
/** Of the input, what some message repeats: all of it in upstream's own format, the prompt's start in a chat. */
const TASK_JSON = jsonOf(TASK_COLUMNS, (column) =>
  column === 'input' ? `iif(t.callback_format = 'record', t.input, ${promptOf('t.input')})` : `t.${column}`,
);

const LEASE = `update deliveries set leased_until = ?3 where id in (${CANDIDATES})
  returning *,
    (select ${TASK_JSON} from tasks as t where t.id = task_id) as task_json,
    (select ${CLIENT_JSON} from clients as c where c.id = client_id) as client_json,
    (select ${SUBSCRIPTION_JSON} from subscriptions as s where s.id = subscription_id) as subscription_json,
    (select ${KEY_JSON} from upstream_keys as k join tasks as t on t.account_id = k.id where t.id = task_id) as key_json,
    (select ${HEALTH_JSON} from receivers as r where r.host = deliveries.host and r.client_id = deliveries.client_id) as receiver_json`;

/** Where the next look goes on, as JSON: behind the last pair of this one; null, at the beginning, where that was the last of all. */
export const NEXT_PAIR = `with recursive ${PAIRS} select json_array(client_id, host) from pairs limit 1 offset ${PAIRS_LOOKED_AT - 1}`;

/** When the next of these pairs comes due that is not due yet. */
export const NEXT_DELIVERY = `with recursive ${PAIRS} select min((
    select min(max(due_at, leased_until)) from deliveries where ${PENDING} and client_id = pairs.client_id and host = pairs.host
      and max(due_at, leased_until) > ?1)) as at from pairs`;

/** Where a look begins, and what it leaves out. */
export interface DeliveryLook {
  readonly now: number;
  readonly most: number;
  readonly lease: number;
  /** The pair of client and host behind which it begins. */
  readonly after: readonly [string, string];
  /** Pairs of client and host that take nothing more at the moment; with null for the host, clients. */
  readonly full: readonly (readonly [string, string | null])[];
}

/** Leases due deliveries. */
export function leaseDeliveries(
  db: D1Database,
  { now, most, lease, after, full }: DeliveryLook,
): D1PreparedStatement {
  return db.prepare(LEASE).bind(now, most, lease, ...after, JSON.stringify(full));
}

type TellingRow = DeliveryRow & {
  client_json: string | null;
  subscription_json: string | null;
  receiver_json: string | null;
};
type LeasedRow = TellingRow & { task_json: string | null; key_json: string | null };

/** What tells a subscription of a task that the writer has at hand. */
export interface LeasedTelling {
  readonly delivery: Delivery;
  readonly subscription: Subscription | null;
  /** Null where neither its client nor its subscription is there any more. */
  readonly sender: Sender | null;
  readonly health: ReceiverHealth | null;
}

/** A row that leases a delivery, but for its task. */
export function leasedTelling(row: TellingRow): LeasedTelling {
  const subscription = subscriptionOf(row.subscription_json);
  const ofClient: Client | null = row.client_json === null ? null : clientOf(row.client_json);
  return {
    delivery: deliveryFromRow(row),
    subscription,
    sender: ofClient ?? (subscription && ownSender(subscription)),
    health: healthOf(row.receiver_json),
  };
}

/** A row of the lease; null where what it takes to send it is gone. */
export function leasedDelivery(row: LeasedRow): LeasedDelivery | null {
  const { delivery, subscription, sender, health } = leasedTelling(row);
  const task = row.task_json === null ? null : fromRow(fromJson(row.task_json) as TaskRow);
  if (sender === null || (task === null && delivery.alert === null)) return null;
  if (delivery.kind !== 'subscription' && (task === null || !isEnded(task))) return null;
  return {
    work: { delivery, task, client: sender, subscription, refreshed: null },
    health,
    key: keyOf(row.key_json),
  };
}
