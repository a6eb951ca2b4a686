/** Of a relay that keeps results. Where one does not, this is the link of the provider. */
const KEPT =
  'https://ringback.example.workers.dev/files/task_01kapzk2rfq7w3v5x8n0c4t6ym/1/Zm94IGluIHRoZSBzbm93IQ/result-1.mp4';

const OUTCOME = {
  id: 'task_01kapzk2rfq7w3v5x8n0c4t6ym',
  model: 'seedance-2.0-text-to-video',
  state: 'succeeded',
  result_url: KEPT,
  result_urls: [KEPT],
  source_urls: ['https://files.example.com/result-1.mp4'],
  error_code: null,
  error_message: null,
  metadata: { row: '42' },
  estimated_credits: 200,
  created_at: '2026-11-22T15:00:00.000Z',
  submitted_at: '2026-11-22T15:00:01.000Z',
  completed_at: '2026-11-22T15:01:30.000Z',
  duration_ms: 90_000,
};

export const TASK = { ...OUTCOME, input: { prompt: 'A fox in the snow', resolution: '720p', duration: 5 } };

export const EVENT = {
  type: 'task.succeeded',
  event_id: 'evt_01kapzk2rfq7w3v5x8n0c4t6ym',
  timestamp: OUTCOME.completed_at,
  ...OUTCOME,
};

export const CALLBACK_FAILED = {
  ...EVENT,
  type: 'callback.failed',
  callback_url: 'https://hooks.example.com/42',
  attempts: 11,
  last_status: 500,
};

export const OUTPUT_FIELDS = [
  { key: 'id', label: 'Task ID' },
  { key: 'model', label: 'Model' },
  { key: 'state', label: 'State' },
  { key: 'result_url', label: 'Result URL' },
  { key: 'result_urls[]', label: 'Result URLs' },
  { key: 'source_urls[]', label: 'Source URLs' },
  { key: 'error_code', label: 'Error Code' },
  { key: 'error_message', label: 'Error Message' },
  { key: 'estimated_credits', label: 'Estimated Credits', type: 'number' },
  { key: 'created_at', label: 'Created At', type: 'datetime' },
  { key: 'completed_at', label: 'Completed At', type: 'datetime' },
  { key: 'duration_ms', label: 'Duration in Milliseconds', type: 'integer' },
];
