import { resultUrls } from './result-urls.ts';
import type { RetryPlan } from './retry-schedule.ts';
import { isEnded, NEW_ROUND } from './task.ts';
import type { EndedPhase, Task } from './task.ts';
import type { UpstreamEnd } from './upstream.ts';

/** A callback was sent once, and a plan says what follows. */
export interface AttemptedEvent {
  readonly type: 'attempted';
  readonly plan: RetryPlan;
  readonly status: number | null;
  /** Whether the client wants to be told where this was the last attempt. */
  readonly tellsFailure: boolean;
  /** The result as upstream gave it before this attempt, where it was asked for again. */
  readonly refreshed: UpstreamEnd | null;
}

/* The transitions of a delivery: each gives the task after its event, or null where the event does not apply. */

export function attempted(task: Task, event: AttemptedEvent, now: number): Task | null {
  const { plan, status, tellsFailure } = event;
  const { delivery } = task;
  if (!isEnded(task) || delivery?.state !== 'pending') return null;
  const fresh = { ...task, phase: withResult(task.phase, event.refreshed) };
  const round = { ...delivery.round, refresh: false };
  const tried = { ...delivery, round, attempts: delivery.attempts + 1, lastStatus: status };
  switch (plan.outcome) {
    case 'delivered':
      return { ...fresh, dueAt: null, delivery: { ...tried, state: 'delivered', deliveredAt: now } };
    case 'stopped':
    case 'exhausted': {
      const notice = tellsFailure ? ({ state: 'pending', at: now, tries: 0 } as const) : null;
      return { ...fresh, dueAt: notice && now, delivery: { ...tried, state: 'failed', notice } };
    }
    case 'retry':
      return { ...fresh, dueAt: plan.at, delivery: { ...tried, round: { ...plan.round, refresh: false } } };
  }
}

/** A success with the links that upstream gives now, where it gives any; everything else of an end stays as it was. */
export function withResult(phase: EndedPhase, refreshed: UpstreamEnd | null): EndedPhase {
  const isFresh = phase.state === 'succeeded' && refreshed?.state === 'succeeded';
  return isFresh && resultUrls(refreshed.resultJson).length > 0
    ? { ...phase, resultJson: refreshed.resultJson }
    : phase;
}

export function noticed(task: Task, outcome: 'delivered' | 'failed' | { retryAt: number }): Task | null {
  const { delivery } = task;
  if (delivery?.notice?.state !== 'pending') return null;
  const tried = { ...delivery.notice, tries: delivery.notice.tries + 1 };
  if (typeof outcome === 'object')
    return { ...task, dueAt: outcome.retryAt, delivery: { ...delivery, notice: tried } };
  return { ...task, dueAt: null, delivery: { ...delivery, notice: { ...tried, state: outcome } } };
}

/** Only its clock moves: nothing was sent, so nothing of the schedule is used up. */
export function postponed(task: Task, dueAt: number): Task | null {
  const isPending = task.delivery?.state === 'pending' || task.delivery?.notice?.state === 'pending';
  return isEnded(task) && isPending ? { ...task, dueAt } : null;
}

export function redelivered(task: Task, dueAt: number): Task | null {
  if (!isEnded(task) || task.delivery === null) return null;
  const round = { ...NEW_ROUND, refresh: true };
  const delivery = { ...task.delivery, state: 'pending' as const, round, deliveredAt: null, notice: null };
  return { ...task, delivery, dueAt };
}
