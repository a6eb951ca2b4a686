import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Config } from '../config.ts';
import { problemOfCallbackHeaders } from '../domain/callback-headers.ts';
import { findModel, modelIds, MODELS } from '../domain/models/catalog.ts';
import { estimateCredits, withoutNulls } from '../domain/models/model.ts';
import type { CallbackFormat } from '../domain/task.ts';
import { judgeCallbackUrl } from '../domain/url-policy.ts';
import type { UrlPolicy } from '../domain/url-policy.ts';
import type { TaskRequest } from '../engine/new-task.ts';
import { invalid } from './problem.ts';
import type { FieldError } from './problem.ts';
import { Metadata } from './task-json.ts';

const MAX_METADATA_KEYS = 20;
const MAX_METADATA_BYTES = 8_192;

const callbackUrl = z
  .string('must be a URL')
  .nullish()
  .openapi({ example: 'https://hooks.example.com/ringback' });

/** What a task may carry on `/v1`, beside `model` and `input`. */
const options = {
  callback_url: callbackUrl,
  callback_headers: z
    .record(z.string(), z.string('must be text'), 'must be an object of header names and values')
    .nullish()
    .openapi({
      description: 'At most 10, sent with the callback; sealed at rest and never read back.',
      example: { Authorization: 'Bearer my-own-token' },
    }),
  metadata: Metadata.refine((data) => Object.keys(data).length <= MAX_METADATA_KEYS, {
    error: `may have at most ${MAX_METADATA_KEYS} keys`,
  })
    .refine((data) => new TextEncoder().encode(JSON.stringify(data)).length <= MAX_METADATA_BYTES, {
      error: `may have at most ${MAX_METADATA_BYTES / 1_024} KiB as JSON`,
    })
    .nullish()
    .openapi({ description: 'Yours: it comes back with the task and its callback.', example: { row: '42' } }),
  timeout_seconds: z
    .int('must be a whole number of seconds')
    .min(1, 'must be at least 1')
    .nullish()
    .openapi({ description: 'Without an end by then the task fails with `timed_out`.', example: 3600 }),
};

/** Those of them that every way to post a task takes. */
export const optionalFields = { metadata: options.metadata, timeout_seconds: options.timeout_seconds };

/** One strict object a model, told apart by `model`; `extra` are the fields beside `model` and `input`. */
function byModel<Extra extends z.ZodRawShape>(extra: Extra) {
  const variant = (model: (typeof MODELS)[number]) =>
    z.strictObject({ model: z.literal(model.id), input: model.input, ...extra });
  const [first, ...rest] = MODELS;
  return z.discriminatedUnion('model', [variant(first), ...rest.map(variant)], {
    error: ({ code }) =>
      code === 'invalid_union' ? `must be one of: ${modelIds.join(', ')}` : 'must be a JSON object',
  });
}

/** What the document shows: the documented model, five seconds of it. */
const EXAMPLE = {
  model: 'seedance-2.0-reference-to-video',
  input: { prompt: 'A fox crosses a frozen lake at dawn', resolution: '720p', duration: 5 },
} as const;
const EXAMPLE_URL = 'https://hooks.example.com/ringback';

/** The body of `POST /v1/tasks`. */
export const TaskBody = byModel(options).openapi('TaskRequest', {
  example: { ...EXAMPLE, callback_url: EXAMPLE_URL, metadata: { row: '42' } },
});
/** The body of `POST /v1/waits`. */
export const WaitBody = byModel({
  callback_url: z.string('is required and must be a URL').openapi({ example: EXAMPLE_URL }),
  ...optionalFields,
}).openapi('WaitRequest', { example: { ...EXAMPLE, callback_url: EXAMPLE_URL } });
/** The body of the drop-in createTask. */
export const DropInBody = byModel({ callBackUrl: callbackUrl }).openapi('DropInRequest', {
  example: { ...EXAMPLE, callBackUrl: EXAMPLE_URL },
});
/** The body of `POST /v1/estimates`. */
export const EstimateBody = byModel({}).openapi('EstimateRequest', { example: EXAMPLE });

