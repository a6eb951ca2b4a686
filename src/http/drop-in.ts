import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Models } from '../engine/known-models.ts';
import { recordEnvelope } from '../domain/record.ts';
import { clientKey, json, jsonRequest, REFUSAL_HEADERS } from './contract.ts';
import type { AcceptedTask } from './accept-task.ts';
import { findTask } from './find-task.ts';
import { postTask, refuseUnlessRetried } from './post-task.ts';
import type { PostSurface } from './post-task.ts';
import type { App, AppEnv, Services } from './services.ts';
import { dropInBody, dropInOptions } from './task-request.ts';
import { jsonBody } from './validation.ts';

const TAG = { tags: ["Drop-in: upstream's own endpoints"], security: clientKey };

function envelope<Data extends z.ZodType>(data: Data) {
  return z.object({
    code: z.int().openapi({ description: 'Repeats the HTTP status.' }),
    msg: z.string(),
    data,
  });
}

const Refusal = envelope(z.object({ retryAfter: z.number() }).nullable()).openapi('EnvelopeError');
const refusals = (...statuses: number[]) =>
  Object.fromEntries(
    statuses.map((status) => [
      status,
      json(Refusal, "A refusal, in upstream's envelope", REFUSAL_HEADERS[status]),
    ]),
  );

const RecordJson = z
  .object({
    taskId: z.string(),
    model: z.string(),
    state: z.enum(['waiting', 'success', 'fail']),
    param: z.string().openapi({ description: 'The request, a JSON string.' }),
    resultJson: z
      .string()
      .nullable()
      .openapi({ example: '{"resultUrls":["https://cdn.example.com/result-1.mp4"]}' }),
    failCode: z.string().nullable(),
    failMsg: z.string().nullable(),
    costTime: z.number().nullable(),
    completeTime: z.number().nullable(),
    createTime: z.number(),
  })
  .openapi('Record');

export const RecordEnvelope = envelope(RecordJson).openapi('RecordEnvelope');

const createTask = (models: Models) =>
  createRoute({
    method: 'post',
    path: '/api/v1/jobs/createTask',
    ...TAG,
    operationId: 'dropInCreateTask',
    summary: 'createTask, with an optional callBackUrl',
    description: 'As the upstream API; `X-Request-ID` is the idempotency key.',
    middleware: [jsonBody] as const,
    request: {
      headers: z.object({ 'X-Request-ID': z.string().optional() }),
      ...jsonRequest(dropInBody(models)),
    },
    responses: {
      200: json(envelope(z.object({ taskId: z.string() })).openapi('CreatedEnvelope'), 'Accepted'),
      ...refusals(400, 401, 402, 404, 409, 413, 415, 422, 429, 502, 503),
    },
  });

const recordInfo = createRoute({
  method: 'get',
  path: '/api/v1/jobs/recordInfo',
  ...TAG,
  operationId: 'dropInRecordInfo',
  summary: 'recordInfo',
  request: { query: z.object({ taskId: z.string('is required').min(1, 'is required') }) },
  responses: { 200: json(RecordEnvelope, 'The record'), ...refusals(401, 404, 422, 429, 503) },
});

const created = async (c: Context<AppEnv>, { task }: AcceptedTask) =>
  await Promise.resolve(c.json({ code: 200, msg: 'success', data: { taskId: task.id } }, 200));

const SURFACE: PostSurface = {
  options: dropInOptions,
  callbackUrlField: 'callBackUrl',
  callbackFormat: 'record',
};

/** The upstream's own two endpoints: a client changes its base URL and key, adds `callBackUrl`, and is done. */
export function registerDropIn(app: App, services: Services): void {
  app.openapi(
    createTask(services.models),
    async (c) => await created(c, await postTask(c, services, c.req.valid('json'), SURFACE)),
    refuseUnlessRetried(services, SURFACE, created),
  );

  app.openapi(recordInfo, async (c) => {
    const task = await findTask(services, c.req.valid('query').taskId, c.get('client').id);
    return c.json(recordEnvelope(task), 200);
  });
}
