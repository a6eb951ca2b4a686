import { describeAttempt } from '../domain/attempt.ts';
import { judge } from '../domain/receiver.ts';
import { planAfter } from '../domain/retry-schedule.ts';
import type { EndedTask } from '../domain/task.ts';
import { transition } from '../domain/transition.ts';
import type { EngineDeps } from './deps.ts';
import type { Outcome } from './outcome.ts';

/** One turn of an ended task: send its callback once, and decide what follows. */
export async function deliver(deps: EngineDeps, task: EndedTask): Promise<Outcome> {
  const { delivery } = task;
  if (delivery === null) throw new Error('a task without a callback URL has nothing to deliver');
  const at = deps.clock.now();
  const answer = await deps.callBack(task);
  const now = deps.clock.now();
  const policy = { delaysMs: deps.config.retryDelaysMs };
  const plan = planAfter(judge(answer, now), delivery.round, policy, { now, random: deps.random() });
  const status = answer.kind === 'response' ? answer.status : null;
  const next = transition(task, { type: 'attempted', plan, status }, now);
  if (next === null) return {};
  const attempt = describeAttempt(answer, plan, {
    number: delivery.attempts + 1,
    at,
    durationMs: now - at,
  });
  return { settlement: { task: next, attempt } };
}
