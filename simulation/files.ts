import { fileBytes } from '../sandbox/upstream/file-bytes.ts';
import type { Chaos } from './chaos.ts';
import type { Timeline } from './timeline.ts';
import type { Upstream } from './upstream.ts';

/** Where upstream's results are. */
export const FILES_HOST = 'files.test';
const BYTES = 2_000;

/** The bytes of a result, by upstream's id of its task and its name. */
export function bytesOfResult(path: string): Uint8Array<ArrayBuffer> {
  return fileBytes(path.replace(/^\/files\//, ''), BYTES);
}

/** What the server of results answers; a Response is made of it. */
export interface FileReply {
  readonly status: number;
  /** Null: without an end, so many at a time that its server never counts as silent. */
  readonly bytes: Uint8Array<ArrayBuffer> | null;
  readonly headers: Readonly<Record<string, string>>;
}

const ERROR_PAGE = Uint8Array.from(new TextEncoder().encode('<html>Something went wrong.</html>'));

/** Pieces that count as progress, in less time than a server may be silent for. */
const DRIP_BYTES = 70_000;
const DRIP_MS = 7_000;

/** The body of a file that comes too slowly for any patience. */
export function drips(timeline: Timeline): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      await timeline.pass(DRIP_MS);
      controller.enqueue(new Uint8Array(DRIP_BYTES));
    },
  });
}

/** The server that results are fetched from: mostly well, and sometimes not. */
export function answerFile(url: URL, chaos: Chaos, upstream: Upstream): FileReply | 'hang' | 'reset' {
  const [, , taskId = '', name = ''] = url.pathname.split('/');
  const fault = chaos.file();
  if (fault === 'hang' || fault === 'reset') return fault;
  if (fault === 'gone' || upstream.simulator.result(taskId, name) === null)
    return { status: 404, bytes: ERROR_PAGE, headers: { 'content-type': 'text/html' } };
  if (fault === 'error') return { status: 503, bytes: ERROR_PAGE, headers: { 'content-type': 'video/mp4' } };
  if (chaos.isSlowFile(url.pathname))
    return { status: 200, bytes: null, headers: { 'content-type': 'video/mp4' } };
  const whole = bytesOfResult(url.pathname);
  const length = { 'content-length': String(whole.byteLength) };
  // It says how long it is, and breaks off before; or it says nothing.
  if (fault === 'short') return { status: 200, bytes: whole.slice(0, BYTES / 2), headers: length };
  const headers = { 'content-type': 'video/mp4', ...(fault === 'unsized' ? {} : length) };
  return { status: 200, bytes: whole, headers };
}
