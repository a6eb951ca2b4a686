import { resultJsonOf } from './result-links.ts';
import { durationMs, isEnded } from './task.ts';
import type { Task } from './task.ts';

/** Upstream's envelope: what `/api/v1` answers, errors too. `code` repeats the HTTP status. */
export interface Envelope<Data> {
  readonly code: number;
  readonly msg: string;
  readonly data: Data | null;
}

/** The state words of the upstream API. */
const RECORD_STATE = {
  accepting: 'waiting',
  queued: 'waiting',
  running: 'waiting',
  succeeded: 'success',
  failed: 'fail',
  canceled: 'fail',
} as const;

/** What upstream's own recordInfo would answer for this task, with Ringback's id. */
export function recordEnvelope(task: Task) {
  const ended = isEnded(task) ? task.phase : null;
  const canceled = ended?.state === 'canceled';
  const data = {
    taskId: task.id,
    model: task.model,
    state: RECORD_STATE[task.phase.state],
    param: JSON.stringify({ model: task.model, input: task.input }),
    resultJson: resultJsonOf(task),
    failCode: canceled ? 'canceled' : (ended?.error?.upstreamCode ?? ended?.error?.code ?? null),
    failMsg: canceled ? 'The task was canceled.' : (ended?.error?.message ?? null),
    costTime: ended === null ? null : (ended.costTimeMs ?? durationMs(task)),
    completeTime: ended?.completedAt ?? null,
    createTime: task.createdAt,
  };
  return { code: 200, msg: 'success', data } satisfies Envelope<typeof data>;
}
