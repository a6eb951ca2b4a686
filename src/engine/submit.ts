import { eventOfCreate, lessonsOfCreate } from '../domain/admission.ts';
import type { Outcome } from '../domain/outcome.ts';
import { timedOut } from '../domain/poll-outcome.ts';
import { nextPollAt } from '../domain/poll-schedule.ts';
import type { UnsentTask } from '../domain/task.ts';
import { transition } from '../domain/transition.ts';
import { ABANDONED_MS, FOLLOW_EVERY_MS } from '../domain/upstream-key.ts';
import type { KeyLesson, UpstreamKey } from '../domain/upstream-key.ts';
import type { CreateAnswer } from '../domain/upstream.ts';
import type { EngineDeps } from './deps.ts';
import type { Trouble } from './upstream-watch.ts';

/** Asks upstream for the task, with its own stable request id: asking twice makes one task and one charge. */
export async function askUpstream(
  deps: EngineDeps,
  task: UnsentTask,
  key: UpstreamKey | null,
): Promise<CreateAnswer> {
  const apiKey = await deps.openKey(task.accountId, key);
  if (apiKey === null) return { kind: 'unauthorized', message: 'There is no upstream key for this task.' };
  return await deps.upstream.create({ apiKey, requestId: task.id, model: task.model, input: task.input });
}

/** What an answer to createTask leaves to be written, for a task that is accepted already. */
export function outcomeOfCreate(
  deps: EngineDeps,
  task: UnsentTask,
  answer: CreateAnswer,
  key: UpstreamKey | null,
): Outcome {
  const now = deps.clock.now();
  const pollAt = nextPollAt(now, now, deps.config, deps.learning.known.of(task, now));
  const after = (one: CreateAnswer) => transition(task, eventOfCreate(one, task, pollAt, now), now);
  const next = after(answer);
  const { id, accountId: keyId, clientId } = task;
  const lessons = lessonsOfSubmit(deps, task, answer, key);
  if (next === null) throw new Error(`${id} is ${task.phase.state}, and cannot be submitted`);
  if (answer.kind !== 'created') return { task: { task: next }, lessons };
  const abandoned = { keyId, clientId, upstreamTaskId: answer.upstreamTaskId, until: now + ABANDONED_MS };
  return {
    task: { task: next, otherwise: after(TAKEN) },
    lessons,
    running: { abandoned, dueAt: now + FOLLOW_EVERY_MS },
  };
}

/** What an answer to createTask teaches of its key. */
export function lessonsOfSubmit(
  { clock, upstreamWatch }: Pick<EngineDeps, 'clock' | 'upstreamWatch'>,
  { accountId: keyId }: UnsentTask,
  answer: CreateAnswer,
  key: UpstreamKey | null,
): KeyLesson[] {
  const now = clock.now();
  const lessons = lessonsOfCreate(answer, keyId, key, now);
  return [...lessons, ...upstreamWatch.saw(keyId, troubleOfCreate(answer), key, now)];
}

function troubleOfCreate(answer: CreateAnswer): Trouble | null {
  if (answer.kind === 'unavailable') return { problem: answer.message, isRefused: false };
  return answer.kind === 'unauthorized' ? { problem: answer.message, isRefused: true } : null;
}

/** What an answer with the id of another task counts as. */
const TAKEN: CreateAnswer = {
  kind: 'unavailable',
  message: 'upstream answered with the id of another task of this key',
};

/** The end of a task whose deadline passed before upstream took it. */
export function outcomeOfExpiry(task: UnsentTask, now: number): Outcome {
  const next = transition(task, timedOut(task, null), now);
  return next === null ? {} : { task: { task: next } };
}
