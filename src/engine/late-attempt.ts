import { transition } from '../domain/transition.ts';
import type { Settlement } from '../store/outcomes.ts';
import type { EngineDeps } from './deps.ts';
import { together } from './outcome.ts';

/**
 * Logs an attempt whose outcome was not written, because its task had moved on meanwhile (a redelivery was asked for):
 * what was sent is in the log. Does nothing where it is there already.
 */
export async function logLate(deps: EngineDeps, { task, attempt }: Settlement): Promise<void> {
  if (attempt === undefined) return;
  const { callbacks, tasks, outcomes } = deps.stores;
  const log = await callbacks.attempts(task.id);
  const current = await tasks.get(task.id, null);
  if (current === null || log.some(({ at }) => at === attempt.at)) return;
  const now = deps.clock.now();
  const next = transition(current, { type: 'counted', status: attempt.status }, now);
  if (next === null) return;
  const late = { ...attempt, number: next.delivery?.attempts ?? attempt.number };
  await outcomes.settle({
    ...together([{ settlement: { task: next, attempt: late } }]),
    hosts: new Map(),
    now,
  });
}
