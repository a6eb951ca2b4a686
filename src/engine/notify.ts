import type { EndedTask } from '../domain/task.ts';
import { transition } from '../domain/transition.ts';
import type { EngineDeps } from './deps.ts';
import type { Outcome } from './outcome.ts';

/** One turn of a given-up callback: tell the client's `failure_callback_url`, by the same schedule of retries. */
export async function notify(deps: EngineDeps, task: EndedTask): Promise<Outcome> {
  const tries = task.delivery?.notice?.tries ?? 0;
  const answer = await deps.tellFailure(task);
  const now = deps.clock.now();
  const delay = deps.config.retryDelaysMs[tries];
  const isTold = answer.kind === 'response' && answer.status >= 200 && answer.status < 300;
  const again = delay === undefined ? 'failed' : { retryAt: now + delay };
  const next = transition(task, { type: 'noticed', outcome: isTold ? 'delivered' : again }, now);
  return next === null ? {} : { settlement: { task: next } };
}
