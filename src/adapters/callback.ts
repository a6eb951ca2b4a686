import type { Clock } from '../domain/clock.ts';
import type { ReceiverAnswer } from '../domain/receiver.ts';
import { judgeCallbackUrl } from '../domain/url-policy.ts';
import { readAtMost } from './body.ts';
import { TimeoutError, withTimeout } from './timeout.ts';

const EXCERPT_BYTES = 1_024;
/** The status decides; a receiver that has sent it is not waited for while it goes on talking. */
const EXCERPT_TIMEOUT_MS = 250;

export interface CallbackRequest {
  /** Byte for byte as the caller gave it. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The relay's own names, which are never called. */
  readonly ownHosts: readonly string[];
}

export interface CallbackOptions {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** `ALLOW_PRIVATE_CALLBACKS`. */
  readonly allowPrivate: boolean;
}

/** Sends one callback: never rejects, never follows a redirect, reads no more than the attempt log keeps. */
export function createCallbackSender({ fetch, clock, timeoutMs, allowPrivate }: CallbackOptions) {
  return async ({ url, headers, body, ownHosts }: CallbackRequest): Promise<ReceiverAnswer> => {
    const verdict = judgeCallbackUrl(url, { allowPrivate, ownHosts });
    if (!verdict.ok) return { kind: 'forbidden', message: verdict.problem };
    let response: Response;
    try {
      response = await withTimeout(
        clock,
        timeoutMs,
        async (signal) => await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal }),
      );
    } catch (error) {
      return whyNoAnswer(error, timeoutMs);
    }
    return {
      kind: 'response',
      status: response.status,
      retryAfter: response.headers.get('retry-after'),
      location: response.headers.get('location'),
      excerpt: await excerptOf(response, clock),
    };
  };
}

export type CallbackSender = ReturnType<typeof createCallbackSender>;

async function excerptOf(response: Response, clock: Clock): Promise<string> {
  if (response.ok) {
    // The log keeps nothing of a success, so nothing of it is read.
    await response.body?.cancel().catch(() => undefined);
    return '';
  }
  const enough = new AbortController();
  const read = new AbortController();
  const late = clock.sleep(EXCERPT_TIMEOUT_MS, read.signal).then(() => enough.abort());
  try {
    return (await readAtMost(response.body, EXCERPT_BYTES, enough.signal)).text;
  } catch {
    return '';
  } finally {
    read.abort();
    await late;
  }
}

function whyNoAnswer(error: unknown, timeoutMs: number): ReceiverAnswer {
  if (error instanceof TimeoutError) return { kind: 'timeout', afterMs: timeoutMs };
  const message = error instanceof Error ? error.message : String(error);
  if (/\b(tls|ssl|certificate)\b/i.test(message)) {
    return { kind: 'tls', message: 'the certificate or the TLS handshake was not accepted' };
  }
  return { kind: 'connection', message: 'the host could not be reached, or it closed the connection' };
}
