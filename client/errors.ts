import type { Problem } from './types.ts';

/** Ringback refused a request, in the words of RFC 9457; or what stands before it answered in its stead. */
export class RingbackError extends Error {
  override readonly name = 'RingbackError';
  readonly status: number;
  /** To compare with; null where it was not Ringback that answered. */
  readonly type: Problem['type'] | null;
  /** Each field at fault, where the request was not valid. */
  readonly errors: NonNullable<Problem['errors']>;
  readonly retryAfterSeconds: number | null;

  constructor({ status, headers }: Response, problem: Problem | null) {
    super(problem ? `${problem.title}: ${problem.detail}` : `Status ${status}, and not from Ringback`);
    this.status = status;
    this.type = problem?.type ?? null;
    this.errors = problem?.errors ?? [];
    const after = headers.get('retry-after') ?? '';
    this.retryAfterSeconds = /^\d+$/.test(after) ? Number(after) : null;
  }

  /** Whether the same request may be taken a moment later. */
  get isPassing(): boolean {
    const { status, type, retryAfterSeconds } = this;
    return status === 429 || status === 500 || retryAfterSeconds !== null || (status > 500 && type === null);
  }
}

/** No answer came: nobody is there, the name is misspelt, or the connection broke. `cause` is what the platform says. */
export class RingbackConnectionError extends Error {
  override readonly name = 'RingbackConnectionError';

  constructor(url: URL, cause: unknown) {
    const why = reasonOf(cause);
    super(`No answer from ${url.origin}${why === '' ? '' : ` (${why})`}. Is this the address of Ringback?`, {
      cause,
    });
  }
}

/** Node hides in the cause of "fetch failed" what failed. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return code || (cause instanceof Error && cause.message) || error.message;
}
