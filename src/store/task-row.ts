import type { Keeping } from '../domain/keeping.ts';
import { bytesOf } from '../domain/kept-files.ts';
import type { Kept } from '../domain/kept-files.ts';
import { builtinMedia } from '../domain/models/catalog.ts';
import { waitingOf } from '../domain/task.ts';
import type {
  CallbackFormat,
  EndedPhase,
  Phase,
  QueueReason,
  Task,
  TaskErrorCode,
  Waiting,
} from '../domain/task.ts';
import type { TaskRow } from './task-columns.ts';

/** The row that holds this task. */
export function toRow(task: Task): TaskRow {
  const { phase, callback } = task;
  const waiting = waitingOf(task);
  const ended = 'completedAt' in phase ? phase : null;
  const keeping = phase.state === 'running' ? phase.keeping : null;
  const kept = phase.state === 'succeeded' ? phase.kept : null;
  return {
    id: task.id,
    client_id: task.clientId,
    account_id: task.accountId,
    model: task.model,
    media: task.media,
    input: JSON.stringify(task.input),
    metadata: JSON.stringify(task.metadata),
    idempotency_key: task.idempotencyKey,
    fingerprint: task.fingerprint,
    estimated_credits: task.estimatedCredits,
    created_at: task.createdAt,
    deadline_at: task.deadlineAt,
    callback_url: callback?.url ?? null,
    callback_headers: callback?.sealedHeaders ?? null,
    callback_format: callback?.format ?? null,
    relay_host: callback?.relayHost ?? null,
    callback_host: callback?.host ?? null,
    files_origin: task.filesOrigin,
    revision: task.revision,
    due_at: task.dueAt,
    leased_until: task.leasedUntil,
    problem: task.problem,
    polls: task.polls.count,
    polled_at: task.polls.lastAt,
    state: phase.state,
    queue_reason: waiting?.reason ?? null,
    tries: waiting?.tries ?? 0,
    upstream_task_id: 'upstreamTaskId' in phase ? phase.upstreamTaskId : null,
    submitted_at: 'submittedAt' in phase ? phase.submittedAt : null,
    missing_since: phase.state === 'running' ? phase.missingSince : null,
    unlinked_since: phase.state === 'running' ? phase.unlinkedSince : null,
    completed_at: ended?.completedAt ?? null,
    cost_time_ms: ended?.costTimeMs ?? null,
    result_json: ended?.resultJson ?? keeping?.resultJson ?? null,
    error_code: ended?.error?.code ?? null,
    error_message: ended?.error?.message ?? null,
    upstream_code: ended?.error?.upstreamCode ?? null,
    keeping: keeping && keepingText(keeping),
    kept: kept && JSON.stringify(kept),
    kept_bytes: bytesOf(kept),
  };
}

/** The task that this row holds. Rows are written by `toRow` alone, so their shape is trusted. */
export function fromRow(row: TaskRow): Task {
  return {
    id: row.id,
    clientId: row.client_id,
    accountId: row.account_id,
    model: row.model,
    media: (row.media as Task['media']) ?? builtinMedia(row.model),
    input: JSON.parse(row.input) as Task['input'],
    metadata: JSON.parse(row.metadata) as Task['metadata'],
    idempotencyKey: row.idempotency_key,
    fingerprint: row.fingerprint,
    estimatedCredits: row.estimated_credits,
    createdAt: row.created_at,
    deadlineAt: row.deadline_at,
    revision: row.revision,
    dueAt: row.due_at,
    leasedUntil: row.leased_until,
    problem: row.problem,
    polls: { count: row.polls, lastAt: row.polled_at },
    phase: phaseOf(row),
    callback: callbackOf(row),
    filesOrigin: row.files_origin,
  };
}

function phaseOf(row: TaskRow): Phase {
  switch (row.state) {
    case 'accepting':
      return row.queue_reason === null
        ? { state: 'accepting' }
        : { state: 'accepting', waited: waitingIn(row, row.queue_reason) };
    case 'queued':
      return { state: 'queued', ...waitingIn(row, row.queue_reason ?? 'unasked') };
    case 'running':
      return {
        state: 'running',
        upstreamTaskId: row.upstream_task_id ?? '',
        submittedAt: row.submitted_at ?? row.created_at,
        missingSince: row.missing_since,
        unlinkedSince: row.unlinked_since,
        keeping: row.keeping === null ? null : keepingOf(row.keeping, row.result_json),
      };
    case 'succeeded':
    case 'failed':
    case 'canceled':
      return endedPhaseOf(row, row.state);
  }
}

function endedPhaseOf(row: TaskRow, state: EndedPhase['state']): EndedPhase {
  const trace = {
    upstreamTaskId: row.upstream_task_id,
    submittedAt: row.submitted_at,
    completedAt: row.completed_at ?? row.created_at,
    costTimeMs: row.cost_time_ms,
  };
  if (state === 'succeeded') {
    const kept = row.kept === null ? null : (JSON.parse(row.kept) as Kept[]);
    return { ...trace, state, resultJson: row.result_json, error: null, kept };
  }
  if (state === 'canceled') return { ...trace, state, resultJson: null, error: null };
  const error = {
    code: row.error_code as TaskErrorCode,
    message: row.error_message ?? '',
    upstreamCode: row.upstream_code,
  };
  return { ...trace, state, resultJson: null, error };
}

/** The result itself stands in the column that it stays in. */
function keepingText({ since, completedAt, costTimeMs, files }: Keeping): string {
  return JSON.stringify({ since, completedAt, costTimeMs, files });
}

function keepingOf(text: string, resultJson: string | null): Keeping {
  return { ...(JSON.parse(text) as Omit<Keeping, 'resultJson'>), resultJson };
}

function waitingIn(row: TaskRow, reason: string): Waiting {
  return { reason: reason as QueueReason, tries: row.tries };
}

function callbackOf(row: TaskRow): Task['callback'] {
  if (row.callback_url === null) return null;
  return {
    url: row.callback_url,
    host: row.callback_host ?? row.callback_url,
    sealedHeaders: row.callback_headers,
    format: formatOf(row.callback_format),
    relayHost: row.relay_host ?? '',
  };
}

/** Rows of old have none, and mean the flat body. */
function formatOf(text: string | null): CallbackFormat {
  return text === 'record' || text === 'wait' ? text : 'event';
}
