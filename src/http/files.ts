import type { Context } from 'hono';
import { isKeptPath } from '../domain/kept-files.ts';
import type { FileKeeper, StoredFile } from '../files/keeper.ts';
import { describeFiles } from './files-document.ts';
import { answerTo, isPlain } from './file-requests.ts';
import type { FileAnswer } from './file-requests.ts';
import { ProblemError, problemResponse } from './problem.ts';
import type { App, Services } from './services.ts';

const PATH = '/files/:task/:n/:capability/:name';
const BYTES_TYPE = 'application/octet-stream';

/** Whoever has the link may read it, embed it and keep it; and nothing in it runs, whatever it is. */
const HEADERS = {
  'accept-ranges': 'bytes',
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'Accept-Ranges, Content-Length, Content-Range, ETag',
  'cache-control': 'public, max-age=31536000, immutable',
  // A browser shows a video or a picture that is opened by itself in a page of its own.
  'content-security-policy':
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox",
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
} as const;

/** Kept result files, by links that nobody guesses: for players, for browsers, and for whoever was called back. */
export function registerFiles(app: App, { files }: Services): void {
  describeFiles(app);
  app.on(['GET', 'HEAD'], PATH, async (c) => {
    if (files === null)
      throw new ProblemError('not-found', 'No files are kept here: no bucket is bound (any more).');
    const response = await serve(c, files);
    if (response === null)
      throw new ProblemError('not-found', 'There is no such file, or its task was deleted.');
    return response;
  });
  app.options(PATH, (c) =>
    c.body(null, 204, {
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, HEAD',
      'access-control-allow-headers': 'Range, If-Range, If-None-Match, If-Modified-Since',
      'access-control-max-age': '86400',
    }),
  );
}

/** Null where there is no such file. */
async function serve(c: Context, files: FileKeeper): Promise<Response | null> {
  const name = c.req.param('name') ?? '';
  const path = ['task', 'n', 'capability', 'name'].map((part) => c.req.param(part)).join('/');
  // What cannot be there costs no request to the bucket.
  if (!isKeptPath(path)) return null;
  const isDownload = c.req.query('download') === '1';
  const { headers } = c.req.raw;
  const isHead = c.req.method === 'HEAD';
  if (!isHead && isPlain(headers)) {
    const opened = await files.open(path, null);
    if (opened === null) return null;
    const whole = headersOf(opened.file, { status: 200 }, { name, isDownload });
    return new Response(opened.body, { headers: whole });
  }
  const file = await files.head(path);
  if (file === null) return null;
  const answer = answerTo(c.req.raw, file);
  const { status } = answer;
  const sent = headersOf(file, answer, { name, isDownload });
  if (status === 416) return rangeProblem(file);
  if (status === 304 || isHead) return new Response(null, { status, headers: sent });
  const opened = await files.open(path, answer.status === 206 ? answer.range : null);
  return opened && new Response(opened.body, { status, headers: sent });
}

function headersOf(
  { bytes, etag, type, storedAt }: StoredFile,
  answer: FileAnswer,
  { name, isDownload }: { readonly name: string; readonly isDownload: boolean },
): Headers {
  const headers = new Headers({ ...HEADERS, etag, 'last-modified': new Date(storedAt).toUTCString() });
  if (answer.status === 304) return headers;
  headers.set('content-type', type);
  if (isDownload || type === BYTES_TYPE) headers.set('content-disposition', attachment(name));
  if (answer.status !== 206) headers.set('content-length', String(bytes));
  else {
    const { offset, length } = answer.range;
    headers.set('content-length', String(length));
    headers.set('content-range', `bytes ${offset}-${offset + length - 1}/${bytes}`);
  }
  return headers;
}

/** RFC 6266: a name in plain letters for old programs, and the name itself. */
function attachment(name: string): string {
  const plain = name.replaceAll(/[^a-zA-Z0-9._-]+/g, '_');
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name)}`;
}

function rangeProblem({ bytes }: StoredFile): Response {
  const words = `It is ${bytes} bytes long: ask for a range within them.`;
  const response = problemResponse(new ProblemError('range-not-satisfiable', words));
  response.headers.set('access-control-allow-origin', '*');
  response.headers.set('content-range', `bytes */${bytes}`);
  return response;
}
