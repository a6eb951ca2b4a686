import { z } from '@hono/zod-openapi';
import type { Catalog } from '../../domain/models/catalog.ts';
import { ModelList } from '../models.ts';
import { Problem } from '../problem.ts';
import { OutcomeFields, TaskId, TaskJson } from '../task-json.ts';
import { optionalFields } from '../task-request.ts';
import { NO_LOCATION } from '../tasks.ts';
import { inputFields } from './input-fields.ts';
import { swaggerOf } from './swagger-schema.ts';
import type { SwaggerSchema } from './swagger-schema.ts';

const ENDS = ['task.succeeded', 'task.failed', 'task.canceled'] as const;

/** The flat body of a task's end. */
const TaskEnd = z.object({
  type: z.enum(ENDS),
  event_id: z.string(),
  timestamp: z.iso.datetime(),
  id: TaskId,
  model: z.string(),
  state: z.enum(['succeeded', 'failed', 'canceled']),
  ...OutcomeFields,
});

/** Where the platform takes the choices of a field from: by its older and its newer name. */
const MODEL_CHOICES = {
  'x-ms-dynamic-values': {
    operationId: 'ListModels',
    'value-collection': 'data',
    'value-path': 'id',
    'value-title': 'title',
  },
  'x-ms-dynamic-list': {
    operationId: 'ListModels',
    itemsPath: 'data',
    itemValuePath: 'id',
    itemTitlePath: 'title',
  },
};

/** The address that the platform puts in by itself, and waits at. */
const NOTIFICATION_URL: SwaggerSchema = {
  type: 'string',
  'x-ms-summary': 'Callback URL',
  description: 'The address that the flow waits at; the platform fills it in.',
  'x-ms-visibility': 'internal',
  'x-ms-notification-url': true,
};

/** The schemas that answers and notifications refer to. */
export function definitions(): Record<string, SwaggerSchema> {
  return {
    Task: swaggerOf(TaskJson, 'output'),
    TaskEnd: swaggerOf(TaskEnd, 'output'),
    Models: swaggerOf(ModelList, 'output'),
    Problem: swaggerOf(Problem, 'output'),
  };
}

/** What a task is posted with: the fields of every model, for a form that does not change with the model. */
export function taskBody(catalog: Catalog, { waits }: { readonly waits: boolean }): SwaggerSchema {
  const own = swaggerOf(z.object(optionalFields), 'input').properties ?? {};
  return {
    type: 'object',
    required: ['model', 'input', ...(waits ? ['callback_url'] : [])],
    properties: {
      model: { type: 'string', 'x-ms-summary': 'Model', description: 'What makes it.', ...MODEL_CHOICES },
      input: {
        type: 'object',
        'x-ms-summary': 'Input',
        description: 'What to make.',
        properties: inputFields(catalog),
      },
      ...own,
      ...(waits ? { callback_url: NOTIFICATION_URL } : {}),
    },
  };
}

/** What the trigger subscribes with. */
export const SUBSCRIPTION_BODY: SwaggerSchema = {
  type: 'object',
  required: ['url'],
  properties: {
    url: NOTIFICATION_URL,
    events: {
      type: 'array',
      'x-ms-summary': 'Events',
      description: 'The ends that start the flow: all three unless you choose.',
      items: { type: 'string', enum: [...ENDS] },
    },
    models: {
      type: 'array',
      'x-ms-summary': 'Models',
      description: 'The models whose tasks start the flow: all unless you choose.',
      items: { type: 'string', ...MODEL_CHOICES },
    },
  },
};

/** Sent as it stands: without it the platform would poll the task's result by itself. */
export const PREFER_NO_LOCATION = {
  name: 'Prefer',
  in: 'header',
  type: 'string',
  required: true,
  default: NO_LOCATION,
  enum: [NO_LOCATION],
  'x-ms-summary': 'Prefer',
  description: 'Asks for an answer that is not polled.',
  'x-ms-visibility': 'internal',
};

export const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  type: 'string',
  required: false,
  'x-ms-summary': 'Idempotency key',
  description:
    'A text that is new for each task, such as the id of the run: a step that is tried again is paid once.',
  'x-ms-visibility': 'advanced',
};
