import type { z } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { every } from 'hono/combine';
import { invalid, ProblemError } from './problem.ts';
import type { FieldError } from './problem.ts';

const MAX_BODY_BYTES = 262_144;
const JSON_TYPE = /^application\/([\w.+-]+\+)?json\s*(;|$)/i;

/** An answer is not to be many times the size of its question, which may hold 60,000 wrong fields. */
const MAX_ERRORS = 100;
const MAX_PATH_CHARACTERS = 300;

/** The fields at fault, by their dotted paths; a field that nobody knows is named as itself, not as its parent. */
export function fieldErrors(error: z.core.$ZodError): FieldError[] {
  const errors: FieldError[] = [];
  for (const issue of error.issues) {
    const path = issue.path.map(String);
    if (issue.code === 'unrecognized_keys') {
      const unknown = issue.keys.slice(0, MAX_ERRORS);
      errors.push(
        ...unknown.map((key) => ({
          path: pathOf([...path, key]),
          message: 'is not a field of this request',
        })),
      );
    } else errors.push({ path: pathOf(path) || 'body', message: issue.message });
    if (errors.length >= MAX_ERRORS) break;
  }
  return errors.slice(0, MAX_ERRORS);
}

function pathOf(path: readonly string[]): string {
  return path.join('.').slice(0, MAX_PATH_CHARACTERS).toWellFormed();
}

/** The hook that turns a failed validation into the 422. */
export function refuseInvalid(result: { success: true } | { success: false; error: z.core.$ZodError }): void {
  if (!result.success) throw invalid(fieldErrors(result.error));
}

async function requireJson(c: Context, next: () => Promise<void>): Promise<void> {
  if (!JSON_TYPE.test(c.req.header('content-type') ?? '')) {
    throw new ProblemError(
      'not-json-type',
      'Send the body as JSON, with the header Content-Type: application/json.',
    );
  }
  asPlainJson(c);
  await next();
}

/** The router takes fewer spellings of JSON's content type than there are; `application/json;` is one that tools send. */
function asPlainJson(c: Context): void {
  const headers = new Headers(c.req.raw.headers);
  headers.set('content-type', 'application/json');
  c.req.raw = new Request(c.req.raw, { headers });
}

async function parseJson(c: Context, next: () => Promise<void>): Promise<void> {
  try {
    JSON.parse(await c.req.text(), (key: string, value: unknown) => {
      // Such a key would be dropped in silence, or worse; no field of ours has this name.
      if (key === '__proto__')
        throw invalid([{ path: '__proto__', message: 'is not a field of this request' }]);
      return value;
    });
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ProblemError(
      'not-json',
      'The body could not be read as JSON: look for a missing quote, comma or brace.',
    );
  }
  await next();
}

/** For routes with a body: 415, 413, 400, in this order and before any validation. */
export const jsonBody: MiddlewareHandler = every(
  requireJson,
  bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: () => {
      throw new ProblemError('body-too-large', `The body may have at most ${MAX_BODY_BYTES / 1_024} KiB.`);
    },
  }),
  parseJson,
);
