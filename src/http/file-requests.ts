import type { ByteRange, StoredFile } from '../files/keeper.ts';

/** What a request for a file is to be answered with (RFC 9110, sections 13 and 14). */
export type FileAnswer =
  | { readonly status: 200 }
  | { readonly status: 206; readonly range: ByteRange }
  | { readonly status: 304 }
  | { readonly status: 416 };

type Known = Pick<StoredFile, 'bytes' | 'etag' | 'storedAt'>;

/** Whether nothing but the whole file can be the answer, whatever is known of it. */
export function isPlain(headers: Headers): boolean {
  return ['range', 'if-none-match', 'if-modified-since'].every((name) => !headers.has(name));
}

/** By the conditions and the range of a request; only a GET is for a part (RFC 9110, section 14.2). */
export function answerTo({ method, headers }: Request, file: Known): FileAnswer {
  if (isUnchanged(headers, file)) return { status: 304 };
  const range = method === 'GET' ? headers.get('range') : null;
  if (range === null || !isSameFile(headers.get('if-range'), file)) return { status: 200 };
  return rangeOf(range, file.bytes);
}

function isUnchanged(headers: Headers, { etag, storedAt }: Known): boolean {
  const known = headers.get('if-none-match');
  if (known !== null) {
    const tags = new Set(known.split(',').map((tag) => tag.trim().replace(/^W\//, '')));
    return tags.has('*') || tags.has(etag);
  }
  return isNotAfter(storedAt, headers.get('if-modified-since'));
}

/** Whether a part may go with what the caller has already. A weak validator is none. */
function isSameFile(ifRange: string | null, { etag, storedAt }: Known): boolean {
  if (ifRange === null) return true;
  if (ifRange.includes('"')) return ifRange.trim() === etag;
  return Date.parse(ifRange) === toSecond(storedAt);
}

function isNotAfter(storedAt: number, date: string | null): boolean {
  return date !== null && toSecond(storedAt) <= Date.parse(date);
}

/** Dates of HTTP have no smaller unit. */
function toSecond(epochMs: number): number {
  return epochMs - (epochMs % 1_000);
}

const BYTES = /^bytes=(\d*)-(\d*)$/i;

/** One range of bytes. Several, and what is none, are answered with the whole file, as any server may. */
function rangeOf(text: string, size: number): FileAnswer {
  const [, first = '', last = ''] = BYTES.exec(text.replaceAll(/\s/g, '')) ?? [];
  if (first === '' && last === '') return { status: 200 };
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? { status: 416 } : { status: 206, range: { offset: size - length, length } };
  }
  const offset = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < offset) return { status: 200 };
  return offset >= size ? { status: 416 } : { status: 206, range: { offset, length: end - offset + 1 } };
}
