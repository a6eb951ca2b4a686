import type { z } from '@hono/zod-openapi';
import { Problem } from './problem.ts';
import type { ProblemStatus } from './problem.ts';

const MEANINGS: Record<ProblemStatus, string> = {
  400: 'The body is not JSON in UTF-8',
  401: 'The credentials are missing or wrong',
  402: 'Not enough credits, upstream or by the daily limit of the client',
  403: 'The request came from elsewhere',
  404: 'Not found, or not yours',
  405: 'This address takes POST alone',
  409: 'In conflict with what is there',
  413: 'The body is over 256 KiB',
  415: 'The content type is not JSON, or the body is compressed',
  416: 'The file has no such part: `Content-Range` says how long it is',
  422: 'Not valid: `errors` names each field',
  429: 'Too many requests: see `Retry-After`',
  500: 'Something went wrong here',
  502: 'Upstream refused the configured key, or the request',
  503: 'Ringback is not configured, or its database does not answer: see `Retry-After`',
};

/** Response headers, as the document shows them. */
type Headers = Record<
  string,
  {
    readonly description: string;
    readonly required: boolean;
    readonly schema: { type: 'string' | 'integer' };
  }
>;

function retryAfter(required: boolean): Headers {
  const description = 'Seconds to wait before the next request.';
  return { 'Retry-After': { description, required, schema: { type: 'integer' } } };
}

/** What `waitIfPreferred` sets. */
export const WAIT_HEADERS: Headers = {
  'Preference-Applied': {
    description: 'For how long the answer was held at the most, where `Prefer: wait=N` asked for it.',
    required: false,
    schema: { type: 'string' },
  },
};

/** What `pointToResult` sets, beside those. */
export const RESULT_HEADERS: Headers = {
  Location: { description: 'Where the result will be.', required: true, schema: { type: 'string' } },
  ...retryAfter(true),
  ...WAIT_HEADERS,
};

/** Of a subscription. */
export const LOCATION: Headers = {
  Location: {
    description: 'Its absolute address: a DELETE there ends it.',
    required: true,
    schema: { type: 'string' },
  },
};

/** What a refusal with this status carries, on each surface. */
export const REFUSAL_HEADERS: Readonly<Record<number, Headers>> = {
  429: retryAfter(true),
  503: retryAfter(false),
};

const PROBLEM_HEADERS: Readonly<Record<number, Headers>> = {
  ...REFUSAL_HEADERS,
  401: { 'WWW-Authenticate': { description: '`Bearer`', required: true, schema: { type: 'string' } } },
};

/** A JSON body of a request or an answer. */
export function json<Schema extends z.ZodType>(schema: Schema, description: string, headers: Headers = {}) {
  return { description, headers, content: { 'application/json': { schema } } };
}

/** The body of a request, required. */
export function jsonRequest<Schema extends z.ZodType>(schema: Schema) {
  return { body: { required: true, content: { 'application/json': { schema } } } };
}

/** The problems that a route can answer with. */
export function problems(...statuses: ProblemStatus[]) {
  const content = { 'application/problem+json': { schema: Problem } };
  return Object.fromEntries(
    [...statuses, 503 as const].map((status) => [
      status,
      { description: MEANINGS[status], headers: PROBLEM_HEADERS[status] ?? {}, content },
    ]),
  );
}

/** What any route with a body may refuse it for. */
export const BODY_PROBLEMS = [400, 413, 415, 422] as const;

export const clientKey = [{ clientKey: [] }];
export const adminToken = [{ adminToken: [] }];
