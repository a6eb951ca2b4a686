import { resultUrls } from '../domain/result-urls.ts';

/** A result is kept as it came up to this many bytes of UTF-8; D1 takes 2 MB in one row, and a task has an input too. */
const MAX_RESULT_BYTES = 524_288;
/** What it takes at the most within a statement's parameter, which is JSON: a text of quotes is twice as long there. */
const MAX_WRITTEN_BYTES = 1_200_000;

/** Where sister services put a result that is not in `resultJson`. What was asked for stands in none of them. */
const OTHER_FIELDS = [
  'result_json',
  'resultUrls',
  'resultUrl',
  'result_urls',
  'result_url',
  'result',
  'results',
  'response',
  'output',
  'outputs',
  'videoInfo',
  'videoUrl',
  'video_url',
];

/** What a record gives as its result: `resultJson`, else what stands under other names; null where it gives nothing. */
export function resultIn(record: Readonly<Record<string, unknown>>): unknown {
  const documented = record['resultJson'] ?? null;
  if (resultUrls(documented).length > 0) return documented;
  const others = OTHER_FIELDS.filter((name) => (record[name] ?? null) !== null);
  const found = Object.fromEntries(others.map((name) => [name, record[name]]));
  return resultUrls(found).length > 0 ? found : documented;
}

/**
 * A result as a text that fits into its row: as it came, or, where that is too long, its links; null where it has no link.
 * Nobody who calls recordInfo here has to expect anything else than upstream's text.
 */
export function keptResult(result: unknown): string | null {
  const urls = resultUrls(result);
  if (urls.length === 0) return null;
  const text = typeof result === 'string' ? result : asJson(result);
  return text !== null && fits(text) ? text : linksThatFit(urls);
}

function fits(text: string): boolean {
  return bytesOf(text) <= MAX_RESULT_BYTES && bytesOf(JSON.stringify(text)) <= MAX_WRITTEN_BYTES;
}

function linksThatFit(urls: readonly string[]): string {
  const kept: string[] = [];
  let bytes = bytesOf(JSON.stringify({ resultUrls: [] }));
  for (const url of urls) {
    bytes += bytesOf(JSON.stringify(url)) + 1;
    if (bytes > MAX_RESULT_BYTES) break;
    kept.push(url);
  }
  return JSON.stringify({ resultUrls: kept });
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}

/** Null where it is nested deeper than the stack is. */
function asJson(value: unknown): string | null {
  try {
    return JSON.stringify(value);
  } catch {
    return null;
  }
}
