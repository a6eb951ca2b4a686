import { judge } from '../domain/receiver.ts';
import { planAfter } from '../domain/retry-schedule.ts';
import type { RetryPlan } from '../domain/retry-schedule.ts';
import { NEW_ROUND } from '../domain/task.ts';
import type { EndedTask } from '../domain/task.ts';
import { transition } from '../domain/transition.ts';
import type { EngineDeps } from './deps.ts';
import { lookUpsOf } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { postponed } from './postpone.ts';

/** One turn of a given-up callback: tell the client's `failure_callback_url`, by the same schedule of retries. */
export async function notify(deps: EngineDeps, task: EndedTask): Promise<Outcome> {
  const answer = await deps.tellFailure(task);
  const now = deps.clock.now();
  if (answer.kind === 'locked') return postponed(task, now);
  const round = { ...NEW_ROUND, retries: task.delivery?.notice?.tries ?? 0 };
  const verdict = { ...judge(answer, now, { url: '', answerLost: false }), mayNotListenYet: false };
  const plan = planAfter(
    verdict,
    round,
    { delaysMs: deps.config.retryDelaysMs },
    { now, random: deps.random() },
  );
  const next = transition(task, { type: 'noticed', outcome: outcomeOf(plan) }, now);
  return { ...lookUpsOf(answer), ...(next === null ? {} : { settlement: { task: next } }) };
}

function outcomeOf(plan: RetryPlan): 'delivered' | 'failed' | { retryAt: number } {
  if (plan.outcome === 'retry') return { retryAt: plan.at };
  return plan.outcome === 'delivered' ? 'delivered' : 'failed';
}
