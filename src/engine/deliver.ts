import { describeAttempt } from '../domain/attempt.ts';
import { judge, wasSent } from '../domain/receiver.ts';
import { planAfter } from '../domain/retry-schedule.ts';
import type { RetryPlan } from '../domain/retry-schedule.ts';
import type { EndedTask } from '../domain/task.ts';
import { withResult } from '../domain/delivery.ts';
import { transition } from '../domain/transition.ts';
import type { UpstreamEnd } from '../domain/upstream.ts';
import type { EngineDeps } from './deps.ts';
import { logWarning } from './log.ts';
import { lookUpsOf } from './outcome.ts';
import { postponed } from './postpone.ts';
import type { Outcome } from './outcome.ts';

/** One turn of an ended task: send its callback once, and decide what follows. */
export async function deliver(deps: EngineDeps, task: EndedTask): Promise<Outcome> {
  const { delivery } = task;
  if (delivery === null) throw new Error('a task without a callback URL has nothing to deliver');
  const refreshed = delivery.round.refresh ? await endOf(deps, task) : null;
  const at = deps.clock.now();
  const answer = await deps.callBack({ ...task, phase: withResult(task.phase, refreshed) });
  const now = deps.clock.now();
  if (answer.kind === 'locked') return postponed(task, now);
  const verdict = judge(answer, now, { url: delivery.url, answerLost: delivery.round.answerLost });
  const policy = { delaysMs: deps.config.retryDelaysMs };
  const plan = planAfter(verdict, delivery.round, policy, { now, random: deps.random() });
  const status = answer.kind === 'response' ? answer.status : null;
  if (isLast(plan)) {
    const whose = { task_id: task.id, client_id: task.clientId };
    logWarning('a callback was given up', { ...whose, outcome: plan.outcome, status });
  }
  const tellsFailure = isLast(plan) && (await wantsNotice(deps, task));
  const next = transition(task, { type: 'attempted', plan, status, tellsFailure, refreshed }, now);
  const met = {
    ...(wasSent(answer) ? { answered: answer.kind === 'response' } : {}),
    ...lookUpsOf(answer),
  };
  if (next === null) return met;
  const count = { number: delivery.attempts + 1, at, durationMs: now - at };
  return {
    settlement: { task: next, attempt: describeAttempt(answer, plan, count, delivery.url) },
    ...met,
  };
}

function isLast(plan: RetryPlan): boolean {
  return plan.outcome === 'stopped' || plan.outcome === 'exhausted';
}

async function wantsNotice(deps: EngineDeps, task: EndedTask): Promise<boolean> {
  const client = await deps.stores.clients.get(task.clientId);
  return client !== null && client.failureCallbackUrl !== null;
}

/** How upstream says that the task ended now, or null where it cannot be had. */
async function endOf(deps: EngineDeps, task: EndedTask): Promise<UpstreamEnd | null> {
  if (task.phase.state !== 'succeeded' || task.phase.upstreamTaskId === null) return null;
  const apiKey = await deps.upstreamKey(task.accountId);
  if (apiKey === null) return null;
  const answer = await deps.upstream.record(apiKey, task.phase.upstreamTaskId);
  return answer.kind === 'ended' ? answer.end : null;
}
