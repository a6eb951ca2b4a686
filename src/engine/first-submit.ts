import { databaseTrouble } from '../domain/database-trouble.ts';
import { isUnsent, publicState } from '../domain/task.ts';
import type { Task, UnsentTask } from '../domain/task.ts';
import type { TaskWithDelivery } from '../domain/task-with-delivery.ts';
import type { KeyLesson, UpstreamKey } from '../domain/upstream-key.ts';
import type { CreateAnswer } from '../domain/upstream.ts';
import type { EngineDeps } from './deps.ts';
import { logError, logInfo } from './log.ts';
import { askUpstream, lessonsOfSubmit, outcomeOfCreate } from './submit.ts';

/** An answer of upstream that refuses a task for good. */
export type Refusal = Extract<CreateAnswer, { kind: 'invalid' | 'no-credits' | 'unauthorized' | 'refused' }>;

/** What became of a task that was just stored. */
export type FirstSubmit =
  | { readonly kind: 'accepted'; readonly task: TaskWithDelivery }
  /** Its owner canceled and erased it while upstream was asked: whoever posted it is not told that it is there. */
  | { readonly kind: 'erased' }
  /** Upstream refused, and nothing of the request is left behind. */
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/**
 * Asks upstream for a task that is stored. It is accepted unless upstream says no: whatever breaks here, its caller is told so and
 * does not post it again, and the tick carries it on. Two may ask for the same task at once: upstream makes one of it, and what is
 * written first is told to both. Rejects where upstream says no, and D1 does not say whether the task is forgotten: then neither may
 * be told, and its caller asks again.
 *
 * Where it may have been asked for before (`isFirst` is false), a key that is refused now says nothing of then: upstream may have made
 * the task while it took the key.
 */
export async function submitFirst(
  deps: EngineDeps,
  task: TaskWithDelivery,
  key: UpstreamKey | null,
  { isFirst } = { isFirst: true },
): Promise<FirstSubmit> {
  if (!isUnsent(task)) return accepted(task);
  let refusal: Refusal | null = null;
  try {
    const answer = await askUpstream(deps, task, key);
    deps.asking.answered(task.accountId, answer);
    if (isRefusal(answer) && (isFirst || answer.kind !== 'unauthorized')) refusal = answer;
    if (refusal !== null && (await forget(deps, task, refusal))) {
      await learn(deps, lessonsOfSubmit(deps, task, answer, key));
      return { kind: 'refused', refusal };
    }
    return await settled(deps, task, answer, key);
  } catch (error) {
    if (refusal !== null && databaseTrouble(error) !== null) throw error;
    const whose = { task_id: task.id, client_id: task.clientId };
    logError('the intake broke off after the task was stored; the tick carries it on', error, whose);
    return { kind: 'accepted', task };
  }
}

async function forget(deps: EngineDeps, task: Task, refusal: Refusal): Promise<boolean> {
  return await deps.stores.tasks.discard(task, JSON.stringify(refusal), deps.clock.now());
}

/** What a refusal says of the key: a refused key, and credits that are used up, are for the operator to hear. Never rejects. */
async function learn({ stores, clock }: EngineDeps, lessons: readonly KeyLesson[]): Promise<void> {
  if (lessons.length === 0) return;
  const completion = { outcomes: [{ lessons }], receivers: [], now: clock.now() };
  await stores.exchange.exchange(completion, null).catch((error: unknown) => {
    logError('what a refusal says of its upstream key was not written; the next one says it again', error);
  });
}

function isRefusal(answer: CreateAnswer): answer is Refusal {
  return ['invalid', 'no-credits', 'unauthorized', 'refused'].includes(answer.kind);
}

async function settled(
  deps: EngineDeps,
  task: TaskWithDelivery & UnsentTask,
  answer: CreateAnswer,
  key: UpstreamKey | null,
): Promise<FirstSubmit> {
  const outcome = outcomeOfCreate(deps, task, answer, key);
  const { completed } = await deps.stores.exchange.exchange(
    { outcomes: [outcome], receivers: [], now: deps.clock.now() },
    null,
  );
  if (outcome.task !== undefined && completed.settled.has(task.id))
    return accepted({ ...outcome.task.task, delivery: null, notice: null });
  // Somebody else was quicker: what stands in D1 is what is true.
  const current = await deps.stores.tasks.get(task.id, null);
  if (current !== null) return accepted(current);
  // A retry that asked beside this one was refused: the same is told to both.
  const refused = await deps.stores.tasks.refusal(task, task.createdAt);
  return refused === null ? { kind: 'erased' } : { kind: 'refused', refusal: JSON.parse(refused) };
}

/** The caller is told that the task is there, as it stands now. */
export function accepted(task: TaskWithDelivery): FirstSubmit {
  logInfo('a task was accepted', { task_id: task.id, client_id: task.clientId, state: publicState(task) });
  return { kind: 'accepted', task };
}
