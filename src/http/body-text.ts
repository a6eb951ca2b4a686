import type { Context } from 'hono';
import { placeOf } from '../domain/json/place.ts';
import { ProblemError } from './problem.ts';

/** Refuses a body that is compressed: 415. What is not packed may say so (`identity`). */
export function refuseEncoded(c: Context): void {
  const codings = listed(c.req.header('content-encoding')).filter((coding) => coding !== 'identity');
  if (codings.length === 0) return;
  const detail = `A body with Content-Encoding: ${codings.join(', ').slice(0, 60)} is not unpacked here. Send it as it is, without that header.`;
  throw new ProblemError('encoded-body', detail);
}

/** The members of a header that may be a list, in lower case; a header that was given twice is one too. */
export function listed(header: string | undefined): string[] {
  return (header ?? '')
    .split(',')
    .map((member) => member.trim().toLowerCase())
    .filter((member) => member !== '');
}

/**
 * The body of a request as text. It is UTF-8 whatever its content type says (RFC 8259), with or without a byte order mark;
 * other bytes are 400, because replaced characters would be paid for.
 */
export async function utf8Body(c: Context): Promise<string> {
  const bytes = new Uint8Array(await c.req.arrayBuffer());
  const text = decoded(bytes);
  if (text === null) throw new ProblemError('not-utf-8', wordsOf(bytes));
  return text;
}

function decoded(bytes: Uint8Array, stream = false): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes, { stream });
  } catch {
    return null;
  }
}

function wordsOf(bytes: Uint8Array): string {
  const known = bytes.subarray(0, firstBadByte(bytes));
  // Without its last character where that is not complete: there the trouble begins.
  const before = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true }).decode(known, { stream: true });
  const first = new TextEncoder().encode(before).length;
  const shown = before.replace(/^\ufeff/, '');
  const where = placeOf(shown, shown.length);
  const remedy = 'Send it as UTF-8, whatever charset its content type names.';
  if (known.length === bytes.length)
    return `The body ends in the middle of a character, at ${where}. ${remedy}`;
  const hex = (bytes[first] ?? 0).toString(16).toUpperCase().padStart(2, '0');
  return `The byte 0x${hex} at ${where} is not UTF-8.${lookOf(bytes)} ${remedy}`;
}

function lookOf([first, second]: Uint8Array): string {
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    return ' The body looks like UTF-16.';
  return first === 0x1f && second === 0x8b ? ' The body looks like gzip.' : '';
}

/** Index of the first byte that cannot stand where it does; the length where only the last character is cut off. */
function firstBadByte(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (decoded(bytes.subarray(0, middle), true) === null) bad = middle;
    else good = middle;
  }
  return good;
}
