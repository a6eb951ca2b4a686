import type { Clock } from '../domain/clock.ts';
import { isAddress } from '../domain/ip-address.ts';
import type { ReceiverAnswer } from '../domain/receiver.ts';
import { profileOf } from '../domain/receivers/profile.ts';
import { judgeCallbackUrl } from '../domain/url-policy.ts';
import { readAtMost } from '../fetching/body.ts';
import type { NameCheck, NameVerdict } from './name-check.ts';
import { TimeoutError, withTimeout } from '../fetching/timeout.ts';

const EXCERPT_BYTES = 1_024;
/** The status decides; a receiver that has sent it is not waited for while it goes on talking. */
const EXCERPT_TIMEOUT_MS = 250;

export interface CallbackRequest {
  /** Byte for byte as the caller gave it. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Ringback's own names, which are never called. */
  readonly ownHosts: readonly string[];
}

export interface CallbackOptions {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** `ALLOW_PRIVATE_CALLBACKS`. */
  readonly allowPrivate: boolean;
  /** Where the operator has a resolver asked before each attempt; else null. */
  readonly checkName: NameCheck | null;
}

/** Sends one callback: never rejects, never follows a redirect, reads no more than the attempt log keeps. */
export function createCallbackSender(options: CallbackOptions) {
  const { allowPrivate } = options;
  return async (request: CallbackRequest): Promise<ReceiverAnswer> => {
    const { url, ownHosts } = request;
    const verdict = judgeCallbackUrl(url, { allowPrivate, ownHosts });
    if (!verdict.ok) return { kind: 'forbidden', message: verdict.problem, lookUps: 0 };
    const { nowhere, lookUps } = await lookUp(url, options);
    const answer = nowhere ?? (await post(request, options));
    return { ...answer, lookUps };
  };
}

async function post(
  { url, headers, body }: CallbackRequest,
  { fetch, clock, timeoutMs }: CallbackOptions,
): Promise<ReceiverAnswer> {
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
    ...(await excerptOf(response, url, clock)),
  };
}

/** Where the name leads to now, whatever it did when the task was accepted. In doubt the receiver is not called. */
async function lookUp(
  url: string,
  { allowPrivate, checkName }: CallbackOptions,
): Promise<{ nowhere: ReceiverAnswer | null; lookUps: number }> {
  const name = new URL(url).hostname.replace(/\.+$/, '');
  if (checkName === null || allowPrivate || isAddress(name)) return { nowhere: null, lookUps: 0 };
  const { kind, lookUps } = await checkName(name);
  return { nowhere: whyNotThere(name, kind), lookUps };
}

function whyNotThere(name: string, kind: NameVerdict['kind']): ReceiverAnswer | null {
  switch (kind) {
    case 'public':
      return null;
    case 'private':
      return {
        kind: 'forbidden',
        message: `The name ${name} leads to an address that is not on the public internet; use a public host.`,
      };
    case 'unknown':
      return { kind: 'unresolved', message: `the name ${name} has no address, or DNS does not answer` };
  }
}

export type CallbackSender = ReturnType<typeof createCallbackSender>;

async function excerptOf(
  response: Response,
  url: string,
  clock: Clock,
): Promise<{ excerpt: string; isWhole: boolean }> {
  if (response.ok && !isWorthReading(response, url)) {
    await response.body?.cancel().catch(() => undefined);
    return { excerpt: '', isWhole: true };
  }
  const enough = new AbortController();
  const stop = clock.after(EXCERPT_TIMEOUT_MS, () => enough.abort());
  try {
    const { text, truncated } = await readAtMost(response.body, EXCERPT_BYTES, enough.signal);
    return { excerpt: text, isWhole: !truncated };
  } catch {
    return { excerpt: '', isWhole: false };
  } finally {
    stop();
  }
}

/** A success counts by its status. It is read where its receiver is known to say more than that, or where it is short. */
function isWorthReading({ headers }: Response, url: string): boolean {
  if (profileOf(url)?.saysMore === true) return true;
  const length = Number(headers.get('content-length') ?? Number.NaN);
  return length > 0 && length <= EXCERPT_BYTES && !headers.has('content-encoding');
}

function whyNoAnswer(error: unknown, timeoutMs: number): ReceiverAnswer {
  if (error instanceof TimeoutError) return { kind: 'timeout', afterMs: timeoutMs };
  const message = error instanceof Error ? error.message : String(error);
  if (/\b(tls|ssl|certificate)\b/i.test(message)) {
    return { kind: 'tls', message: 'the certificate or the TLS handshake was not accepted' };
  }
  return { kind: 'connection', message: 'the host could not be reached, or it closed the connection' };
}
