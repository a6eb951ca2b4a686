import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Config } from '../config.ts';
import { problemOfCallbackHeaders } from '../domain/callback-headers.ts';
import { modelIdsOf } from '../domain/models/catalog.ts';
import { estimateCredits, withoutNulls } from '../domain/models/model.ts';
import type { CallbackFormat } from '../domain/task.ts';
import { judgeCallbackUrl } from '../domain/url-policy.ts';
import type { UrlPolicy } from '../domain/url-policy.ts';
import type { Models } from '../engine/known-models.ts';
import type { Said, TaskRequest } from '../engine/new-task.ts';
import { bodyByModel } from './body-by-model.ts';
import { invalid } from './problem.ts';
import type { FieldError } from './problem.ts';
import type { Services } from './services.ts';
import { Metadata } from './task-json.ts';

const MAX_METADATA_KEYS = 20;
const MAX_METADATA_BYTES = 8_192;

const EXAMPLE_URL = 'https://hooks.example.com/ringback';
const callbackUrl = z.string('must be a URL').nullish().openapi({ example: EXAMPLE_URL });

/** What a task may carry on `/v1`, beside `model` and `input`. */
export const taskOptions = {
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
  keep_result: z.boolean('must be true or false').nullish().openapi({
    description:
      "False: no copies of its result are kept, and its links are upstream's, which expire. True changes nothing.",
  }),
  timeout_seconds: z
    .int('must be a whole number of seconds')
    .min(1, 'must be at least 1')
    .nullish()
    .openapi({ description: 'Without an end by then the task fails with `timed_out`.', example: 3600 }),
};

/** Those of them that every way to post a task of `/v1` takes. */
export const optionalFields = {
  metadata: taskOptions.metadata,
  keep_result: taskOptions.keep_result,
  timeout_seconds: taskOptions.timeout_seconds,
};

/** What a wait carries, beside `model` and `input`: there is none without somebody who is told. */
export const waitOptions = {
  callback_url: z.string('is required and must be a URL').openapi({ example: EXAMPLE_URL }),
  ...optionalFields,
};

/** What the document shows: the documented model, five seconds of it. The reference sends it as it is, so it calls nobody. */
const EXAMPLE = {
  model: 'seedance-2.0-reference-to-video',
  input: { prompt: 'A fox crosses a frozen lake at dawn', resolution: '720p', duration: 5 },
} as const;

/** The body of `POST /v1/tasks`. */
export function taskBody(models: Pick<Models, 'find' | 'known'>) {
  return bodyByModel(models, taskOptions).openapi('TaskRequest', {
    example: { ...EXAMPLE, metadata: { row: '42' } },
  });
}

/** The body of `POST /v1/waits`. */
export function waitBody(models: Models) {
  return bodyByModel(models, waitOptions).openapi('WaitRequest', {
    example: { ...EXAMPLE, callback_url: EXAMPLE_URL },
  });
}

/** What a task may carry at the drop-in createTask. */
export const dropInOptions = { callBackUrl: callbackUrl };

/** The body of the drop-in createTask. */
export function dropInBody(models: Models) {
  return bodyByModel(models, dropInOptions).openapi('DropInRequest', { example: EXAMPLE });
}

/** The body of `POST /v1/estimates`. */
export function estimateBody(models: Models) {
  return bodyByModel(models, {}).openapi('EstimateRequest', { example: EXAMPLE });
}

/** Names of these bodies in the document, which shows each model's input in them. */
export const BODIES_BY_MODEL = ['TaskRequest', 'WaitRequest', 'DropInRequest', 'EstimateRequest'] as const;

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
  /** False: no copy of its result is wanted. */
  readonly keepResult: boolean;
}

/** A validated body of any surface: each takes some of these fields. */
export interface PostedBody {
  readonly model: string;
  readonly input: Record<string, unknown>;
  readonly callback_url?: string | null | undefined;
  readonly callBackUrl?: string | null | undefined;
  readonly callback_headers?: Record<string, string> | null | undefined;
  readonly metadata?: TaskRequest['metadata'] | null | undefined;
  readonly keep_result?: boolean | null | undefined;
  readonly timeout_seconds?: number | null | undefined;
}

