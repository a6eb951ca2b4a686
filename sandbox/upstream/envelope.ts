/** The one shape of every answer; `code` is the HTTP status too. */
export interface Envelope {
  code: number;
  msg: string;
  data: unknown;
}

const MESSAGES: Record<number, string> = {
  400: 'invalid parameters',
  401: 'invalid API key',
  402: 'insufficient credits',
  404: 'task not found',
  409: 'active task limit reached',
  422: 'validation failed',
  429: 'rate limit exceeded',
};

export function success(data: unknown): Envelope {
  return { code: 200, msg: 'success', data };
}

/** A refusal in upstream's usual words for the code, or in the given ones. */
export function refusal(
  code: number,
  msg = MESSAGES[code] ?? 'server error',
  data: unknown = null,
): Envelope {
  return { code, msg, data };
}
