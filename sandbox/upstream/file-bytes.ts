import type { Sleep } from './answer.ts';
import { hashText, seededRandom } from './random.ts';

const BLOCK_BYTES = 65_536;
/** How often a slow server sends something. */
const TRICKLE_MS = 500;

/** One block of noise for each seed; its copies differ by their numbers, so that none can be taken for another. */
function blocksOf(seed: string): (index: number) => Uint8Array<ArrayBuffer> {
  const random = seededRandom(hashText(seed));
  const noise = Uint8Array.from({ length: BLOCK_BYTES }, () => Math.floor(random() * 256));
  return (index) => {
    const block = noise.slice();
    new DataView(block.buffer).setFloat64(0, index);
    return block;
  };
}

/** The first `bytes` of the file of a seed, whole. */
export function fileBytes(seed: string, bytes: number): Uint8Array<ArrayBuffer> {
  const block = blocksOf(seed);
  const whole = new Uint8Array(bytes);
  for (let from = 0; from < bytes; from += BLOCK_BYTES)
    whole.set(block(from / BLOCK_BYTES).subarray(0, bytes - from), from);
  return whole;
}

/** The same, block by block; with its length on the wire, unless it has none or is not to say it. */
export function fileStream(
  seed: string,
  bytes: number,
  { isCounted = Number.isFinite(bytes) } = {},
): ReadableStream<Uint8Array> {
  const block = blocksOf(seed);
  let sent = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent >= bytes) return controller.close();
      controller.enqueue(block(sent / BLOCK_BYTES).subarray(0, bytes - sent));
      sent += BLOCK_BYTES;
    },
  });
  return isCounted ? counted(stream, bytes) : stream;
}

/** Half of it, and then whatever comes. */
export function halfOf(seed: string, bytes: number, then: () => Promise<void>): ReadableStream<Uint8Array> {
  const half = fileBytes(seed, Math.ceil(bytes / 2));
  let isSent = false;
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (isSent) return await then();
      isSent = true;
      controller.enqueue(half);
    },
  });
  return counted(stream, bytes);
}

/** So many bytes a second. */
export function trickle(whole: Uint8Array, bytesPerSecond: number, sleep: Sleep): ReadableStream<Uint8Array> {
  const step = Math.max(1, Math.round((bytesPerSecond * TRICKLE_MS) / 1_000));
  let sent = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (sent >= whole.byteLength) return controller.close();
      if (sent > 0) await sleep(TRICKLE_MS);
      controller.enqueue(whole.slice(sent, sent + step));
      sent += step;
    },
  });
}

/** Node, which runs tests and scripts, has no such class. */
interface Runtime {
  readonly FixedLengthStream?: new (bytes: number) => TransformStream<Uint8Array, Uint8Array>;
  readonly Response: unknown;
}
const runtime: Runtime = globalThis;

/** A stream whose length is told on the wire; only Cloudflare's runtime has such streams. */
function counted(stream: ReadableStream<Uint8Array>, bytes: number): ReadableStream<Uint8Array> {
  const Counted = runtime.FixedLengthStream;
  if (Counted === undefined) return stream;
  const { readable, writable } = new Counted(bytes);
  stream.pipeTo(writable).catch(() => undefined);
  return readable;
}