/** How a surface calls the callback's address, and in which form it calls back. */
export interface DraftOptions {
  readonly callbackUrlField: 'callback_url' | 'callBackUrl';
  readonly callbackFormat: CallbackFormat;
}

/** What a body says, with what it leaves out. */
export function draftOf(body: PostedBody, { callbackUrlField, callbackFormat }: DraftOptions): TaskDraft {
  return {
    model: body.model,
    input: body.input,
    callbackUrl: body[callbackUrlField] ?? null,
    callbackUrlField,
    callbackHeaders: body.callback_headers ?? {},
    callbackFormat,
    metadata: body.metadata ?? {},
    timeoutSeconds: body.timeout_seconds ?? null,
    keepResult: body.keep_result !== false,
  };
}

/** What a retry of the request says again. */
export function saidIn(c: Context, draft: TaskDraft) {
  return {
    model: draft.model,
    input: withoutNulls(draft.input),
    callback:
      draft.callbackUrl === null
        ? null
        : { url: draft.callbackUrl, headers: draft.callbackHeaders, format: draft.callbackFormat },
    metadata: draft.metadata,
    timeoutMs: draft.timeoutSeconds && draft.timeoutSeconds * 1_000,
    filesOrigin: draft.keepResult ? new URL(c.req.url).origin : null,
    idempotencyKey: c.req.header(idempotencyHeader(c)) ?? null,
  } satisfies Said;
}

/** The checks that need more than the body: the policy of the deployment and the host that the request was sent to. */
export async function toTaskRequest(
  c: Context,
  { config, models }: Pick<Services, 'config' | 'models'>,
  draft: TaskDraft,
): Promise<TaskRequest> {
  const errors = requestErrors(c, config, draft);
  if (errors.length > 0) throw invalid(errors);
  const model = await models.find(draft.model);
  // The operator took it away since the body was checked.
  if (model === null)
    throw invalid([{ path: 'model', message: `must be one of: ${modelIdsOf(models.known()).join(', ')}` }]);
  const said = saidIn(c, draft);
  return {
    ...said,
    media: model.media,
    estimatedCredits: estimateCredits(model, said.input),
    callback: said.callback && {
      ...said.callback,
      host: receiverHost(said.callback.url),
      relayHost: hostOf(c),
    },
  };
}

/** What is judged beyond the body's own schema. */
type Judged = Pick<TaskDraft, 'callbackUrl' | 'callbackUrlField' | 'callbackHeaders' | 'timeoutSeconds'>;

/** What the policy of the deployment, or the headers of the request, do not allow. */
export function requestErrors(c: Context, config: Config, draft: Judged): FieldError[] {
  return [...callbackErrors(c, config, draft), ...timeoutErrors(config, draft), ...idempotencyErrors(c)];
}

function callbackErrors(c: Context, config: Config, draft: Judged): FieldError[] {
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

/** The URL policy of this deployment, for a request: the name that it was sent to is Ringback's own. */
export function callbackPolicy(c: Context, config: Config): UrlPolicy {
  return { allowPrivate: config.allowPrivateCallbacks, ownHosts: [hostOf(c)] };
}

/** The name that the request was sent to. */
export function hostOf(c: Context): string {
  return new URL(c.req.url).hostname;
}

function timeoutErrors(config: Config, { timeoutSeconds }: Judged): FieldError[] {
  const most = config.taskTimeoutMs / 1_000;
  return timeoutSeconds === null || timeoutSeconds <= most
    ? []
    : [{ path: 'timeout_seconds', message: `must be at most ${most}` }];
}

/** The header that a request's idempotency key comes by: `X-Request-ID` means the same as `Idempotency-Key`, which wins. */
export function idempotencyHeader(c: Context): 'Idempotency-Key' | 'X-Request-ID' {
  return c.req.header('idempotency-key') === undefined ? 'X-Request-ID' : 'Idempotency-Key';
}

function idempotencyErrors(c: Context): FieldError[] {
  const name = idempotencyHeader(c);
  const key = c.req.header(name);
  return key === undefined || /^[\u0020-\u007e]{1,255}$/.test(key)
    ? []
    : [{ path: name, message: 'must be 1 to 255 printable characters' }];
}
