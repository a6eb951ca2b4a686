import { version } from '../../../package.json';
import type { Catalog } from '../../domain/models/catalog.ts';
import {
  definitions,
  IDEMPOTENCY_KEY,
  PREFER_NO_LOCATION,
  SUBSCRIPTION_BODY,
  taskBody,
} from './operations.ts';
import type { SwaggerSchema } from './swagger-schema.ts';

const REFUSALS = {
  401: { description: 'The key is missing or wrong', schema: ref('Problem') },
  default: { description: 'What is wrong, and what to do about it', schema: ref('Problem') },
};
const INTERNAL = { 'x-ms-visibility': 'internal' };
/** An action that the platform shows first. */
const IMPORTANT = { 'x-ms-visibility': 'important' };

/**
 * The custom connector of Power Automate, Power Apps and Logic Apps: Swagger 2.0, the only version that they import, with the
 * extensions of https://learn.microsoft.com/connectors/custom-connectors/openapi-extensions (read 2026-11-29).
 *
 * @param origin where Ringback was asked for it: what the connector will call.
 * @param catalog the models of the moment: who adds one imports the document again to get its fields.
 */
export function powerAutomateConnector(origin: URL, catalog: Catalog) {
  return {
    swagger: '2.0',
    info: {
      title: 'Ringback',
      description: 'Makes AI videos and images, and goes on when they are ready.',
      version,
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    host: origin.host,
    basePath: '/',
    schemes: [origin.protocol.replace(':', '')],
    consumes: ['application/json'],
    produces: ['application/json'],
    paths: { ...taskPaths(catalog), ...waitPaths(catalog), ...subscriptionPaths() },
    definitions: definitions(),
    securityDefinitions: {
      client_key: {
        type: 'apiKey',
        in: 'header',
        name: 'Authorization',
        description: "Enter Bearer, a space and your client's key: Bearer rb_…",
      },
    },
    security: [{ client_key: [] }],
  };
}

function taskPaths(catalog: Catalog) {
  const taken = answer('The task, which runs now', 'Task');
  return {
    '/v1/tasks': {
      post: {
        operationId: 'CreateTask',
        summary: 'Create a task',
        description: 'Starts a video or an image, and goes on at once. It spends credits.',
        ...IMPORTANT,
        parameters: [PREFER_NO_LOCATION, IDEMPOTENCY_KEY, body(taskBody(catalog, { waits: false }))],
        responses: { 201: taken, ...REFUSALS },
      },
    },
    '/v1/tasks/{id}': {
      get: {
        operationId: 'GetTask',
        summary: 'Get a task',
        description: 'The task as it stands, with its result once it has one.',
        parameters: [pathId('id', 'Task ID', 'The id of the task.')],
        responses: { 200: answer('The task', 'Task'), ...REFUSALS },
      },
    },
    '/v1/tasks/{id}/cancel': {
      post: {
        operationId: 'CancelTask',
        summary: 'Cancel',
        description: 'Stops waiting for a task. What the provider has begun, it ends and charges.',
        parameters: [pathId('id', 'Task ID', 'The id of the task.')],
        responses: { 200: answer('The task, canceled', 'Task'), ...REFUSALS },
      },
    },
    '/v1/models': {
      get: {
        operationId: 'ListModels',
        summary: 'List models',
        description: 'The models to choose from.',
        ...INTERNAL,
        parameters: [],
        responses: { 200: answer('The models', 'Models'), ...REFUSALS },
      },
    },
  };
}

function waitPaths(catalog: Catalog) {
  return {
    '/v1/waits': {
      'x-ms-notification-content': answer('How the task ended', 'TaskEnd'),
      post: {
        operationId: 'CreateTaskAndWait',
        summary: 'Create a task and wait',
        description:
          'Starts a video or an image; the flow sleeps until it is ready, for minutes or hours. It spends credits.',
        ...IMPORTANT,
        parameters: [IDEMPOTENCY_KEY, body(taskBody(catalog, { waits: true }))],
        responses: { 201: answer('The task, which runs now', 'Task'), ...REFUSALS },
      },
    },
    '/v1/waits/{id}': gone('EndWait', 'Stop waiting', 'The task that is waited for.'),
  };
}

function subscriptionPaths() {
  return {
    '/v1/subscriptions': {
      'x-ms-notification-content': answer('How a task ended', 'TaskEnd'),
      post: {
        operationId: 'WhenTaskEnds',
        summary: 'When a task ends',
        description: 'Starts the flow whenever a task has succeeded, failed or was canceled.',
        'x-ms-trigger': 'single',
        'x-ms-trigger-hint': 'To see it work now, create a task and wait for its end.',
        ...IMPORTANT,
        parameters: [body(SUBSCRIPTION_BODY)],
        responses: { 201: { description: 'The flow is told from now on' }, ...REFUSALS },
      },
    },
    '/v1/subscriptions/{id}': gone('EndSubscription', 'Stop listening', 'The subscription.'),
  };
}

/** What the platform calls by itself, when a run is over or a flow is turned off. */
function gone(operationId: string, summary: string, words: string) {
  return {
    delete: {
      operationId,
      summary,
      description: 'Called by the platform.',
      ...INTERNAL,
      parameters: [pathId('id', 'ID', words)],
      responses: { 204: { description: 'Done' }, ...REFUSALS },
    },
  };
}

function body(schema: SwaggerSchema) {
  return {
    name: 'body',
    in: 'body',
    required: true,
    'x-ms-summary': 'Body',
    description: 'What is asked for.',
    schema,
  };
}

function pathId(name: string, title: string, description: string) {
  const encoded = { 'x-ms-url-encoding': 'single' };
  return { name, in: 'path', required: true, type: 'string', 'x-ms-summary': title, description, ...encoded };
}

function answer(description: string, definition: string) {
  return { description, schema: ref(definition) };
}

function ref(definition: string) {
  return { $ref: `#/definitions/${definition}` };
}
