import { isoTime } from './clock.ts';
import type { GivenUp } from './delivery.ts';
import { recordEnvelope } from './record.ts';
import { resultUrls } from './result-urls.ts';
import { durationMs, isEnded } from './task.ts';
import type { EndedTask, Task } from './task.ts';

export type OutcomeFields = ReturnType<typeof outcomeFields>;

/** What a task came to, as every surface tells it: in the task itself and in its callback. */
export function outcomeFields(task: Task) {
  const ended = isEnded(task) ? task.phase : null;
  const urls = resultUrls(ended?.resultJson ?? null, task.media);
  const submittedAt = 'submittedAt' in task.phase ? task.phase.submittedAt : null;
  return {
    result_url: urls[0] ?? null,
    result_urls: urls,
    // As upstream gave them: no copies are kept.
    source_urls: urls,
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

/** The body of the notice that a callback was given up: what was to be told, and where it could not be. */
export function failureBody(task: EndedTask, { at, url, attempts, lastStatus }: GivenUp): string {
  return JSON.stringify({
    type: 'callback.failed',
    timestamp: isoTime(at),
    id: task.id,
    model: task.model,
    state: task.phase.state,
    callback_url: url,
    attempts,
    last_status: lastStatus,
    ...outcomeFields(task),
  });
}

/**
 * The body of a task's callback: a pure function of its row, so it is byte for byte the same in every attempt. One flat
 * object with the same keys on success and failure, because no-code tools map fields from one sample.
 */
export function callbackBody(task: EndedTask): string {
  if (task.callback?.format === 'record') return JSON.stringify(recordEnvelope(task));
  const { state, completedAt } = task.phase;
  return JSON.stringify({
    type: `task.${state}`,
    timestamp: isoTime(completedAt),
    id: task.id,
    model: task.model,
    state,
    ...outcomeFields(task),
  });
}
