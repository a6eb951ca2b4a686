import type { z } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { every } from 'hono/combine';
import { wordsOfFault } from '../domain/json/fault-words.ts';
import { scanJson } from '../domain/json/scan.ts';
import { listed, refuseEncoded, utf8Body } from './body-text.ts';
import { invalid, ProblemError } from './problem.ts';
import type { FieldError } from './problem.ts';

const MAX_BODY_BYTES = 262_144;
const JSON_TYPE = /^application\/([\w.+-]+\+)?json$/;

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
    } else errors.push({ path: pathOf(path) || 'body', message: messageOf(issue) });
    if (errors.length >= MAX_ERRORS) break;
  }
  return errors.slice(0, MAX_ERRORS);
}

/** Of a key that cannot be one, zod tells why inside. */
function messageOf(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
}

function pathOf(path: readonly string[]): string {
  return path.join('.').slice(0, MAX_PATH_CHARACTERS).toWellFormed();
}

/** The hook that turns a failed validation into the 422. */
export function refuseInvalid(result: { success: true } | { success: false; error: z.core.$ZodError }): void {
  if (!result.success) throw invalid(fieldErrors(result.error));
}

async function requireJson(c: Context, next: () => Promise<void>): Promise<void> {
  const [type = '', ...others] = mediaTypes(c);
  const other = others.find((one) => one !== type);
  if (other !== undefined) {
    const detail = `Content-Type is given twice and differs: ${type.slice(0, 60)} and ${other.slice(0, 60)}. Send it once, as application/json.`;
    throw new ProblemError('not-json-type', detail);
  }
  if (!JSON_TYPE.test(type)) {
    throw new ProblemError(
      'not-json-type',
      'Send the body as JSON, with the header Content-Type: application/json.',
    );
  }
  refuseEncoded(c);
  asPlainJson(c);
  await next();
}

/** The types that a request names for its body, without their parameters: a charset changes nothing here. */
function mediaTypes(c: Context): string[] {
  return listed(c.req.header('content-type')).map((type) => (type.split(';')[0] ?? '').trim());
}

/** The router takes fewer spellings of JSON's content type than there are; `application/json;` is one that tools send. */
function asPlainJson(c: Context): void {
  const headers = new Headers(c.req.raw.headers);
  headers.set('content-type', 'application/json');
  c.req.raw = new Request(c.req.raw, { headers });
}

async function parseJson(c: Context, next: () => Promise<void>): Promise<void> {
  const text = await utf8Body(c);
  const { fault, rounded, namesPrototype } = scanJson(text);
  if (fault !== null) throw new ProblemError('not-json', wordsOfFault(text, fault));
  // Such a key would be dropped in silence, or worse; no field of ours has this name.
  if (namesPrototype) throw invalid([{ path: '__proto__', message: 'is not a field of this request' }]);
  if (rounded.length > 0) {
    const message = 'is a whole number beyond ±9007199254740991, which would be rounded: send it as text';
    throw invalid(rounded.slice(0, MAX_ERRORS).map((path) => ({ path: pathOf(path) || 'body', message })));
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
