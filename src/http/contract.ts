import type { z } from '@hono/zod-openapi';
import { Problem } from './problem.ts';
import type { ProblemStatus } from './problem.ts';

const MEANINGS: Record<ProblemStatus, string> = {
  400: 'The body is not JSON',
  401: 'The credentials are missing or wrong',
  402: 'Not enough credits, upstream or by the daily limit of the client',
  403: 'The form came from elsewhere',
  404: 'Not found, or not yours',
  409: 'In conflict with what is there',
  413: 'The body is over 256 KiB',
  415: 'The content type is not JSON',
  422: 'Not valid: `errors` names each field',
  429: 'Too many requests: see `Retry-After`',
  500: 'Something went wrong here',
  502: 'Upstream refused the configured key, or the request',
  503: 'The relay is not configured, or its database does not answer: see `Retry-After`',
};

/** A JSON body of a request or an answer. */
export function json<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** The body of a request, required. */
export function jsonRequest<Schema extends z.ZodType>(schema: Schema) {
  return { body: { required: true, content: { 'application/json': { schema } } } };
}

/** The problems that a route can answer with. */
export function problems(...statuses: ProblemStatus[]) {
  const content = { 'application/problem+json': { schema: Problem } };
  return Object.fromEntries(
    [...statuses, 503 as const].map((status) => [status, { description: MEANINGS[status], content }]),
  );
}

/** What any route with a body may refuse it for. */
export const BODY_PROBLEMS = [400, 413, 415, 422] as const;

export const clientKey = [{ clientKey: [] }];
export const adminToken = [{ adminToken: [] }];
