import { viewsOf } from './spellings.ts';
import type { View } from './spellings.ts';

/** Shorter values are words that may stand in a text by chance, and give nothing away. */
const MIN_SECRET_LENGTH = 4;
/** A shorter beginning at the end of a text may be any word's. */
const MIN_BEGINNING_LENGTH = 6;
const REDACTED = '[redacted]';
const CUT_SPELLING = /(?:%[0-9a-f]?|\\(?:u[0-9a-f]{0,3}|x[0-9a-f]?)?|&#?\w{0,7})$/i;
const WORD = /[\p{L}\p{N}_]/u;
/** The credential of `Bearer X` is a secret by itself. */
const SCHEME = /^(?:Bearer|Basic|Token|Digest|ApiKey|Api-Key|Key|Bot|DPoP|Negotiate|GenieKey)\s+(.+)$/i;

export interface Redaction {
  /** The text was not cut off, so that a secret's beginning at its end is not a secret. */
  readonly isWhole?: boolean;
  /** Within longer words too: for keys, which are no words themselves. */
  readonly withinWords?: boolean;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * The text without these secrets: what a peer answers may repeat what it was sent, and is shown to people who are not to
 * know it. Found as they are and as URLs, JSON, scripts and HTML spell them, but not as a part of a longer word. A secret
 * that the text's end cuts off is taken out too, for texts are read up to a limit.
 */
export function redact(text: string, secrets: readonly string[], how: Redaction = {}): string {
  const sought = secrets
    .flatMap((secret) => [secret, SCHEME.exec(secret)?.[1] ?? ''])
    .filter((secret) => secret.length >= MIN_SECRET_LENGTH);
  if (sought.length === 0) return text;
  const found = viewsOf(text).flatMap((view) => sought.flatMap((secret) => placesOf(view, secret, how)));
  let kept = '';
  let from = 0;
  for (const { start, end } of united(found)) {
    kept += text.slice(from, start) + REDACTED;
    from = end;
  }
  return kept + text.slice(from);
}

function placesOf(view: View, secret: string, { isWhole = false, withinWords = false }: Redaction): Range[] {
  const { text, startOf } = view;
  const isCut = (start: number, end: number) =>
    (withinWords || !isWithinWord(text, start, end)) && startOf(start) < startOf(end);
  const places: Range[] = [];
  for (let at = text.indexOf(secret); at !== -1; at = text.indexOf(secret, at + 1)) {
    const end = at + secret.length;
    if (isCut(at, end)) places.push({ start: startOf(at), end: startOf(end) });
  }
  const at = isWhole ? -1 : beginningAtEnd(text, secret);
  if (at !== -1 && isCut(at, text.length)) places.push({ start: startOf(at), end: startOf(text.length) });
  return places;
}

/** Where the longest beginning of the secret stands that the text ends with, or -1; a spelling may be cut in two as well. */
function beginningAtEnd(text: string, secret: string): number {
  const ends = [text.length, text.length - (CUT_SPELLING.exec(text)?.[0].length ?? 0)];
  for (let length = Math.min(secret.length - 1, text.length); length >= MIN_BEGINNING_LENGTH; length--) {
    const end = ends.find((at) => text.endsWith(secret.slice(0, length), at));
    if (end !== undefined) return end - length;
  }
  return -1;
}

/** Whether a letter, digit or underscore goes on before or behind, where one stands inside. */
function isWithinWord(text: string, start: number, end: number): boolean {
  const isWord = (at: number) => WORD.test(text[at] ?? '');
  return (isWord(start - 1) && isWord(start)) || (isWord(end - 1) && isWord(end));
}

/** In order, those that overlap as one: one secret may be a part of another, and its rest would stay. */
function united(ranges: readonly Range[]): Range[] {
  const all: Range[] = [];
  for (const range of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = all.at(-1);
    if (last === undefined || range.start >= last.end) all.push(range);
    else all[all.length - 1] = { start: last.start, end: Math.max(last.end, range.end) };
  }
  return all;
}
