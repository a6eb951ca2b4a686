import { eventOfRecord } from '../domain/poll-outcome.ts';
import { isEnded } from '../domain/task.ts';
import type { RunningTask } from '../domain/task.ts';
import { transition } from '../domain/transition.ts';
import type { EngineDeps } from './deps.ts';
import type { Outcome } from './outcome.ts';

/**
 * One turn of a running task. A poll that finds nothing new leaves nothing to write: its claim was the rescheduling, and it is
 * counted in memory.
 */
export async function poll(deps: EngineDeps, held: RunningTask): Promise<Outcome> {
  const apiKey = await deps.upstreamKey(held.accountId);
  const task = apiKey === null ? held : deps.pollCounts.count(held, deps.clock.now());
  const answer =
    apiKey === null
      ? ({ kind: 'refused', message: 'There is no upstream key for this task.' } as const)
      : await deps.upstream.record(apiKey, task.phase.upstreamTaskId);
  const now = deps.clock.now();
  const event = eventOfRecord(answer, task, now);
  if (event?.type === 'ended') deps.learning.saw(task, event.end);
  const next = event && transition(task, event, now);
  const { accountId } = task;
  if (next !== null && isEnded(next)) deps.pollCounts.forget(task.id);
  return {
    ...(next === null ? {} : { settlement: { task: next } }),
    ...(answer.kind === 'limited'
      ? {
          pause: {
            accountId,
            what: 'poll',
            until: now + answer.retryAfterMs,
            intervalMs: answer.intervalMs,
          },
        }
      : {}),
    // An end frees a slot of this upstream key, and of its client.
    ...(next !== null && isEnded(next) ? { wake: { accountId, clientId: task.clientId, isEnd: true } } : {}),
  };
}
