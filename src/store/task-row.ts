import type { EndedPhase, FailureNotice, Phase, QueueReason, Task, TaskErrorCode } from '../domain/task.ts';

import type { TaskRow } from './task-columns.ts';

/** The row that holds this task. */
export function toRow(task: Task): TaskRow {
  const { phase, delivery } = task;
  const ended = 'completedAt' in phase ? phase : null;
  return {
    id: task.id,
    client_id: task.clientId,
    account_id: task.accountId,
    model: task.model,
    input: JSON.stringify(task.input),
    metadata: JSON.stringify(task.metadata),
    idempotency_key: task.idempotencyKey,
    fingerprint: task.fingerprint,
    estimated_credits: task.estimatedCredits,
    created_at: task.createdAt,
    deadline_at: task.deadlineAt,
    callback_url: delivery?.url ?? null,
    callback_headers: delivery?.sealedHeaders ?? null,
    callback_format: delivery?.format ?? null,
    relay_host: delivery?.relayHost ?? null,
    callback_host: delivery?.host ?? null,
    revision: task.revision,
    due_at: task.dueAt,
    parked_due_at: null,
    problem: task.problem,
    polls: task.polls.count,
    polled_at: task.polls.lastAt,
    state: phase.state,
    queue_reason: phase.state === 'queued' ? phase.reason : null,
    tries: phase.state === 'queued' ? phase.tries : 0,
    upstream_task_id: 'upstreamTaskId' in phase ? phase.upstreamTaskId : null,
    submitted_at: 'submittedAt' in phase ? phase.submittedAt : null,
    missing_since: phase.state === 'running' ? phase.missingSince : null,
    unlinked_since: phase.state === 'running' ? phase.unlinkedSince : null,
    completed_at: ended?.completedAt ?? null,
    cost_time_ms: ended?.costTimeMs ?? null,
    result_json: ended?.resultJson ?? null,
    error_code: ended?.error?.code ?? null,
    error_message: ended?.error?.message ?? null,
    upstream_code: ended?.error?.upstreamCode ?? null,
    callback_state: delivery?.state ?? null,
    attempts: delivery?.attempts ?? 0,
    last_status: delivery?.lastStatus ?? null,
    delivered_at: delivery?.deliveredAt ?? null,
    first_attempt_at: delivery?.round.firstAttemptAt ?? null,
    retries: delivery?.round.retries ?? 0,
    quick_retries: delivery?.round.quickRetries ?? 0,
    answer_lost: Number(delivery?.round.answerLost ?? false),
    refresh: Number(delivery?.round.refresh ?? false),
    notice_state: delivery?.notice?.state ?? null,
    notice_at: delivery?.notice?.at ?? null,
    notice_tries: delivery?.notice?.tries ?? 0,
  };
}

/** The task that this row holds. Rows are written by `toRow` alone, so their shape is trusted. */
export function fromRow(row: TaskRow): Task {
  return {
    id: row.id,
    clientId: row.client_id,
    accountId: row.account_id,
    model: row.model,
    input: JSON.parse(row.input) as Task['input'],
    metadata: JSON.parse(row.metadata) as Task['metadata'],
    idempotencyKey: row.idempotency_key,
    fingerprint: row.fingerprint,
    estimatedCredits: row.estimated_credits,
    createdAt: row.created_at,
    deadlineAt: row.deadline_at,
    revision: row.revision,
    dueAt: row.parked_due_at ?? row.due_at,
    problem: row.problem,
    polls: { count: row.polls, lastAt: row.polled_at },
    phase: phaseOf(row),
    delivery: deliveryOf(row),
  };
}

function phaseOf(row: TaskRow): Phase {
  switch (row.state) {
    case 'accepting':
      return { state: 'accepting' };
    case 'queued':
      return { state: 'queued', reason: row.queue_reason as QueueReason, tries: row.tries };
    case 'running':
      return {
        state: 'running',
        upstreamTaskId: row.upstream_task_id ?? '',
        submittedAt: row.submitted_at ?? row.created_at,
        missingSince: row.missing_since,
        unlinkedSince: row.unlinked_since,
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
  if (state === 'succeeded') return { ...trace, state, resultJson: row.result_json, error: null };
  if (state === 'canceled') return { ...trace, state, resultJson: null, error: null };
  const error = {
    code: row.error_code as TaskErrorCode,
    message: row.error_message ?? '',
    upstreamCode: row.upstream_code,
  };
  return { ...trace, state, resultJson: null, error };
}

function deliveryOf(row: TaskRow): Task['delivery'] {
  if (row.callback_url === null) return null;
  return {
    url: row.callback_url,
    host: row.callback_host ?? row.callback_url,
    sealedHeaders: row.callback_headers,
    format: row.callback_format === 'record' ? 'record' : 'event',
    relayHost: row.relay_host ?? '',
    state: row.callback_state as NonNullable<Task['delivery']>['state'],
    attempts: row.attempts,
    lastStatus: row.last_status,
    deliveredAt: row.delivered_at,
    round: {
      firstAttemptAt: row.first_attempt_at,
      retries: row.retries,
      quickRetries: row.quick_retries,
      answerLost: row.answer_lost === 1,
      refresh: row.refresh === 1,
    },
    notice:
      row.notice_state === null
        ? null
        : {
            state: row.notice_state as FailureNotice['state'],
            at: row.notice_at ?? row.created_at,
            tries: row.notice_tries,
          },
  };
}
