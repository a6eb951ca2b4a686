import type { Alert } from './events/event.ts';
import { webhookId } from './ids.ts';
import { resultUrls } from './result-urls.ts';
import { NEW_ROUND } from './retry-schedule.ts';
import type { RetryPlan, RetryRound } from './retry-schedule.ts';
import type { EndedPhase, EndedTask } from './task.ts';
import type { UpstreamEnd } from './upstream.ts';

/** What a notice tells of the callback that was given up; kept with it, because the callback may be sent again meanwhile. */
export interface GivenUp {
  /** Epoch ms. */
  readonly at: number;
  readonly url: string;
  readonly attempts: number;
  readonly lastStatus: number | null;
}

/** One message on its way to one address: a task's callback, the notice that it was given up, an event. Instants are epoch ms. */
export interface Delivery {
  /** The `webhook-id`, the same in every attempt. */
  readonly id: string;
  /** Empty where it is about no task. */
  readonly taskId: string;
  /** Whose it is: the task's client, or `OPERATOR` where an operator's subscription is told. */
  readonly clientId: string;
  readonly kind: 'callback' | 'notice' | 'subscription';
  /** Null but for what is told to a subscription. */
  readonly subscriptionId: string | null;
  /** Its `type`: `task.succeeded`, `callback.failed`. */
  readonly event: string;
  readonly url: string;
  /** Host and port of the URL, as the URL policy names it. */
  readonly host: string;
  /** Null but for `callback.failed`. */
  readonly about: GivenUp | null;
  /** Null but for what is about no task. */
  readonly alert: Alert | null;
  readonly createdAt: number;
  /** When what it tells of happened. */
  readonly occurredAt: number;
  /** Goes up by one with every change (not with a lease): what a write is conditional on. */
  readonly revision: number;
  /** Its own schedule; null where nothing is left to do. */
  readonly dueAt: number | null;
  /** Somebody has its turn until then. */
  readonly leasedUntil: number;
  readonly state: 'pending' | 'delivered' | 'failed';
  /** Attempts so far, over all rounds. */
  readonly attempts: number;
  readonly lastStatus: number | null;
  readonly lastAttemptAt: number | null;
  readonly deliveredAt: number | null;
  readonly round: RetryRound;
  /** The result is to be fetched from upstream again before the next attempt: links expire. */
  readonly refresh: boolean;
  readonly refreshedAt: number | null;
}

/** The callback that tells a task's end, due at once and leased until `leasedUntil`; null where the task has no callback URL. */
export function callbackOf(task: EndedTask, now: number, leasedUntil: number): Delivery | null {
  if (task.callback === null) return null;
  return {
    id: webhookId(task.id),
    taskId: task.id,
    clientId: task.clientId,
    kind: 'callback',
    subscriptionId: null,
    event: `task.${task.phase.state}`,
    url: task.callback.url,
    host: task.callback.host,
    about: null,
    alert: null,
    createdAt: now,
    occurredAt: task.phase.completedAt,
    revision: 0,
    dueAt: now,
    leasedUntil,
    state: 'pending',
    attempts: 0,
    lastStatus: null,
    lastAttemptAt: null,
    deliveredAt: null,
    round: NEW_ROUND,
    refresh: false,
    refreshedAt: null,
  };
}

/** An attempt as its delivery sees it. */
export interface AttemptOutcome {
  readonly plan: RetryPlan;
  /** Null where nothing was answered. */
  readonly status: number | null;
  /** When it was sent. Epoch ms. */
  readonly at: number;
  /** When it came back. Epoch ms. */
  readonly now: number;
}

/** The delivery after an attempt. */
export function attempted(delivery: Delivery, { plan, status, at, now }: AttemptOutcome): Delivery {
  const tried = {
    ...delivery,
    revision: delivery.revision + 1,
    attempts: delivery.attempts + 1,
    lastStatus: status,
    lastAttemptAt: at,
    leasedUntil: 0,
  };
  switch (plan.outcome) {
    case 'delivered':
      return { ...tried, state: 'delivered', deliveredAt: now, dueAt: null };
    case 'stopped':
    case 'exhausted':
      return { ...tried, state: 'failed', dueAt: null };
    case 'retry':
      return { ...tried, dueAt: plan.at, round: plan.round };
  }
}

/** The delivery put off: nothing was sent, so nothing of its schedule is used up. */
export function postponed(delivery: Delivery, dueAt: number): Delivery {
  return { ...delivery, revision: delivery.revision + 1, dueAt, leasedUntil: 0 };
}

/** A success with the links that upstream gives now, where it gives any; everything else of an end stays as it was. */
export function withResult(phase: EndedPhase, refreshed: UpstreamEnd | null): EndedPhase {
  const isFresh = phase.state === 'succeeded' && refreshed?.state === 'succeeded';
  return isFresh && resultUrls(refreshed.resultJson).length > 0
    ? { ...phase, resultJson: refreshed.resultJson }
    : phase;
}

/** A task's result is not fetched again more often than this: its links were fresh a moment ago. */
const REFRESH_EVERY_MS = 10_000;

/**
 * The delivery sent again, by a schedule that starts anew; a callback with the result fetched again first. An attempt that is
 * under way keeps its lease.
 */
export function redelivered(delivery: Delivery, dueAt: number, now: number): Delivery {
  const isFresh = delivery.refreshedAt !== null && now - delivery.refreshedAt < REFRESH_EVERY_MS;
  return {
    ...delivery,
    revision: delivery.revision + 1,
    state: 'pending',
    dueAt,
    deliveredAt: null,
    round: NEW_ROUND,
    refresh: delivery.kind === 'callback' && !isFresh,
  };
}
