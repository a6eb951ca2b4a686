import type { Context } from 'hono';
import type { Sleep } from './answer.ts';
import { DEFAULT_BYTES, madeUpFile, oddFile } from './odd-files.ts';
import type { ResultFile } from './snapshot.ts';

/** The bytes that every finished task of a kind has as its result. */
export interface ResultFiles {
  video: ArrayBuffer;
  image: ArrayBuffer;
}

const CONTENT_TYPES = { video: 'video/mp4', image: 'image/png' };
const RANGE = /^bytes=(\d+)-(\d*)$/;

export interface SentFile {
  /** The real ones; without them, those that are not made up answer 404. */
  readonly files: ResultFiles | undefined;
  readonly sleep: Sleep;
  readonly result: ResultFile;
}

/** Serves a result file as its prompt asks: a real one, one of made-up bytes, or as a server does that is out of order. */
export async function sendFile(c: Context, { files, sleep, result }: SentFile): Promise<Response> {
  const { kind, directives, asked, seed } = result;
  const { file, sizeBytes } = directives;
  if (file === null && sizeBytes === null)
    return files === undefined ? await c.notFound() : sendReal(c, files, kind);
  const bytes = sizeBytes ?? DEFAULT_BYTES;
  const request = { url: new URL(c.req.url), seed, bytes, type: CONTENT_TYPES[kind], asked, sleep };
  return file === null ? madeUpFile(request) : await oddFile(file.kind, file.argument, request);
}

/** The file, or the one byte range that players ask for. */
function sendReal(c: Context, files: ResultFiles, kind: keyof ResultFiles): Response {
  const bytes = files[kind];
  const headers = { 'content-type': CONTENT_TYPES[kind], 'accept-ranges': 'bytes' };
  const range = RANGE.exec(c.req.header('range') ?? '');
  if (range === null) return c.body(bytes, 200, headers);
  const size = bytes.byteLength;
  const first = Number(range[1]);
  const last = Math.min(range[2] ? Number(range[2]) : size - 1, size - 1);
  if (first > last) return c.body(null, 416, { 'content-range': `bytes */${size}` });
  return c.body(bytes.slice(first, last + 1), 206, {
    ...headers,
    'content-range': `bytes ${first}-${last}/${size}`,
  });
}
