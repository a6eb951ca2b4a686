import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  timingSafeEqual,
} from 'node:crypto';
import type { Draw } from './draw.ts';

const GCM_TAG_BYTES = 16;
const KEY_BYTES = 32;
const BITS_PER_BYTE = 8;

type Bytes = Uint8Array | ArrayBuffer;

interface Gcm {
  readonly iv: Uint8Array;
  readonly additionalData: Uint8Array;
}

interface Hkdf {
  readonly salt: Uint8Array;
  readonly info: Uint8Array;
}

/** A key is its bytes: what it may be used for is the platform's business, and workerd's tests. */
class Key {
  readonly bytes: Uint8Array;
  constructor(bytes: Bytes) {
    this.bytes = bytesOf(bytes);
  }
}

/**
 * As much of Web Crypto as Ringback uses, computed at once: the platform's own works on other threads, and when it
 * answers is nothing that a seed decides. The random bytes are the seed's.
 */
export function deterministicCrypto(draw: Draw) {
  return {
    getRandomValues: <Values extends Uint8Array>(into: Values): Values => draw.bytes(into),
    subtle: {
      timingSafeEqual: (a: ArrayBuffer, b: ArrayBuffer) => timingSafeEqual(bytesOf(a), bytesOf(b)),
      digest: async (_algorithm: string, data: Bytes) =>
        bufferOf(createHash('sha256').update(bytesOf(data)).digest()),
      importKey: async (_format: string, bytes: Bytes) => new Key(bytes),
      deriveKey: async ({ salt, info }: Hkdf, root: Key) =>
        new Key(hkdfSync('sha256', root.bytes, salt, info, KEY_BYTES)),
      deriveBits: async ({ salt, info }: Hkdf, root: Key, bits: number) =>
        hkdfSync('sha256', root.bytes, salt, info, bits / BITS_PER_BYTE),
      sign: async (_algorithm: string, key: Key, data: Bytes) =>
        bufferOf(createHmac('sha256', key.bytes).update(bytesOf(data)).digest()),
      encrypt: async ({ iv, additionalData }: Gcm, key: Key, data: Bytes) => {
        const cipher = createCipheriv('aes-256-gcm', key.bytes, iv).setAAD(additionalData);
        return bufferOf(Buffer.concat([cipher.update(bytesOf(data)), cipher.final(), cipher.getAuthTag()]));
      },
      decrypt: async ({ iv, additionalData }: Gcm, key: Key, data: Bytes) => {
        const bytes = bytesOf(data);
        const end = bytes.length - GCM_TAG_BYTES;
        const decipher = createDecipheriv('aes-256-gcm', key.bytes, iv)
          .setAAD(additionalData)
          .setAuthTag(bytes.subarray(end));
        return bufferOf(Buffer.concat([decipher.update(bytes.subarray(0, end)), decipher.final()]));
      },
    },
  };
}

/** Runs `work` with this in the place of the global `crypto`. */
export async function withCrypto<T>(crypto: object, work: () => Promise<T>): Promise<T> {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'crypto');
  Object.defineProperty(globalThis, 'crypto', { value: crypto, configurable: true, writable: true });
  try {
    return await work();
  } finally {
    if (own !== undefined) Object.defineProperty(globalThis, 'crypto', own);
  }
}

function bytesOf(data: Bytes): Uint8Array {
  return data instanceof Uint8Array ? data : new Uint8Array(data);
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}
