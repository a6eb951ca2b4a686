import type { Clock } from '../domain/clock.ts';
import { fileName, pathOf, safeType } from '../domain/kept-files.ts';
import type { CopyAnswer } from '../domain/keeping.ts';
import type { Bucket } from './bucket.ts';
import { chunksOf } from './chunks.ts';
import type { Chunks } from './chunks.ts';
import { Cut, CutError, SILENCE_MS } from './cut.ts';
import type { CopyWatch } from './cut.ts';
import { BrokenOffError, saveKnown, saveUnknown, TooLargeError } from './save.ts';
import { openSource } from './source.ts';
import type { SourceOptions } from './source.ts';

/** One file to be copied. */
export interface CopyRequest {
  readonly taskId: string;
  /** Which of the task's files it is, from 0. */
  readonly place: number;
  readonly capability: string;
  /** Upstream's link. */
  readonly source: string;
  readonly prompt: unknown;
  /** Ringback's own names, which are never called. */
  readonly ownHosts: readonly string[];
  /** No longer than until then. Epoch ms. */
  readonly until: number;
}

/** What became of it, and what it took of the invocation's outgoing requests. */
export interface Copied {
  readonly answer: CopyAnswer;
  readonly fetches: number;
}

export interface CopierOptions extends SourceOptions {
  readonly bucket: Bucket;
  readonly clock: Clock;
  /** `KEEP_MAX_MB`, in bytes. */
  readonly maxBytes: number;
}

/**
 * Copies one file from upstream's link into the bucket, never more of it in memory than a part. Tried again, it takes the place of
 * what was there. Never rejects.
 */
export function createCopier(options: CopierOptions) {
  return async (request: CopyRequest, watch: CopyWatch): Promise<Copied> => {
    const cut = new Cut(options.clock, watch, request.until);
    let fetches = 0;
    try {
      const answer = await copy(options, request, cut, (count) => {
        // It goes on with the budget of another run.
        if (fetches + count > watch.maxFetches) throw new CutError('yielded');
        fetches += count;
      });
      return { answer, fetches };
    } catch (error) {
      return { answer: answerOf(error, options), fetches };
    } finally {
      cut.end();
    }
  };
}

export type Copier = ReturnType<typeof createCopier>;

async function copy(
  options: CopierOptions,
  request: CopyRequest,
  cut: Cut,
  counted: (fetches: number) => void,
): Promise<CopyAnswer> {
  const { bucket, maxBytes } = options;
  const { source, ownHosts } = request;
  const opened = await openSource(options, { url: source, ownHosts }, cut, counted);
  if (opened.kind !== 'open') return opened;
  cut.answered();
  const { headers, body } = opened.response;
  const length = lengthOf(headers);
  if (length !== null && length > maxBytes) {
    void body?.cancel().catch(() => undefined);
    return tooLarge(options, length);
  }
  if (body === null || length === 0) return { kind: 'failed', problem: EMPTY };
  const coding = codingOf(headers);
  if (!DECODED.has(coding)) {
    void body.cancel().catch(() => undefined);
    return {
      kind: 'refused',
      problem: `Its server packs it in a way that is not understood here (${coding}).`,
    };
  }
  const type = safeType(headers.get('content-type'));
  const name = fileName(request.prompt, source, type);
  const path = pathOf(request.taskId, request.place, request.capability, name);
  const chunks: Chunks = chunksOf(body);
  try {
    const place = { bucket, path, type, maxBytes };
    const bytes =
      length === null ? await saveUnknown(place, chunks, cut) : await saveKnown(place, chunks, length, cut);
    return { kind: 'copied', file: { path, bytes } };
  } catch (error) {
    chunks.cancel();
    throw error;
  }
}

const EMPTY = 'Its server gave an empty file.';

/** As announced, where that is the length of the file itself; else null. */
function lengthOf(headers: Headers): number | null {
  const length = headers.get('content-length') ?? '';
  return /^\d{1,15}$/.test(length) && codingOf(headers) === 'identity' ? Number(length) : null;
}

/** What the platform unpacks by itself, although it was asked for the bytes as they are. */
const DECODED: ReadonlySet<string> = new Set(['identity', 'gzip', 'br']);

function codingOf(headers: Headers): string {
  return headers.get('content-encoding')?.trim().toLowerCase().slice(0, 40) || 'identity';
}

function tooLarge({ maxBytes }: CopierOptions, length: number | null): CopyAnswer {
  const size = length === null ? 'larger' : `${Math.ceil(length / 1_000_000)} MB large, and so larger`;
  const problem = `It is ${size} than KEEP_MAX_MB allows (${Math.floor(maxBytes / 1_000_000)} MB).`;
  return { kind: 'refused', problem };
}

function answerOf(error: unknown, options: CopierOptions): CopyAnswer {
  if (error instanceof CutError) {
    if (error.reason === 'yielded') return { kind: 'yielded' };
    const problem =
      error.reason === 'over'
        ? 'It had not come to its end by then.'
        : `Its server stood still for ${SILENCE_MS / 1_000} s.`;
    return { kind: 'failed', problem };
  }
  if (error instanceof TooLargeError) return tooLarge(options, null);
  if (error instanceof BrokenOffError) return { kind: 'failed', problem: 'It broke off before its end.' };
  return { kind: 'failed', problem: 'The connection to its server broke, or it could not be stored.' };
}
