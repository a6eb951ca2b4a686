import type { z } from 'zod';

const CALL_TIMEOUT_MS = 20_000;
const MAX_SHOWN_CHARACTERS = 600;

export interface CallOptions<T> {
  method?: string;
  /** Bearer token. */
  token?: string;
  body?: unknown;
  /** The status that means success. */
  expect: number;
  schema: z.ZodType<T>;
}

/** Calls an endpoint that answers JSON; anything unexpected is an error that says what came back. */
export async function call<T>(url: URL, options: CallOptions<T>): Promise<T> {
  const { method = 'GET', token, body } = options;
  const what = `${method} ${url.pathname}`;
  const response = await fetch(url, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
  }).catch((error: unknown) => {
    throw new Error(`${what} did not answer: ${String(error)}`);
  });
  const text = await response.text();
  const answered = `${what} answered ${response.status}: ${text.slice(0, MAX_SHOWN_CHARACTERS)}`;
  if (response.status !== options.expect) throw new Error(answered);
  const parsed = options.schema.safeParse(jsonOrNull(text));
  if (!parsed.success) throw new Error(`${answered}\n(not as expected: ${parsed.error.message})`);
  return parsed.data;
}

/** What this text says as JSON; null where it is none. */
export function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
