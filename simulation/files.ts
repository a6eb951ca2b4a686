import { fileBytes } from '../sandbox/upstream/file-bytes.ts';
import type { Chaos } from './chaos.ts';
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
  readonly bytes: Uint8Array<ArrayBuffer> | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** The server that results are fetched from: mostly well, and sometimes not. */
export function answerFile(url: URL, chaos: Chaos, upstream: Upstream): FileReply | 'hang' | 'reset' {
  const [, , taskId = '', name = ''] = url.pathname.split('/');
  const fault = chaos.file();
  if (fault === 'hang' || fault === 'reset') return fault;
  if (fault === 'gone' || upstream.simulator.result(taskId, name) === null)
    return { status: 404, bytes: null, headers: {} };
  if (fault === 'error') return { status: 503, bytes: null, headers: {} };
  const whole = bytesOfResult(url.pathname);
  const length = { 'content-length': String(whole.byteLength) };
  // It says how long it is, and breaks off before; or it says nothing.
  if (fault === 'short') return { status: 200, bytes: whole.slice(0, BYTES / 2), headers: length };
  const headers = { 'content-type': 'video/mp4', ...(fault === 'unsized' ? {} : length) };
  return { status: 200, bytes: whole, headers };
}
