import { atKeyLimit, atOwnLimit, behind, eventOfCreate, mayAsk } from '../domain/admission.ts';
import type { Deferral, KeyLoad } from '../domain/admission.ts';
import { nextPollAt } from '../domain/poll-schedule.ts';
import { timedOut } from '../domain/poll-outcome.ts';
import type { UnsentTask } from '../domain/task.ts';
import { transition } from '../domain/transition.ts';
import type { CreateAnswer } from '../domain/upstream.ts';
import type { Learned } from '../store/queue.ts';
import type { EngineDeps } from './deps.ts';
import type { Outcome } from './outcome.ts';
import { outcomeOf } from './pass-on.ts';

/** Asks upstream for the task, with its own stable request id: asking twice makes one task and one charge. */
export async function askUpstream(deps: EngineDeps, task: UnsentTask): Promise<CreateAnswer> {
  const { id: requestId, accountId, model, input } = task;
  return await deps.asking.during(accountId, async () => {
    const apiKey = await deps.upstreamKey(accountId);
    if (apiKey === null)
      return { kind: 'unauthorized', message: 'There is no upstream key for this task.' } as const;
    return await deps.upstream.create({ apiKey, requestId, model, input });
  });
}

/** The upstream key with what is being asked for at this moment: decide on it before anything else is waited for. */
export function withAsked(deps: EngineDeps, task: UnsentTask, key: KeyLoad): KeyLoad {
  return { ...key, asked: deps.asking.of(task.accountId) };
}

/**
 * What an answer to createTask leaves to be written, for a task that is accepted already.
 * @param key what was known of the upstream key when it was asked.
 */
export async function outcomeOfCreate(
  deps: EngineDeps,
  task: UnsentTask,
  answer: CreateAnswer,
  key: KeyLoad,
): Promise<Outcome> {
  const { accountId } = task;
  // The refusal of another that was asked for meanwhile may be written first, and count too few.
  const hasOthers = key.asked + deps.asking.of(accountId) > 0;
  const what = lessonOf(answer, key.activeLimit !== null || hasOthers);
  const plan = (await deps.learning.plansFor([task])).of(task);
  const now = deps.clock.now();
  const context = { pollAt: nextPollAt(now, now, deps.config, plan), keyHasRunning: key.running > 0 };
  const next = transition(task, eventOfCreate(answer, task, context, now), now);
  if (next === null) return {};
  const outcome = outcomeOf(next);
  const otherwise =
    answer.kind === 'created' && transition(task, eventOfCreate(TAKEN, task, context, now), now);
  return {
    ...outcome,
    ...(otherwise ? { settlement: { task: next, otherwise } } : {}),
    ...(answer.kind === 'limited'
      ? { pause: { accountId, what: 'submit', until: now + answer.retryAfterMs, intervalMs: null } }
      : {}),
    ...(what === null ? {} : { learned: { accountId, what } }),
  };
}

/** What an answer with the id of another task counts as. */
const TAKEN: CreateAnswer = {
  kind: 'unavailable',
  message: 'upstream answered with the id of another task of this key',
};

/** What an answer says of the key's limit; that it took one more says nothing where there is no limit to raise. */
function lessonOf(answer: CreateAnswer, mayHaveLimit: boolean): Learned['what'] | null {
  if (answer.kind === 'full') return 'refused';
  return answer.kind === 'created' && mayHaveLimit ? 'taken' : null;
}

/** One turn of a task that waits here: submit it, unless its client's limit, its key's or its place in the queue holds it. */
export async function submit(deps: EngineDeps, task: UnsentTask): Promise<Outcome> {
  const { load, clients, queue } = deps.stores;
  const limit = (await clients.get(task.clientId))?.maxActiveTasks ?? null;
  const isFull = limit !== null && (await load.isFull(task, limit));
  const { key: known, hasAsker } = await queue.ahead(task);
  const key = withAsked(deps, task, known);
  const held = holdsBack(task, { isFull, key, hasAsker, random: deps.random() }, deps.clock.now());
  if (held === null) return await outcomeOfCreate(deps, task, await askUpstream(deps, task), key);
  const next = transition(task, held, deps.clock.now());
  return next === null ? {} : { ...outcomeOf(next), unasked: true };
}

/** What keeps a task that waits here from being submitted now, or null. */
function holdsBack(
  task: UnsentTask,
  { isFull, key, hasAsker, random }: { isFull: boolean; key: KeyLoad; hasAsker: boolean; random: number },
  now: number,
): Deferral | null {
  if (isFull) return atOwnLimit(now, random);
  const isBehind = task.phase.state === 'queued' && task.phase.reason === 'behind';
  if (hasAsker && (isBehind || !mayAsk(key, now))) return behind(now, random);
  return mayAsk(key, now) ? null : atKeyLimit(key, now);
}

/** A task whose deadline passed before upstream took it. */
export function expire(deps: EngineDeps, task: UnsentTask): Outcome {
  const now = deps.clock.now();
  const next = transition(task, timedOut(task, null), now);
  return next === null ? {} : outcomeOf(next);
}
