import type { EndedTask } from '../domain/task.ts';
import { transition } from '../domain/transition.ts';
import { logWarning } from './log.ts';
import type { Outcome } from './outcome.ts';

/** Where only some stored secrets do not open: those that do are not held up, and these are tried again so often. */
const POSTPONED_MS = 300_000;

/**
 * A message whose secrets do not open with the master key that is configured: it is no attempt, and waits for the right one.
 */
export function postponed(task: EndedTask, now: number): Outcome {
  logWarning('a callback waits: its secrets do not open with MASTER_KEY', {
    task_id: task.id,
    client_id: task.clientId,
  });
  const next = transition(task, { type: 'postponed', dueAt: now + POSTPONED_MS }, now);
  // Where the result was fetched again, a request went out.
  const isUnasked = task.delivery?.round.refresh !== true;
  return {
    ...(isUnasked ? { unasked: true } : {}),
    ...(next === null ? {} : { settlement: { task: next } }),
  };
}
