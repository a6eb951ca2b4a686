import { isoTime } from './clock.ts';
import type { GivenUp } from './delivery.ts';
import { eventIdOf } from './events/event.ts';
import type { TaskEventType } from './events/event.ts';
import { recordEnvelope } from './record.ts';
import { resultLinks } from './result-links.ts';
import { durationMs, isEnded } from './task.ts';
import type { EndedTask, Task } from './task.ts';

export type OutcomeFields = ReturnType<typeof outcomeFields>;

/** What a task came to, as every surface tells it: in the task itself and in its callback. */
export function outcomeFields(task: Task) {
  const ended = isEnded(task) ? task.phase : null;
  const { sources, urls } = resultLinks(task);
  const submittedAt = 'submittedAt' in task.phase ? task.phase.submittedAt : null;
  return {
    result_url: urls[0] ?? null,
    result_urls: urls,
    source_urls: sources,
    error_code: ended?.error?.code ?? null,
    error_message: ended?.error?.message ?? null,
    metadata: task.metadata,
    estimated_credits: task.estimatedCredits,
    created_at: isoTime(task.createdAt),
    submitted_at: submittedAt === null ? null : isoTime(submittedAt),
    completed_at: ended === null ? null : isoTime(ended.completedAt),
    duration_ms: durationMs(task),
  };
}

/** A flat event body. */
export type FlatBody = Readonly<Record<string, unknown>> & {
  readonly type: string;
  readonly event_id: string;
};

/** What every flat body about a task begins with. */
function head(task: Task, type: TaskEventType, event_id: string, at: number) {
  const { state } = task.phase;
  return { type, event_id, timestamp: isoTime(at), id: task.id, model: task.model, state };
}

/** The flat body of a task's end. */
export function endBody(task: EndedTask) {
  const { state, completedAt } = task.phase;
  return {
    ...head(task, `task.${state}`, eventIdOf(task.id, 'ended'), completedAt),
    ...outcomeFields(task),
  };
}

/** The flat body of `task.running`, the same after the task has ended; null where upstream never took it. */
export function runningBody(task: Task) {
  const { phase } = task;
  if (!('submittedAt' in phase) || phase.submittedAt === null) return null;
  const { submittedAt, upstreamTaskId } = phase;
  const state = { state: 'running', missingSince: null, unlinkedSince: null, keeping: null } as const;
  const then: Task = { ...task, phase: { ...state, submittedAt, upstreamTaskId: upstreamTaskId ?? '' } };
  return {
    ...head(then, 'task.running', eventIdOf(task.id, 'running'), submittedAt),
    ...outcomeFields(then),
  };
}

/** The flat body of `callback.failed`: what was to be told, and where it could not be. */
export function givenUpBody(task: EndedTask, { at, url, attempts, lastStatus }: GivenUp) {
  return {
    ...head(task, 'callback.failed', eventIdOf(task.id, { attempts }), at),
    callback_url: url,
    attempts,
    last_status: lastStatus,
    ...outcomeFields(task),
  };
}

/** The body of the notice that a callback was given up. */
export function failureBody(task: EndedTask, givenUp: GivenUp): string {
  return JSON.stringify(givenUpBody(task, givenUp));
}

/**
 * The body of a task's callback: a pure function of its row, so it is byte for byte the same in every attempt. One flat
 * object with the same keys on success and failure, because no-code tools map fields from one sample.
 */
export function callbackBody(task: EndedTask): string {
  return JSON.stringify(task.callback?.format === 'record' ? recordEnvelope(task) : endBody(task));
}
