import { createHash } from 'node:crypto';
import type { Bucket } from '../src/files/bucket.ts';
import type { Chaos } from './chaos.ts';
import { currentInvocation } from './invocation.ts';
import type { Timeline } from './timeline.ts';
import type { Trace } from './trace.ts';

/** An identity stream; only Cloudflare's runtime has one that knows its length. */
class FixedLengthStream extends TransformStream<Uint8Array, Uint8Array> {
  readonly bytes: number;
  constructor(bytes: number) {
    super();
    this.bytes = bytes;
  }
}
Object.assign(globalThis, { FixedLengthStream });

const HASH_CHARACTERS = 16;

/** A file as it is stored: what tells its bytes from any others. */
export interface StoredObject {
  readonly bytes: number;
  readonly hash: string;
}

/** What tells some bytes from any others. */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, HASH_CHARACTERS);
}

/** R2, as far as Ringback uses it where files are small: each request can fail, be lost or kill its invocation. */
export class SimulatedBucket {
  readonly objects = new Map<string, StoredObject>();
  private readonly world: { readonly timeline: Timeline; readonly chaos: Chaos; readonly trace: Trace };

  constructor(world: { timeline: Timeline; chaos: Chaos; trace: Trace }) {
    this.world = world;
  }

  /** The part of a bucket that Ringback uses, but for parts of files that are large. */
  asBinding(): Bucket {
    const bucket = {
      put: async (key: string, value: ReadableStream<Uint8Array> | Uint8Array) => {
        const bytes = value instanceof Uint8Array ? value : await readAll(value);
        return await this.effect(`put ${key}`, () => {
          this.objects.set(key, { bytes: bytes.byteLength, hash: hashOf(bytes) });
          return { size: bytes.byteLength };
        });
      },
      delete: async (keys: string | string[]) =>
        await this.effect(`delete ${String(keys)}`, () => {
          for (const key of [keys].flat()) this.objects.delete(key);
        }),
      list: async ({ startAfter = '', limit = 1_000, prefix = '' }: R2ListOptions) =>
        await this.effect('list', () => {
          const keys = Array.from(this.objects.keys()).sort();
          const behind = keys.filter((key) => key > startAfter && key.startsWith(prefix));
          return {
            objects: behind.slice(0, limit).map((key) => ({ key })),
            truncated: behind.length > limit,
          };
        }),
    };
    return bucket as unknown as Bucket;
  }

  private async effect<T>(what: string, act: () => T): Promise<T> {
    const { timeline, chaos, trace } = this.world;
    const invocation = currentInvocation();
    await invocation.whileAlive();
    await timeline.pass(chaos.latencyMs());
    await invocation.whileAlive();
    const fate = chaos.bucket();
    if (fate !== 'fine') trace.add(`${invocation.name}  R2 ${what}: ${fate}`);
    if (fate === 'dies-before') invocation.kill();
    await invocation.whileAlive();
    if (fate === 'fails-before') throw new Error('R2_ERROR: internal error');
    const result = act();
    if (fate === 'dies-after') invocation.kill();
    await timeline.pass(chaos.latencyMs());
    await invocation.whileAlive();
    if (fate === 'fails-after') throw new Error('R2_ERROR: internal error');
    return result;
  }
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk.slice());
  return Buffer.concat(chunks);
}
