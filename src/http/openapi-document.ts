import { z } from '@hono/zod-openapi';
import { version } from '../../package.json';
import { RecordEnvelope } from './drop-in.ts';
import type { Catalog } from '../domain/models/catalog.ts';
import { AdminEventJson, EventId, EventJson } from './event-json.ts';
import { documentedByModel } from './body-by-model.ts';
import type { App } from './services.ts';
import { TASK_FORM } from './task-form.ts';
import { BODIES_BY_MODEL } from './task-request.ts';
import { OutcomeFields, TaskId } from './task-json.ts';

const CallbackBody = z
  .object({
    type: z.enum(['task.succeeded', 'task.failed', 'task.canceled']),
    event_id: EventId,
    timestamp: z.iso.datetime().openapi({ description: 'Of the end.' }),
    id: TaskId,
    model: z.string(),
    state: z.enum(['succeeded', 'failed', 'canceled']),
    ...OutcomeFields,
  })
  .openapi('Callback');

const TestBody = z
  .object({
    type: z.literal('callback.test'),
    event_id: EventId,
    timestamp: z.iso.datetime(),
    id: TaskId,
    model: z.string(),
    state: z.literal('succeeded'),
    ...OutcomeFields,
  })
  .openapi('CallbackTestBody');

const FailureBody = z
  .object({
    type: z.literal('callback.failed'),
    event_id: EventId,
    timestamp: z.iso.datetime().openapi({ description: 'When the callback was given up.' }),
    id: TaskId,
    model: z.string(),
    state: z.enum(['succeeded', 'failed', 'canceled']),
    callback_url: z.string().nullable(),
    attempts: z.int(),
    last_status: z.int().nullable(),
    ...OutcomeFields,
  })
  .openapi('CallbackFailed');

const SIGNATURE_HEADERS = z.object({
  'webhook-id': z.string().openapi({ description: "One per task's end, the same in every attempt." }),
  'webhook-timestamp': z.string().openapi({ description: 'Of the attempt, in unix seconds.' }),
  'webhook-signature': z.string().openapi({
    description:
      '`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`; one value more for each secret that was replaced in the last 24 h.',
  }),
});

const CALLBACK = {
  operationId: 'taskEnded',
  summary: "A task's end",
  description:
    'Signed as Standard Webhooks says (https://www.standardwebhooks.com). Byte for byte the same in every attempt.',
  tags: ['Callbacks'],
  security: [],
  responses: {
    '2XX': { description: 'Delivered' },
    410: { description: 'Stop: no further attempt' },
    default: { description: 'Tried again, by the schedule' },
  },
};

const TAGS = {
  Tasks: 'Post a task, look at it, wait for it, stop it, and have its callback sent again.',
  Models: 'What can be made, what each model takes, and for how many credits.',
  Client: 'Who you are by your key, and what you have in flight.',
  "Drop-in: upstream's own endpoints":
    "The upstream API's two endpoints in its own format, with a callback URL.",
  Subscriptions: 'Standing addresses that are told of every task, and what happened.',
  Callbacks: 'What Ringback sends to you, a test of it, and a replay of what was given up.',
  Operators: 'Clients, tasks of all clients, and how Ringback is doing: with the ADMIN_TOKEN.',
};

/** Adds to the routes what the document has beside them: who signs in how, and the callbacks as webhooks. Once for an app. */
export function describeCallbacks(app: App): void {
  const registry = app.openAPIRegistry;
  describeEvents(app);
  registry.registerComponent('securitySchemes', 'clientKey', {
    type: 'http',
    scheme: 'bearer',
    description: "A client's key, `rb_…`.",
  });
  registry.registerComponent('securitySchemes', 'adminToken', {
    type: 'http',
    scheme: 'bearer',
    description: 'The ADMIN_TOKEN of the deployment.',
  });
  registry.registerWebhook({
    ...CALLBACK,
    method: 'post',
    path: 'task.ended',
    request: signed(CallbackBody),
  });
  registry.registerWebhook({
    ...CALLBACK,
    operationId: 'dropInTaskEnded',
    summary: 'The end of a task that came by the drop-in createTask: what recordInfo answers',
    method: 'post',
    path: 'dropIn.ended',
    request: signed(RecordEnvelope),
  });

  registry.registerWebhook({
    ...CALLBACK,
    operationId: 'callbackFailed',
    summary: "A callback was given up, told to the client's failure_callback_url",
    description: 'Told once, signed as every callback.',
    method: 'post',
    path: 'callback.failed',
    request: signed(FailureBody),
  });
  registry.registerWebhook({
    ...CALLBACK,
    operationId: 'callbackTest',
    summary: 'What POST /v1/callbacks/test and the test of a subscription send',
    description: 'The fields of a real callback, with a result that is plainly a sample. Never tried again.',
    method: 'post',
    path: 'callback.test',
    request: signed(TestBody),
  });
}

/** What subscriptions are told. */
function describeEvents({ openAPIRegistry: registry }: App): void {
  registry.registerWebhook({
    ...CALLBACK,
    operationId: 'eventHappened',
    summary: 'What a subscription is told',
    description:
      'In the format `json`; chats get a sentence. Signed as every callback; 410 stops the subscription.',
    method: 'post',
    path: 'subscription.event',
    request: signed(EventJson),
  });
  registry.registerWebhook({
    ...CALLBACK,
    operationId: 'operatorEventHappened',
    summary: "What an operator's subscription is told",
    description: 'Signed with the secret of the subscription.',
    method: 'post',
    path: 'operator.event',
    request: signed(AdminEventJson),
  });
}

/** The document of an app whose callbacks are described, as it is served at this origin, with the models of the moment. */
export function documentOf(app: App, origin: string, catalog: Catalog) {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Ringback',
      version,
    },
    servers: [{ url: origin }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
  });
  const body = document.paths?.['/v1/tasks']?.post?.requestBody;
  // Beside the route's own: what is declared there is asked for there, and a form is JSON by then.
  if (body !== undefined && 'content' in body)
    body.content['application/x-www-form-urlencoded'] = { schema: TASK_FORM };
  const schemas = document.components?.schemas ?? {};
  const byModel = BODIES_BY_MODEL.map((name) => [name, documentedByModel(schemas[name], catalog)]);
  const components = { ...document.components, schemas: { ...schemas, ...Object.fromEntries(byModel) } };
  // What the generator's types do not know: OpenAPI 3.0 has none of it.
  const info = {
    ...document.info,
    summary: 'Post a job with a callback URL; get one signed webhook when the video is ready.',
    license: { name: 'MIT', identifier: 'MIT' },
  };
  return { ...document, info, components };
}

function signed(schema: z.ZodType) {
  return {
    headers: SIGNATURE_HEADERS,
    body: { required: true, content: { 'application/json': { schema } } },
  };
}
