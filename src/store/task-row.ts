import type { EndedPhase, Phase, QueueReason, Task, TaskErrorCode } from '../domain/task.ts';

/** A row of `tasks`, column by column. */
export interface TaskRow {
  id: string;
  client_id: string;
  account_id: string;
  model: string;
  input: string;
  metadata: string;
  idempotency_key: string | null;
  fingerprint: string | null;
  estimated_credits: number | null;
  created_at: number;
  deadline_at: number;
  callback_url: string | null;
  callback_headers: string | null;
  callback_format: string | null;
  relay_host: string | null;
  revision: number;
  due_at: number | null;
  problem: string | null;
  state: Phase['state'];
  queue_reason: string | null;
  tries: number;
  upstream_task_id: string | null;
  submitted_at: number | null;
  missing_since: number | null;
  completed_at: number | null;
  cost_time_ms: number | null;
  result_json: string | null;
  error_code: string | null;
  error_message: string | null;
  upstream_code: string | null;
  callback_state: string | null;
  attempts: number;
  last_status: number | null;
  delivered_at: number | null;
  first_attempt_at: number | null;
  retries: number;
  quick_retries: number;
}

/** Written once, when the task is accepted. */
export const FIXED_COLUMNS = [
  'id',
  'client_id',
  'account_id',
  'model',
  'input',
  'metadata',
  'idempotency_key',
  'fingerprint',
  'estimated_credits',
  'created_at',
  'deadline_at',
  'callback_url',
  'callback_headers',
  'callback_format',
  'relay_host',
] as const satisfies (keyof TaskRow)[];

/** What a transition may change. */
export const CHANGING_COLUMNS = [
  'revision',
  'due_at',
  'problem',
  'state',
  'queue_reason',
  'tries',
  'upstream_task_id',
  'submitted_at',
  'missing_since',
  'completed_at',
  'cost_time_ms',
  'result_json',
  'error_code',
  'error_message',
  'upstream_code',
  'callback_state',
  'attempts',
  'last_status',
  'delivered_at',
  'first_attempt_at',
  'retries',
  'quick_retries',
] as const satisfies (keyof TaskRow)[];

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
    revision: task.revision,
    due_at: task.dueAt,
    problem: task.problem,
    state: phase.state,
    queue_reason: phase.state === 'queued' ? phase.reason : null,
    tries: phase.state === 'queued' ? phase.tries : 0,
    upstream_task_id: 'upstreamTaskId' in phase ? phase.upstreamTaskId : null,
    submitted_at: 'submittedAt' in phase ? phase.submittedAt : null,
    missing_since: phase.state === 'running' ? phase.missingSince : null,
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
    dueAt: row.due_at,
    problem: row.problem,
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
    },
  };
}
