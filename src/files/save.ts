import type { Bucket } from './bucket.ts';
import type { Chunks } from './chunks.ts';
import type { Cut } from './cut.ts';

/** R2 takes parts of 5 MiB or more, all of one size but the last, and 10,000 of them (https://developers.cloudflare.com/r2/platform/limits/). */
const PART_BYTES = 8 * 1_048_576;

/** It has more bytes than are kept. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

/** Fewer bytes came than were announced, or none. */
export class BrokenOffError extends Error {
  override readonly name = 'BrokenOffError';
}

/** Where a file goes. */
export interface Place {
  readonly bucket: Bucket;
  readonly path: string;
  readonly type: string;
  readonly maxBytes: number;
}

/** Streams a file of a known length straight into the bucket; nothing is stored unless all of it came. */
export async function saveKnown(place: Place, chunks: Chunks, length: number, cut: Cut): Promise<number> {
  const { bucket, path, type } = place;
  const { readable, writable } = new FixedLengthStream(length);
  const put = bucket.put(path, readable, { httpMetadata: { contentType: type } });
  put.catch(() => undefined);
  const writer = writable.getWriter();
  try {
    let bytes = 0;
    for (let chunk = await cut.or(chunks.next()); chunk !== null; chunk = await cut.or(chunks.next())) {
      bytes += chunk.byteLength;
      if (bytes > length) throw new BrokenOffError();
      // A bucket that takes no more fails the write as well as the put.
      await cut.or(Promise.race([writer.write(chunk), put.then(() => undefined)]));
      cut.moved(chunk.byteLength);
    }
    if (bytes < length) throw new BrokenOffError();
    await cut.or(writer.close());
    const stored = await cut.or(put);
    return stored.size;
  } catch (error) {
    // A bucket that hangs here too holds up nobody.
    await cut.or(writer.abort(error)).catch(() => undefined);
    throw error;
  }
}

/** Saves a file of an unknown length: in parts where it is large, one of them in memory at a time. */
export async function saveUnknown(place: Place, chunks: Chunks, cut: Cut): Promise<number> {
  const { bucket, path, type, maxBytes } = place;
  const options = { httpMetadata: { contentType: type } };
  const parts = new Parts(chunks, cut, maxBytes);
  const first = await parts.next();
  if (first.byteLength === 0) throw new BrokenOffError();
  if (first.byteLength < PART_BYTES) return (await cut.or(bucket.put(path, first, options))).size;
  const upload = await cut.or(bucket.createMultipartUpload(path, options));
  try {
    const uploaded: R2UploadedPart[] = [];
    for (let part = first; part.byteLength > 0; part = await parts.next()) {
      uploaded.push(await cut.or(upload.uploadPart(uploaded.length + 1, part)));
      cut.answered();
      if (part.byteLength < PART_BYTES) break;
    }
    return (await cut.or(upload.complete(uploaded))).size;
  } catch (error) {
    // What is not aborted by then, R2 aborts after a week.
    await cut.or(upload.abort()).catch(() => undefined);
    throw error;
  }
}

/** A body in parts of one size, in one buffer. */
class Parts {
  private readonly chunks: Chunks;
  private readonly cut: Cut;
  private readonly maxBytes: number;
  private readonly buffer = new Uint8Array(PART_BYTES);
  private rest: Uint8Array = new Uint8Array();
  private bytes = 0;

  constructor(chunks: Chunks, cut: Cut, maxBytes: number) {
    this.chunks = chunks;
    this.cut = cut;
    this.maxBytes = maxBytes;
  }

  /** The next part: shorter than the others at the end, and empty behind it. It is overwritten by the next call. */
  async next(): Promise<Uint8Array> {
    let filled = this.fill(this.rest, 0);
    while (filled < PART_BYTES) {
      const chunk = await this.cut.or(this.chunks.next());
      if (chunk === null) break;
      this.bytes += chunk.byteLength;
      if (this.bytes > this.maxBytes) throw new TooLargeError();
      this.cut.moved(chunk.byteLength);
      filled = this.fill(chunk, filled);
    }
    return this.buffer.subarray(0, filled);
  }

  /** Puts as much of it into the buffer as there is room for, and keeps a copy of what is over. */
  private fill(chunk: Uint8Array, filled: number): number {
    const taken = chunk.subarray(0, PART_BYTES - filled);
    this.buffer.set(taken, filled);
    this.rest = chunk.slice(taken.byteLength);
    return filled + taken.byteLength;
  }
}
