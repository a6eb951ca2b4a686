import type { Attempt } from '../domain/attempt.ts';
import type { Delivery, GivenUp } from '../domain/delivery.ts';
import { isAlert } from '../domain/events/event.ts';
import type { Alert } from '../domain/events/event.ts';

/** A row of `deliveries`, column by column. */
export interface DeliveryRow {
  id: string;
  task_id: string;
  client_id: string;
  kind: string;
  subscription_id: string | null;
  event: string;
  url: string;
  host: string;
  about: string | null;
  created_at: number;
  occurred_at: number;
  revision: number;
  due_at: number | null;
  leased_until: number;
  state: string;
  attempts: number;
  last_status: number | null;
  last_attempt_at: number | null;
  delivered_at: number | null;
  first_attempt_at: number | null;
  retries: number;
  quick_retries: number;
  answer_lost: number;
  refresh: number;
  refreshed_at: number | null;
  first_attempt: string | null;
}

/** What an attempt, or a redelivery, may change. */
export const CHANGING_COLUMNS = [
  'url',
  'host',
  'revision',
  'due_at',
  'state',
  'attempts',
  'last_status',
  'last_attempt_at',
  'delivered_at',
  'first_attempt_at',
  'retries',
  'quick_retries',
  'answer_lost',
  'refresh',
  'refreshed_at',
] as const satisfies (keyof DeliveryRow)[];

/** The columns that an attempt changes, as they stand for this delivery. */
export function changingPart(delivery: Delivery): Record<string, unknown> {
  const { round } = delivery;
  const row: Record<(typeof CHANGING_COLUMNS)[number], unknown> = {
    url: delivery.url,
    host: delivery.host,
    revision: delivery.revision,
    due_at: delivery.dueAt,
    state: delivery.state,
    attempts: delivery.attempts,
    last_status: delivery.lastStatus,
    last_attempt_at: delivery.lastAttemptAt,
    delivered_at: delivery.deliveredAt,
    first_attempt_at: round.firstAttemptAt,
    retries: round.retries,
    quick_retries: round.quickRetries,
    answer_lost: Number(round.answerLost),
    refresh: Number(delivery.refresh),
    refreshed_at: delivery.refreshedAt,
  };
  return row;
}

/** The delivery that this row holds. Rows are written by the store alone, so their shape is trusted. */
export function deliveryFromRow(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    taskId: row.task_id,
    clientId: row.client_id,
    kind: row.kind as Delivery['kind'],
    subscriptionId: row.subscription_id,
    event: row.event,
    url: row.url,
    host: row.host,
    about: row.about === null || isAlert(row.event) ? null : (JSON.parse(row.about) as GivenUp),
    alert: row.about !== null && isAlert(row.event) ? alertOf(row.event, row.about) : null,
    createdAt: row.created_at,
    occurredAt: row.occurred_at,
    revision: row.revision,
    dueAt: row.due_at,
    leasedUntil: row.leased_until,
    state: row.state as Delivery['state'],
    attempts: row.attempts,
    lastStatus: row.last_status,
    lastAttemptAt: row.last_attempt_at,
    deliveredAt: row.delivered_at,
    round: {
      firstAttemptAt: row.first_attempt_at,
      retries: row.retries,
      quickRetries: row.quick_retries,
      answerLost: row.answer_lost === 1,
    },
    refresh: row.refresh === 1,
    refreshedAt: row.refreshed_at,
  };
}

/** What `events.about` says of a change that operators are told of. */
export function alertOf(type: Alert['type'], about: string): Alert {
  const { clientId, ...figures } = JSON.parse(about) as Alert['figures'] & { clientId: string | null };
  return { type, clientId, figures };
}

/** The attempt that is kept in the delivery's own row, or null. */
export function firstAttemptOf({ first_attempt: text }: Pick<DeliveryRow, 'first_attempt'>): Attempt | null {
  return text === null ? null : (JSON.parse(text) as Attempt);
}
