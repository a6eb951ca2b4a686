import type { Phase } from '../domain/task.ts';

/** A row of `tasks`, column by column. */
export interface TaskRow {
  id: string;
  client_id: string;
  account_id: string;
  model: string;
  media: string | null;
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
  callback_host: string | null;
  files_origin: string | null;
  revision: number;
  due_at: number | null;
  leased_until: number;
  problem: string | null;
  polls: number;
  polled_at: number | null;
  state: Phase['state'];
  queue_reason: string | null;
  tries: number;
  upstream_task_id: string | null;
  submitted_at: number | null;
  missing_since: number | null;
  unlinked_since: number | null;
  completed_at: number | null;
  cost_time_ms: number | null;
  result_json: string | null;
  error_code: string | null;
  error_message: string | null;
  upstream_code: string | null;
  keeping: string | null;
  kept: string | null;
  kept_bytes: number;
}

/** Written once, when the task is accepted. */
export const FIXED_COLUMNS = [
  'id',
  'client_id',
  'account_id',
  'model',
  'media',
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
  'callback_host',
  'files_origin',
] as const satisfies (keyof TaskRow)[];

/** What a transition may change. */
export const CHANGING_COLUMNS = [
  'revision',
  'due_at',
  'leased_until',
  'problem',
  'polls',
  'polled_at',
  'state',
  'queue_reason',
  'tries',
  'upstream_task_id',
  'submitted_at',
  'missing_since',
  'unlinked_since',
  'completed_at',
  'cost_time_ms',
  'result_json',
  'error_code',
  'error_message',
  'upstream_code',
  'keeping',
  'kept',
  'kept_bytes',
] as const satisfies (keyof TaskRow)[];

/** Columns that only the code before deliveries knew, and that have no default. */
export const OLD_COLUMNS = [
  'attempts',
  'retries',
  'quick_retries',
  'answer_lost',
  'refresh',
  'notice_tries',
] as const;
