import { atOwnLimit, behind, eventOfCreate } from '../domain/admission.ts';
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
    // It no longer waits, so the next may try: upstream had room, or this one wanted none.
    ...(next !== null && next.phase.state !== 'queued'
      ? { wake: { accountId, clientId: task.clientId } }
      : {}),
  };
}

/** One turn of a task that waits here: submit it, unless its client's limit or its place in the queue holds it. */
export async function submit(deps: EngineDeps, task: UnsentTask): Promise<Outcome> {
  const { load, clients } = deps.stores;
  const limit = (await clients.get(task.clientId))?.maxActiveTasks ?? null;
  const isFull = limit !== null && (await load.active(task, deps.config.taskTimeoutMs)) >= limit;
  const isBehind = !isFull && isWaiting(task) && (await load.hasOlderWaiting(task.accountId, task.id));
  if (!isFull && !isBehind) return await outcomeOfCreate(deps, task, await askUpstream(deps, task));
  const now = deps.clock.now();
  const next = transition(task, isFull ? atOwnLimit(now) : behind(now), now);
  return {
    ...(next === null ? {} : { settlement: { task: next } }),
    // It had the clock of the one that asks: the older one takes the turn over.
    ...(isBehind && hasAsked(task) ? { wake: { accountId: task.accountId, clientId: task.clientId } } : {}),
  };
}

function hasAsked({ phase }: UnsentTask): boolean {
  return phase.state === 'queued' && phase.reason !== 'behind';
}

/** Waits for a slot of its upstream key: of these only the oldest asks, so that a full key refuses one task and not all. */
function isWaiting({ phase }: UnsentTask): boolean {
  return phase.state === 'queued' && ['full', 'limited', 'behind'].includes(phase.reason);
}

/** A task whose deadline passed before upstream took it. */
export function expire(deps: EngineDeps, task: UnsentTask): Outcome {
  const now = deps.clock.now();
  const next = transition(task, timedOut(task, null), now);
  const wake = { accountId: task.accountId, clientId: task.clientId };
  return next === null ? {} : { settlement: { task: next }, wake };
}
