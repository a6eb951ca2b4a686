import { PROGRESS_BYTES } from './cut.ts';

/** JavaScript has to do with a file once for so many bytes. */
const BUFFER_BYTES = 262_144;

/** A body, piece by piece. */
export interface Chunks {
  /** The next piece, of at least 64 KiB unless it is the last; null at the end. It may be overwritten by the next call. */
  next(): Promise<Uint8Array | null>;
  cancel(): void;
}

/** Reads a body in pieces that are worth a turn of JavaScript: where the platform has byte streams, into one buffer. */
export function chunksOf(body: ReadableStream<Uint8Array>): Chunks {
  return byteChunks(body) ?? plainChunks(body);
}

function byteChunks(body: ReadableStream<Uint8Array>): Chunks | null {
  let reader: ReadableStreamBYOBReader;
  try {
    reader = body.getReader({ mode: 'byob' });
  } catch {
    return null;
  }
  // Of Cloudflare's runtime alone.
  if (typeof reader.readAtLeast !== 'function') {
    reader.releaseLock();
    return null;
  }
  let buffer = new Uint8Array(BUFFER_BYTES);
  return {
    next: async () => {
      const { value, done } = await reader.readAtLeast(PROGRESS_BYTES, buffer);
      if (!done) buffer = new Uint8Array(value.buffer);
      return done || value.byteLength === 0 ? null : value;
    },
    cancel: () => void reader.cancel().catch(() => undefined),
  };
}

function plainChunks(body: ReadableStream<Uint8Array>): Chunks {
  const reader = body.getReader();
  return {
    next: async () => {
      const { value, done } = await reader.read();
      return done ? null : value;
    },
    cancel: () => void reader.cancel().catch(() => undefined),
  };
}
