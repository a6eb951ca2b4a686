import type { Task } from '../domain/task.ts';
import type { Wake } from '../store/wakes.ts';
import type { Outcome } from './outcome.ts';

/**
 * The failure in a row, some seconds after the first, at which a task gives up its turn. Once only: an outage draws in one
 * more waiting task each time, and not all of them.
 */
const GIVES_UP_AT_FAILURE = 3;

/** What a turn of a task that upstream did not have leaves: the task as it stands now, and whom it makes way for. */
export function outcomeOf(task: Task): Outcome {
  const wake = wakeAfter(task);
  return { settlement: { task }, ...(wake === null ? {} : { wake }) };
}

/** Another may go where one has gone, and where one that had its turn cannot go; null where the task keeps its turn. */
function wakeAfter({ accountId, clientId, phase }: Task): Wake | null {
  const wake = { accountId, clientId, isEnd: false };
  if (phase.state !== 'queued') return wake;
  switch (phase.reason) {
    case 'failing':
      return phase.tries === GIVES_UP_AT_FAILURE ? wake : null;
    case 'own-limit':
      return wake;
    case 'behind':
      // Whoever it was put behind may have gone before that was written.
      return { ...wake, unlessAsked: true };
    case 'full':
    case 'limited':
    case 'unasked':
      return null;
  }
}
