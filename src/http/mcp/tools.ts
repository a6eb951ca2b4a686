import { z } from '@hono/zod-openapi';
import { Estimate, ModelList } from '../models.ts';
import { TaskJson, TaskStateWord } from '../task-json.ts';
import { TaskPage } from '../task-reads.ts';
import type { ApiCall } from './api.ts';

/** What an agent may be told beside a tool's schemas (MCP, "Tool annotations"). */
interface Hints {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

/** A tool: what it takes, what it answers, and the request of `/v1` that it is. */
export interface Tool {
  readonly title: string;
  readonly description: string;
  readonly hints: Hints;
  readonly input: z.ZodObject;
  readonly output: z.ZodType;
  readonly call: (given: Record<string, unknown>) => ApiCall;
  /** Its answer may have a million bytes. */
  readonly isLong?: true;
}

const READS: Hints = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};
/** Said to be destructive so that agents ask their user first: what it does cannot be undone. */
const CANNOT_BE_UNDONE: Hints = {
  ...READS,
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: false,
};

/** As long as `Prefer: wait=N` holds an answer. */
const MAX_WAIT_SECONDS = 25;

const id = z
  .string('is required and must be text')
  .min(1, 'must not be empty')
  // A path may not have these: they would lead to another route, or nowhere.
  .refine((given) => given.isWellFormed() && !/^\.\.?$/.test(given), 'is not the id of a task')
  .describe('Id of the task: task_…');
const model = z.string('is required and must be text').describe('Id of a model, from list_models.');
const input = z
  .record(z.string(), z.unknown(), 'is required and must be an object')
  .describe('What the model takes: its input_schema in list_models. Other fields are refused.');
const wholeNumber = (from: number, to: number) => {
  const words = `must be a whole number from ${from} to ${to}`;
  return z.int(words).min(from, words).max(to, words);
};

/** A caller's own schema, whatever it is called here: `/v1` itself says what is wrong with the rest. */
const anything = (type: 'string' | 'object' | 'integer' | 'boolean', description: string) =>
  z.unknown().optional().meta({ type, description });

export const TOOLS: Readonly<Record<string, Tool>> = {
  list_models: {
    title: 'List models',
    description:
      'The models that make videos and images: what each takes (input_schema) and costs (credits).',
    hints: READS,
    input: z.strictObject({}),
    output: ModelList,
    call: () => ({ method: 'GET', path: '/v1/models' }),
  },
  estimate_cost: {
    title: 'Estimate the cost',
    description:
      'What a task would cost, in credits; null where duration or resolution is not given. Spends nothing.',
    hints: READS,
    input: z.strictObject({ model, input }),
    output: Estimate,
    call: (body) => ({ method: 'POST', path: '/v1/estimates', body }),
  },
  create_task: {
    title: 'Create a video or image (spends credits)',
    description:
      'Starts a task, which SPENDS CREDITS that do not come back: estimate_cost says how many. Answers at once with a task that is ' +
      'queued or running; ask get_task with wait_seconds until it has ended. With an idempotency_key a repeated call ' +
      'answers the first task, and is not paid twice.',
    hints: { ...CANNOT_BE_UNDONE, openWorldHint: true },
    input: z.strictObject({
      model,
      input,
      idempotency_key: z
        .string('must be text')
        // Of the rest `/v1` says the same; no header can have these.
        .regex(/^[^\0\r\n]*$/, 'must be 1 to 255 printable characters')
        .nullish()
        .describe(
          '1 to 255 printable characters, yours for this task: send the same one when you try again.',
        ),
      callback_url: anything('string', 'Public https URL that is called, signed, at the end.'),
      callback_headers: anything('object', 'At most 10 headers to send with the callback.'),
      metadata: anything(
        'object',
        'Yours: at most 20 texts, numbers or booleans, which come back with the task.',
      ),
      keep_result: anything(
        'boolean',
        "False: its result is not kept, and its links are the provider's, which expire.",
      ),
      timeout_seconds: anything('integer', 'Without an end by then the task fails.'),
    }),
    output: TaskJson,
    call: ({ idempotency_key: key, ...body }) => ({
      method: 'POST',
      path: '/v1/tasks',
      body,
      ...(typeof key === 'string' ? { headers: { 'idempotency-key': key } } : {}),
    }),
  },
  get_task: {
    title: 'Get a task',
    description:
      'A task as it stands: state, and result_urls once it has succeeded. wait_seconds holds the answer until it ends; ' +
      'videos take minutes, so ask again while state is queued or running.',
    hints: READS,
    input: z.strictObject({
      id,
      wait_seconds: wholeNumber(0, MAX_WAIT_SECONDS)
        .nullish()
        .describe('Seconds to wait for the end, 0 to 25. 0 unless given.'),
    }),
    output: TaskJson,
    call: ({ id: task, wait_seconds: seconds }) => {
      const path = `/v1/tasks/${encodeURIComponent(String(task))}`;
      return typeof seconds === 'number' && seconds > 0
        ? { method: 'GET', path: `${path}/result`, headers: { prefer: `wait=${seconds}` } }
        : { method: 'GET', path };
    },
  },
  list_tasks: {
    title: 'List tasks',
    description:
      'Your tasks, newest first. next_cursor, where it is not null, is the cursor of the next page.',
    hints: READS,
    input: z.strictObject({
      state: TaskStateWord.nullish().describe('Those in this state alone.'),
      limit: wholeNumber(1, 100).nullish().describe('How many at the most. 20 unless given.'),
      cursor: z.string('must be text').nullish().describe('next_cursor of the page before.'),
    }),
    output: TaskPage,
    isLong: true,
    call: (given) => ({ method: 'GET', path: `/v1/tasks?${queryOf(given)}` }),
  },
  cancel_task: {
    title: 'Cancel a task',
    description:
      'Stops following a task that has not ended, and calls its callback URL. What the provider has begun, it ends and charges.',
    hints: CANNOT_BE_UNDONE,
    input: z.strictObject({ id }),
    output: TaskJson,
    call: ({ id: task }) => ({
      method: 'POST',
      path: `/v1/tasks/${encodeURIComponent(String(task))}/cancel`,
    }),
  },
};

function queryOf(given: Record<string, unknown>): string {
  const pairs = Object.entries(given).flatMap(([name, value]) =>
    typeof value === 'string' || typeof value === 'number' ? [[name, value.toString()]] : [],
  );
  return new URLSearchParams(pairs).toString();
}
