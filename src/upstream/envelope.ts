import { parseRetryAfter } from '../domain/retry-after.ts';
import { shortened, wordsOf } from './words.ts';

const DEFAULT_RETRY_AFTER_MS = 5_000;
/** An upstream that says "in a millisecond" each time must not use up a tick's whole budget. */
const MIN_RETRY_AFTER_MS = 200;
const MAX_RETRY_AFTER_MS = 3_600_000;
const MAX_INTERVAL_MS = 60_000;
const MAX_MESSAGE_LENGTH = 500;
const LIMITED = 429;

/** An HTTP answer of upstream, read whole. */
export interface RawAnswer {
  readonly status: number;
  readonly body: string;
  /** How long its `Retry-After` asks to wait, in ms from now; absent or null where it does not. */
  readonly retryAfterMs?: number | null;
}

/** Upstream's envelope, read. */
export interface UpstreamEnvelope {
  readonly code: number;
  /** Its words, or ours where it has none; at most 500 characters. */
  readonly message: string;
  readonly data: unknown;
}

/**
 * Reads upstream's envelope; null for what is none. Its `code` may be a text, and `data` or the whole may be encoded twice. A
 * limit is told by the status alone: whoever limits a rate may be a proxy, which knows no envelope.
 */
export function readEnvelope(raw: RawAnswer): UpstreamEnvelope | null {
  const envelope = fieldsOf(parsed(parsed(raw.body)));
  const code = raw.status === LIMITED ? LIMITED : codeOf(envelope?.['code']);
  if (code === null) return null;
  const message = wordsOf(envelope?.['msg']) ?? wordsOf(envelope?.['message']);
  return {
    code,
    message: shortened(message ?? `upstream answered ${code}`, MAX_MESSAGE_LENGTH),
    data: document(envelope?.['data']),
  };
}

/** The fields of a JSON object; null for every other value. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return isObject(value) ? value : null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** How long to leave upstream alone, in ms: by the envelope's `retryAfter`, in seconds, else by the header. */
export function retryAfterMs(data: unknown, raw: RawAnswer): number {
  const fields = fieldsOf(data);
  const seconds = positive(fields?.['retryAfter']) ?? positive(fields?.['retry_after']);
  const askedMs = seconds === null ? raw.retryAfterMs : Math.ceil(seconds * 1_000);
  return Math.min(Math.max(askedMs ?? DEFAULT_RETRY_AFTER_MS, MIN_RETRY_AFTER_MS), MAX_RETRY_AFTER_MS);
}

/** A `Retry-After` header as ms from now: seconds, also parts of one; of several the longest; or a date. Null for nonsense. */
export function headerMs(header: string | null, now: number): number | null {
  if (header === null) return null;
  const seconds = header.split(',').map(positive);
  const known = seconds.filter((each) => each !== null);
  if (known.length > 0 && known.length === seconds.length) return Math.ceil(Math.max(...known) * 1_000);
  const instant = parseRetryAfter(header, now);
  return instant === null ? null : instant - now;
}

/** Windows are upstream's, and requests are under way for different times: at exactly its rate one in four is refused. */
const SLOWER = 1.1;

/** How far apart requests have to be, in ms, to stay within the window that upstream named; null where it named none. */
export function intervalMs(data: unknown): number | null {
  const fields = fieldsOf(data);
  const limit = positive(fields?.['limit']);
  const windowSeconds = positive(fields?.['windowSeconds']);
  if (limit === null || windowSeconds === null) return null;
  return Math.min(Math.ceil((SLOWER * windowSeconds * 1_000) / limit), MAX_INTERVAL_MS);
}

/** A number above 0, also as text. */
function positive(value: unknown): number | null {
  const number =
    typeof value === 'string' && /^\s*\d+(?:\.\d+)?\s*s?\s*$/i.test(value) ? parseFloat(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number > 0 ? number : null;
}

function codeOf(value: unknown): number | null {
  const code = typeof value === 'string' && /^\s*\d{1,6}\s*$/.test(value) ? Number(value) : value;
  return typeof code === 'number' && Number.isSafeInteger(code) ? code : null;
}

/** A text that holds an object or a list as JSON is what it holds; anything else stays as it is. */
function document(value: unknown): unknown {
  return typeof value === 'string' && /^\s*[[{]/.test(value) ? (parsed(value) ?? value) : value;
}

/** A JSON text as its value, null where it is none; what is no text stays as it is. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
}
