import type { z } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { every } from 'hono/combine';
import { wordsOfFault } from '../domain/json/fault-words.ts';
import { scanJson } from '../domain/json/scan.ts';
import { UNKNOWN_FIELD } from '../domain/models/faults.ts';
import { listed, refuseEncoded, utf8Body } from './body-text.ts';
import { invalid, ProblemError } from './problem.ts';
import type { FieldError } from './problem.ts';

const MAX_BODY_BYTES = 262_144;
const JSON_TYPE = /^application\/([\w.+-]+\+)?json$/;

/** An answer is not to be many times the size of its question, which may hold 60,000 wrong fields. */
export const MAX_ERRORS = 100;
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
          message: UNKNOWN_FIELD,
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

/** The dotted path of a field, as long as an answer may have it. */
export function pathOf(path: readonly string[]): string {
  return path.join('.').slice(0, MAX_PATH_CHARACTERS).toWellFormed();
}

/** The hook that turns a failed validation into the 422. */
export function refuseInvalid(result: { success: true } | { success: false; error: z.core.$ZodError }): void {
  if (!result.success) throw invalid(fieldErrors(result.error));
}

/**
 * The type that a request names for its body, without its parameters: a charset changes nothing here. Named twice alike it counts
 * once. @throws 415 where it differs.
 */
export function mediaTypeOf(c: Context): string {
  const types = listed(c.req.header('content-type')).map((type) => (type.split(';')[0] ?? '').trim());
  const [type = '', ...others] = types;
  const other = others.find((one) => one !== type);
  if (other === undefined) return type;
  const detail = `Content-Type is given twice and differs: ${type.slice(0, 60)} and ${other.slice(0, 60)}. Send it once, as application/json.`;
  throw new ProblemError('not-json-type', detail);
}

/** 415 unless a body is sent as JSON. @param remedy what to send instead, in words. */
export function requireJson(
  remedy = 'Send the body as JSON, with the header Content-Type: application/json.',
) {
  return async (c: Context, next: () => Promise<void>): Promise<void> => {
    if (!JSON_TYPE.test(mediaTypeOf(c))) throw new ProblemError('not-json-type', remedy);
    refuseEncoded(c);
    await next();
  };
}

/** The router takes fewer spellings of JSON's content type than there are; `application/json;` is one that tools send. */
export function asPlainJson(c: Context, body: BodyInit): void {
  const headers = new Headers(c.req.raw.headers);
  headers.set('content-type', 'application/json');
  c.req.bodyCache = {};
  c.req.raw = new Request(c.req.raw, { method: c.req.method, headers, body });
}

export async function parseJson(c: Context, next: () => Promise<void>): Promise<void> {
  const text = await utf8Body(c);
  asPlainJson(c, text);
  const { fault, rounded, namesPrototype } = scanJson(text);
  if (fault !== null) throw new ProblemError('not-json', wordsOfFault(text, fault));
  // Such a key would be dropped in silence, or worse; no field of ours has this name.
  if (namesPrototype) throw invalid([{ path: '__proto__', message: UNKNOWN_FIELD }]);
  if (rounded.length > 0) throw invalid(roundedErrors(rounded.map(pathOf)));
  await next();
}

/** What is said of whole numbers that JavaScript would round, by their dotted paths. */
export function roundedErrors(paths: readonly string[]): FieldError[] {
  const message = 'is a whole number beyond ±9007199254740991, which would be rounded: send it as text';
  return paths.slice(0, MAX_ERRORS).map((path) => ({ path: path || 'body', message }));
}

/** 413 for more than any request may have, before it is read, or as it comes. */
export const limitedBody: MiddlewareHandler = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: () => {
    throw new ProblemError('body-too-large', `The body may have at most ${MAX_BODY_BYTES / 1_024} KiB.`);
  },
});

/** For routes with a body: 415, 413, 400, in this order and before any validation. */
export const jsonBody: MiddlewareHandler = every(requireJson(), limitedBody, parseJson);

const required = every(requireJson(), parseJson);

/** For routes whose body may be left out: then it counts as `{}`, whatever type is named for it. */
export const optionalJsonBody: MiddlewareHandler = every(limitedBody, async (c, next) => {
  if ((await c.req.arrayBuffer()).byteLength > 0) return await required(c, next);
  asPlainJson(c, '{}');
  await next();
});
