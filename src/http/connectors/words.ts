/** What a field is called in a form, and what it is, where its schema does not say so itself. */
const WORDS: Readonly<Record<string, readonly [string, string]>> = {
  id: ['Task ID', 'The id of the task.'],
  model: ['Model', 'The model that makes it.'],
  input: ['Input', 'What the model takes.'],
  state: ['State', 'queued, running, succeeded, failed or canceled.'],
  type: ['Event', 'What happened: task.succeeded, task.failed or task.canceled.'],
  event_id: ['Event ID', 'The same in each message about one event.'],
  timestamp: ['Time', 'When it happened.'],
  result_url: ['Result URL', 'The link to the video or image; empty where there is none.'],
  result_urls: ['Result URLs', 'The links to all results.'],
  source_urls: ['Source URLs', 'The links as the provider gave them.'],
  error_code: ['Error code', 'Why the task failed, in one word; empty where it did not.'],
  error_message: ['Error message', 'Why the task failed, in a sentence; empty where it did not.'],
  metadata: [
    'Metadata',
    'Values of your own, which come back with the task: at most 20 texts, numbers or booleans.',
  ],
  estimated_credits: ['Estimated credits', 'What the task is expected to cost.'],
  created_at: ['Created at', 'When the task was posted.'],
  submitted_at: ['Submitted at', 'When the provider took the task.'],
  completed_at: ['Completed at', 'When the task ended.'],
  duration_ms: ['Duration in ms', 'From the post to the end, in milliseconds.'],
  keep_result: [
    'Keep the result',
    "No: its result is not kept, and its link is the provider's, which expires.",
  ],
  timeout_seconds: ['Timeout in seconds', 'Without an end by then the task fails.'],
  callback: ['Callback', 'The callback, and how far it is.'],
  callback_url: ['Callback URL', 'The address that is called at the end.'],
  url: ['URL', 'The address that is called.'],
  attempts: ['Attempts', 'How often the callback was sent.'],
  last_status: ['Last status', 'What the callback was last answered.'],
  next_attempt_at: ['Next attempt at', 'When the callback is sent next.'],
  delivered_at: ['Delivered at', 'When the callback arrived.'],
  queue: ['Queue', 'Why and where the task waits; empty where it does not.'],
  reason: ['Reason', 'Why the task waits, in one word.'],
  problem: ['Problem', 'Why the task waits, in a sentence.'],
  position: ['Position', 'Its place in the queue.'],
  estimated_wait_seconds: ['Estimated wait', 'How long it may wait, in seconds.'],
  events: ['Events', 'The ends that start the flow: all three unless you choose.'],
  models: ['Models', 'The models whose tasks start the flow: all unless you choose.'],
  description: ['Description', 'A note to find the subscription by.'],
  data: ['Models', 'All models.'],
  title: ['Title', 'The name of the model.'],
  input_schema: ['Input schema', 'What the model takes, as JSON Schema.'],
  credits: ['Credits', 'What the model costs.'],
  detail: ['Detail', 'What is wrong, and what to do about it.'],
  status: ['Status', 'The HTTP status.'],
  errors: ['Errors', 'Each field at fault.'],
  path: ['Field', 'The field at fault.'],
  message: ['Message', 'What is wrong with the field.'],
};

/** The title and the description of a field. Fields of a model's input say what they are in their schema. */
export function wordsOf(name: string): readonly [title: string, description: string] {
  const known = Object.hasOwn(WORDS, name) ? WORDS[name] : undefined;
  if (known !== undefined) return known;
  const words = name.replaceAll('_', ' ').replace(/\burls\b/, 'URLs');
  const title = words.charAt(0).toUpperCase() + words.slice(1);
  return [title, `${title}, as the model takes it.`];
}
