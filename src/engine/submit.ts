import { atOwnLimit, eventOfCreate } from '../domain/admission.ts';
import { nextPollAt } from '../domain/poll-schedule.ts';
import { timedOut } from '../domain/poll-outcome.ts';
import type { UnsentTask } from '../domain/task.ts';
import { transition } from '../domain/transition.ts';
import type { CreateAnswer } from '../domain/upstream.ts';
import type { EngineDeps } from './deps.ts';
import type { Outcome } from './outcome.ts';

/** Asks upstream for the task, with its own stable request id: asking twice makes one task and one charge. */
export async function askUpstream(deps: EngineDeps, task: UnsentTask): Promise<CreateAnswer> {
  const apiKey = await deps.upstreamKey(task.accountId);
  if (apiKey === null) {
    return { kind: 'unauthorized', message: 'There is no upstream key for this task.' };
  }
  return await deps.upstream.create({ apiKey, requestId: task.id, model: task.model, input: task.input });
}

/** What an answer to createTask leaves to be written, for a task that is accepted already. */
export async function outcomeOfCreate(
  deps: EngineDeps,
  task: UnsentTask,
  answer: CreateAnswer,
): Promise<Outcome> {
  const { accountId } = task;
  const keyHasRunning = answer.kind === 'full' && (await deps.stores.load.hasRunning(accountId));
  const now = deps.clock.now();
  const context = { pollAt: nextPollAt(now, now, deps.config), keyHasRunning };
  const next = transition(task, eventOfCreate(answer, task, context, now), now);
  return {
    ...(next === null ? {} : { settlement: { task: next } }),
    ...(answer.kind === 'limited'
      ? { pause: { accountId, what: 'submit', until: now + answer.retryAfterMs } }
      : {}),
    // Upstream had room for this one: the next that waits may try.
    ...(answer.kind === 'created' ? { wake: { accountId, clientId: task.clientId } } : {}),
  };
}

/** One turn of a task that waits here: submit it, unless its client is at its own limit. */
export async function submit(deps: EngineDeps, task: UnsentTask): Promise<Outcome> {
  const client = await deps.stores.clients.get(task.clientId);
  if (client?.maxActiveTasks !== null && client !== null) {
    const active = await deps.stores.load.active(task.clientId, task.id);
    const now = deps.clock.now();
    const next = active >= client.maxActiveTasks ? transition(task, atOwnLimit(now), now) : null;
    if (next !== null) return { settlement: { task: next } };
  }
  return await outcomeOfCreate(deps, task, await askUpstream(deps, task));
}

/** A task whose deadline passed before upstream took it. */
export function expire(deps: EngineDeps, task: UnsentTask): Outcome {
  const now = deps.clock.now();
  const next = transition(task, timedOut(task, null), now);
  return next === null ? {} : { settlement: { task: next } };
}