/** A validated body of either surface, in one shape. */
export interface TaskDraft {
  readonly model: string;
  readonly input: Record<string, unknown>;
  readonly callbackUrl: string | null;
  /** The field that the caller wrote it in. */
  readonly callbackUrlField: string;
  readonly callbackHeaders: Record<string, string>;
  readonly callbackFormat: CallbackFormat;
  readonly metadata: TaskRequest['metadata'];
  readonly timeoutSeconds: number | null;
}

/** The checks that need more than the body: the policy of the deployment and the host that the request was sent to. */
export function toTaskRequest(c: Context, config: Config, draft: TaskDraft): TaskRequest {
  const errors = [...callbackErrors(c, config, draft), ...timeoutErrors(config, draft)];
  const idempotencyKey = readIdempotencyKey(c, errors);
  if (errors.length > 0) throw invalid(errors);
  const input = withoutNulls(draft.input);
  const model = findModel(draft.model);
  return {
    model: draft.model,
    input,
    estimatedCredits: model === undefined ? null : estimateCredits(model, input),
    callback:
      draft.callbackUrl === null
        ? null
        : {
            url: draft.callbackUrl,
            host: receiverHost(draft.callbackUrl),
            headers: draft.callbackHeaders,
            format: draft.callbackFormat,
            relayHost: hostOf(c),
          },
    metadata: draft.metadata,
    timeoutMs: draft.timeoutSeconds && draft.timeoutSeconds * 1_000,
    idempotencyKey,
  };
}

function callbackErrors(c: Context, config: Config, draft: TaskDraft): FieldError[] {
  const errors: FieldError[] = [];
  if (draft.callbackUrl !== null) {
    const verdict = judgeCallbackUrl(draft.callbackUrl, callbackPolicy(c, config));
    if (!verdict.ok) errors.push({ path: draft.callbackUrlField, message: verdict.problem });
  }
  const header = problemOfCallbackHeaders(draft.callbackHeaders);
  if (header !== null) errors.push({ path: `callback_headers.${header.name}`, message: header.problem });
  return errors;
}

/** Host and port without a trailing dot, so that one receiver has one name. */
function receiverHost(url: string): string {
  const verdict = judgeCallbackUrl(url, { allowPrivate: true, ownHosts: [] });
  return verdict.ok ? verdict.host : url;
}

/** The URL policy of this deployment, for a request: the name that it was sent to is the relay's own. */
export function callbackPolicy(c: Context, config: Config): UrlPolicy {
  return { allowPrivate: config.allowPrivateCallbacks, ownHosts: [hostOf(c)] };
}

/** The name that the request was sent to. */
export function hostOf(c: Context): string {
  return new URL(c.req.url).hostname;
}

function timeoutErrors(config: Config, { timeoutSeconds }: TaskDraft): FieldError[] {
  const most = config.taskTimeoutMs / 1_000;
  return timeoutSeconds === null || timeoutSeconds <= most
    ? []
    : [{ path: 'timeout_seconds', message: `must be at most ${most}` }];
}

/** The header that a request's idempotency key comes by: `X-Request-ID` means the same as `Idempotency-Key`, which wins. */
export function idempotencyHeader(c: Context): 'Idempotency-Key' | 'X-Request-ID' {
  return c.req.header('idempotency-key') === undefined ? 'X-Request-ID' : 'Idempotency-Key';
}

/** Null where the request has none; one that cannot be a key is added to `errors`. */
function readIdempotencyKey(c: Context, errors: FieldError[]): string | null {
  const name = idempotencyHeader(c);
  const key = c.req.header(name);
  if (key === undefined) return null;
  if (!/^[\u0020-\u007e]{1,255}$/.test(key)) {
    errors.push({ path: name, message: 'must be 1 to 255 printable characters' });
  }
  return key;
}
