import type { Context } from 'hono';

/** The bytes that every finished task of a kind has as its result. */
export interface ResultFiles {
  video: ArrayBuffer;
  image: ArrayBuffer;
}

const CONTENT_TYPES = { video: 'video/mp4', image: 'image/png' };
const RANGE = /^bytes=(\d+)-(\d*)$/;

/** Serves a result file, or the one byte range that players ask for. */
export function sendFile(c: Context, files: ResultFiles, kind: keyof ResultFiles): Response {
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
