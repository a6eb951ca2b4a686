import { describeAttempt } from '../domain/attempt.ts';
import { attempted, postponed, withResult } from '../domain/delivery.ts';
import type { DeliveryChange, SubscriptionTold } from '../domain/outcome.ts';
import { judge, wasSent } from '../domain/receiver.ts';
import type { ReceiverAnswer } from '../domain/receiver.ts';
import { planAfter } from '../domain/retry-schedule.ts';
import type { RetryPlan } from '../domain/retry-schedule.ts';
import type { DeliveryWork } from '../domain/schedule/job.ts';
import { STOPPED_BY_410, stoppedByFailures } from '../domain/subscription.ts';
import { isEnded } from '../domain/task.ts';
import type { Task } from '../domain/task.ts';
import type { UpstreamEnd } from '../domain/upstream.ts';
import { hostOf } from '../domain/url-policy.ts';
import type { EngineDeps } from './deps.ts';
import { logWarning } from './log.ts';

/** Where only some stored secrets do not open: those that do are not held up, and these are tried again so often. */
const LOCKED_MS = 300_000;

/** What an attempt came to, and what its receiver is known by now; `answered` is null where nothing was sent. */
export interface Delivered {
  readonly change: DeliveryChange;
  readonly answered: boolean | null;
  /** Questions to the resolver about the receiver's name; absent where nobody counted. */
  readonly lookUps?: number;
}

/** Sends a delivery once, and decides what follows. */
export async function deliver(deps: EngineDeps, work: DeliveryWork, leasedUntil: number): Promise<Delivered> {
  const { delivery, task, client, refreshed } = work;
  const at = deps.clock.now();
  const answer = await deps.send(work);
  const now = deps.clock.now();
  if (answer.kind === 'locked') return locked(work, leasedUntil, now);
  const plan = planOf(deps, work, answer, { at, now });
  const status = answer.kind === 'response' ? answer.status : null;
  const isGivenUp = plan.outcome === 'stopped' || plan.outcome === 'exhausted';
  if (isGivenUp) {
    logWarning('a delivery was given up', { ...whoseIs(work), outcome: plan.outcome, status });
  }
  const next = { ...attempted(delivery, { plan, status, at, now }), refresh: false };
  const wantsNotice = isGivenUp && delivery.kind === 'callback' ? client.failureCallbackUrl : null;
  const count = { number: delivery.attempts + 1, at, durationMs: now - at };
  return {
    change: {
      delivery: refreshed === null ? next : { ...next, refreshedAt: at },
      attempt: describeAttempt(answer, plan, count, delivery.url),
      leasedUntil,
      resultJson: betterResult(task, refreshed),
      notice: wantsNotice === null ? null : { url: wantsNotice, host: hostOf(wantsNotice) },
      told: toldOf(deps, work, plan, now),
    },
    answered: wasSent(answer) ? answer.kind === 'response' : null,
    ...(answer.lookUps === undefined ? {} : { lookUps: answer.lookUps }),
  };
}

/** Its secrets do not open with the master key that is configured: it is no attempt, and waits for the right one. */
function locked(work: DeliveryWork, leasedUntil: number, now: number): Delivered {
  logWarning('a delivery waits: its secrets do not open with MASTER_KEY', whoseIs(work));
  const next = postponed(work.delivery, now + LOCKED_MS);
  return {
    change: { delivery: next, attempt: null, leasedUntil, resultJson: null, notice: null },
    answered: null,
    lookUps: 0,
  };
}

function whoseIs({ delivery, task }: DeliveryWork) {
  return { task_id: task?.id ?? null, client_id: delivery.clientId, delivery_id: delivery.id };
}

/** What the attempt says of its subscription: a 410 stops it, and so does a failure after failures for long. */
function toldOf(
  { config }: EngineDeps,
  { delivery, subscription }: DeliveryWork,
  plan: RetryPlan,
  now: number,
): SubscriptionTold | null {
  if (delivery.kind !== 'subscription' || subscription === null) return null;
  const told = { subscriptionId: subscription.id, isDelivered: plan.outcome === 'delivered' };
  const stopMs = config.subscriptionStopMs;
  if (plan.outcome === 'stopped') return { ...told, stops: STOPPED_BY_410, stopsIfFailingSince: null };
  // Whether it has failed all the time is seen where it is written: others may have been told meanwhile.
  const mayStop = !told.isDelivered && now - (subscription.failingSince ?? now) >= stopMs;
  return {
    ...told,
    stops: mayStop ? stoppedByFailures(stopMs / 1_000) : null,
    stopsIfFailingSince: mayStop ? now - stopMs : null,
  };
}

function planOf(
  deps: EngineDeps,
  { delivery, subscription }: DeliveryWork,
  answer: ReceiverAnswer,
  { at, now }: { readonly at: number; readonly now: number },
): RetryPlan {
  const { round, dueAt, kind, url } = delivery;
  // It was deleted, which nobody takes back.
  if (kind === 'subscription' && subscription === null) return { outcome: 'exhausted' };
  // A silent receiver is tried before its callbacks are due: what meets silence then uses up nothing of its own schedule. Both count,
  // because it may come due meanwhile, and clocks step back.
  const isProbe = dueAt !== null && dueAt > Math.max(at, now);
  if (isProbe && answer.kind !== 'response') return { outcome: 'retry', at: dueAt, round };
  const verdict = judge(answer, now, { url: kind === 'notice' ? '' : url, answerLost: round.answerLost });
  // Whoever hears of failures is no tool that may not be listening yet.
  const judged =
    kind === 'notice' && verdict.kind === 'again' ? { ...verdict, mayNotListenYet: false } : verdict;
  const policy = { delaysMs: deps.config.retryDelaysMs };
  return planAfter(judged, round, policy, { now, random: deps.random() });
}

/** The result as upstream gives it now, where it is a better one. */
function betterResult(task: Task | null, refreshed: UpstreamEnd | null): string | null {
  if (task === null || !isEnded(task)) return null;
  const next = withResult(task.phase, refreshed);
  return next === task.phase ? null : next.resultJson;
}
