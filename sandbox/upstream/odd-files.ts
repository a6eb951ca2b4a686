import type { Sleep } from './answer.ts';
import { fileBytes, fileStream, halfOf, trickle } from './file-bytes.ts';

/** How the server of a result can behave, beside sending it. */
export const ODD_FILES = [
  'gone',
  'error',
  'flaky',
  'silent',
  'stalled',
  'slow',
  'broken',
  'endless',
  'huge',
  'chunked',
  'html',
  'svg',
  'untyped',
  'empty',
  'packed',
  'redirect',
  'redirect-to',
] as const;

export type OddFile = (typeof ODD_FILES)[number];

const HOUR_MS = 3_600_000;
/** A file that is made up has so many bytes unless its prompt says otherwise. */
export const DEFAULT_BYTES = 200_000;
const HUGE_BYTES = 10_000_000_000;
const SCRIPT = '<script>document.title = "it ran"</script>';
const PAGE = `<!doctype html><title>a page</title>${SCRIPT}`;
const DRAWING = `<svg xmlns="http://www.w3.org/2000/svg">${SCRIPT}</svg>`;

/** A request for a result file that is odd or made up. */
export interface FileRequest {
  readonly url: URL;
  /** The bytes are the same for the same seed. */
  readonly seed: string;
  readonly bytes: number;
  readonly type: string;
  /** How often it was asked for before. */
  readonly asked: number;
  readonly sleep: Sleep;
}

/** A file of made-up bytes, sent as it should be. */
export function madeUpFile({ seed, bytes, type }: FileRequest): Response {
  const headers = { 'content-type': type, 'content-length': String(bytes) };
  return new Response(fileStream(seed, bytes), { headers });
}

function ok(
  body: string | Uint8Array<ArrayBuffer> | ReadableStream,
  headers: Record<string, string>,
): Response {
  return new Response(body, { headers });
}

/** What its server answers. */
export async function oddFile(kind: OddFile, argument: string, request: FileRequest): Promise<Response> {
  const { seed, bytes, type, sleep, asked } = request;
  switch (kind) {
    case 'gone':
      return new Response('no such file', { status: 404 });
    case 'error':
      return new Response('out of order', { status: Number(argument) || 500 });
    case 'flaky':
      return asked < (Number(argument) || 2) ? new Response('busy', { status: 503 }) : madeUpFile(request);
    case 'silent':
      await sleep(HOUR_MS);
      return new Response('too late', { status: 504 });
    case 'stalled':
      return ok(
        halfOf(seed, bytes, async () => await sleep(HOUR_MS)),
        { 'content-type': type },
      );
    case 'slow':
      return ok(trickle(fileBytes(seed, bytes), Number(argument) || 20_000, sleep), { 'content-type': type });
    case 'broken':
      return ok(
        halfOf(seed, bytes, () => Promise.reject(new Error('broken off'))),
        {
          'content-type': type,
          'content-length': String(bytes),
        },
      );
    case 'endless':
      return ok(fileStream(seed, Infinity), { 'content-type': type });
    case 'huge':
      return ok(fileStream(seed, HUGE_BYTES), { 'content-type': type, 'content-length': String(HUGE_BYTES) });
    case 'chunked':
      return ok(fileStream(seed, bytes, { isCounted: false }), { 'content-type': type });
    case 'html':
      return ok(PAGE, { 'content-type': 'text/html; charset=utf-8' });
    case 'svg':
      return ok(DRAWING, { 'content-type': 'image/svg+xml' });
    case 'untyped':
      return ok(fileBytes(seed, bytes), { 'content-type': '' });
    case 'empty':
      return ok(new Uint8Array(), { 'content-type': type, 'content-length': '0' });
    case 'packed':
      return ok(fileBytes(seed, bytes), { 'content-type': type, 'content-encoding': argument || 'zstd' });
    case 'redirect':
      return redirect(request, Number(argument) || 1);
    case 'redirect-to':
      return new Response(null, { status: 302, headers: { location: argument } });
  }
}

/** To itself, so many times, and then the file. */
function redirect(request: FileRequest, times: number): Response {
  const { url } = request;
  const hop = Number(url.searchParams.get('hop') ?? 0);
  if (hop >= times) return madeUpFile(request);
  const location = `${url.pathname}?hop=${hop + 1}`;
  return new Response(null, { status: 302, headers: { location } });
}
