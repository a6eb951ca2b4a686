import type { EventType } from '../domain/events/event.ts';
import type { Format, Subscription } from '../domain/subscription.ts';
import { fromJson, jsonOf } from './json-row.ts';

/** A row of `subscriptions`, but for its identity. */
export interface SubscriptionRow {
  id: string;
  client_id: string;
  url: string;
  host: string;
  relay_host: string;
  events: string;
  models: string | null;
  format: string;
  description: string | null;
  headers: string | null;
  signing_secret: string | null;
  state: string;
  stopped_reason: string | null;
  created_at: number;
  active_since: number;
  last_delivered_at: number | null;
  last_status: number | null;
  failing_since: number | null;
}

const COLUMNS = [
  'id',
  'client_id',
  'url',
  'host',
  'relay_host',
  'events',
  'models',
  'format',
  'description',
  'headers',
  'signing_secret',
  'state',
  'stopped_reason',
  'created_at',
  'active_since',
  'last_delivered_at',
  'last_status',
  'failing_since',
] as const satisfies (keyof SubscriptionRow)[];

/** What a select of subscriptions takes. */
export const SUBSCRIPTION_COLUMNS = COLUMNS.join(', ');

/** A subscription of a table named `s`, as JSON. */
export const SUBSCRIPTION_JSON = jsonOf(COLUMNS, (column) => `s.${column}`);

/** The subscription that this row holds. Rows are written by the store alone, so their shape is trusted. */
export function subscriptionFromRow(row: SubscriptionRow): Subscription {
  return {
    id: row.id,
    clientId: row.client_id,
    url: row.url,
    host: row.host,
    relayHost: row.relay_host,
    events: JSON.parse(row.events) as EventType[],
    models: row.models === null ? null : (JSON.parse(row.models) as string[]),
    format: row.format as Format,
    description: row.description,
    sealedHeaders: row.headers,
    signingSecret: row.signing_secret,
    state: row.state as Subscription['state'],
    stoppedReason: row.stopped_reason,
    createdAt: row.created_at,
    activeSince: row.active_since,
    lastDeliveredAt: row.last_delivered_at,
    lastStatus: row.last_status,
    failingSince: row.failing_since,
  };
}

/** The row that holds this subscription. */
export function subscriptionToRow(subscription: Subscription): SubscriptionRow {
  return {
    id: subscription.id,
    client_id: subscription.clientId,
    url: subscription.url,
    host: subscription.host,
    relay_host: subscription.relayHost,
    events: JSON.stringify(subscription.events),
    models: subscription.models && JSON.stringify(subscription.models),
    format: subscription.format,
    description: subscription.description,
    headers: subscription.sealedHeaders,
    signing_secret: subscription.signingSecret,
    state: subscription.state,
    stopped_reason: subscription.stoppedReason,
    created_at: subscription.createdAt,
    active_since: subscription.activeSince,
    last_delivered_at: subscription.lastDeliveredAt,
    last_status: subscription.lastStatus,
    failing_since: subscription.failingSince,
  };
}

/** The subscription that `SUBSCRIPTION_JSON` gave; null where it is gone. */
export function subscriptionOf(json: string | null): Subscription | null {
  return json === null ? null : subscriptionFromRow(fromJson(json) as SubscriptionRow);
}
