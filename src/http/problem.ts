import { z } from '@hono/zod-openapi';

/** Every refusal that Ringback knows, with its status and title; the slug is the last part of the problem's `type`. */
const PROBLEMS = {
  'not-json': [400, 'The body is not JSON'],
  'not-utf-8': [400, 'The body is not UTF-8'],
  'not-json-rpc': [400, 'The request is not one of the Model Context Protocol'],
  unauthorized: [401, 'The credentials are missing or wrong'],
  forged: [403, 'The request came from elsewhere'],
  'insufficient-credits': [402, 'Not enough credits'],
  'daily-credit-limit': [402, 'The daily credit limit does not allow it'],
  'not-found': [404, 'Not found'],
  'method-not-allowed': [405, 'The method is not one of this address'],
  'already-ended': [409, 'The task has ended'],
  'not-ended': [409, 'The task has not ended'],
  'no-callback': [409, 'The task has no callback URL'],
  'idempotency-key-reused': [409, 'The idempotency key was used with another body'],
  'too-many-subscriptions': [409, 'There are too many subscriptions'],
  'subscription-deleted': [409, 'The subscription was deleted'],
  'client-revoked': [409, 'The client was revoked'],
  'built-in-model': [409, 'The model is built in'],
  'too-many-models': [409, 'There are too many models'],
  'body-too-large': [413, 'The body is too large'],
  'not-json-type': [415, 'The content type is not JSON'],
  'encoded-body': [415, 'The body is compressed'],
  'range-not-satisfiable': [416, 'The file has no such part'],
  'validation-failed': [422, 'The request is not valid'],
  'upstream-rejected-input': [422, 'Upstream rejected the input'],
  'rate-limited': [429, 'Too many requests'],
  'queue-full': [429, 'The client has no room for more here'],
  'internal-error': [500, 'Something went wrong here'],
  'upstream-refused-key': [502, 'Upstream refused the configured key'],
  'upstream-refused': [502, 'Upstream refused the request'],
  'database-unavailable': [503, 'The database does not answer'],
  misconfigured: [503, 'Ringback is not configured'],
  'no-upstream-key': [503, 'There is no upstream key'],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemSlug = keyof typeof PROBLEMS;
type ProblemType = `urn:problem-type:ringback:${ProblemSlug}`;
export type ProblemStatus = (typeof PROBLEMS)[ProblemSlug][0];

/** What a refusal is called. */
export function problemTitle(slug: ProblemSlug): string {
  return PROBLEMS[slug][1];
}

/** One field at fault: a dotted path (`input.duration`), and what to do about it. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of PROBLEMS, and no others
const TYPES = Object.keys(PROBLEMS).map((slug) => `urn:problem-type:ringback:${slug}`) as ProblemType[];

/** RFC 9457. */
export const Problem = z
  .object({
    type: z.enum(TYPES).openapi({ example: 'urn:problem-type:ringback:validation-failed' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .openapi('Problem');

/** A refusal on its way to the caller; thrown anywhere in a route, and answered in the form of its surface. */
export class ProblemError extends Error {
  readonly slug: ProblemSlug;
  readonly errors: readonly FieldError[];
  readonly retryAfterSeconds: number | null;

  constructor(
    slug: ProblemSlug,
    detail: string,
    extra: { errors?: readonly FieldError[]; retryAfterSeconds?: number } = {},
  ) {
    super(detail);
    this.name = 'ProblemError';
    this.slug = slug;
    this.errors = extra.errors ?? [];
    this.retryAfterSeconds = extra.retryAfterSeconds ?? null;
  }

  get status(): ProblemStatus {
    return PROBLEMS[this.slug][0];
  }
}

/** The 422 that names each field at fault. */
export function invalid(errors: readonly FieldError[]): ProblemError {
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const detail = first === undefined ? 'The request is not valid.' : `${first.path}: ${first.message}${more}`;
  return new ProblemError('validation-failed', detail, { errors });
}

/** The answer to a request that is refused: `application/problem+json`. */
export function problemResponse(error: ProblemError): Response {
  const [status, title] = PROBLEMS[error.slug];
  const body = {
    type: `urn:problem-type:ringback:${error.slug}`,
    title,
    status,
    detail: error.message,
    ...(error.errors.length > 0 ? { errors: error.errors } : {}),
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: problemHeaders(error, 'application/problem+json'),
  });
}

/** What a refusal says in headers, whatever the form of its body. */
export function problemHeaders({ status, retryAfterSeconds }: ProblemError, contentType: string): Headers {
  const headers = new Headers({ 'content-type': contentType });
  if (retryAfterSeconds !== null) headers.set('retry-after', String(retryAfterSeconds));
  if (status === 401) headers.set('www-authenticate', 'Bearer');
  if (status === 405) headers.set('allow', 'POST');
  return headers;
}
