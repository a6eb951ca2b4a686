import { fromBase64, fromBase64Url, toBase64Url } from '../domain/base64.ts';
import { toHex } from '../domain/hex.ts';

/**
 * Secrets at rest: AES-256-GCM under keys that are derived from the operator's master key.
 *
 * A sealed value is `v1.<iv>.<ciphertext>`, in URL-safe base64, and `v1` names the master key that it was sealed with. A
 * second master key is one more entry in `keyring`, and the newest one's name in `CURRENT_KEY`: old values still open.
 */

const CURRENT_KEY = 'v1';
const MASTER_KEY_BYTES = 32;
/** 96 bits, the length that GCM is specified for; random ones are safe for some billions of values a key. */
const IV_BYTES = 12;

const encoder = new TextEncoder();
/** What was sealed is given back whole, a byte order mark too. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export interface Secrets {
  /** Seals text for one place, such as `clients.signing_secret:cl_01…`: it opens in no other. Never the same twice. */
  readonly seal: (plaintext: string, context: string) => Promise<string>;
  /** The text that was sealed for this place. Throws SealError where it was not, or was tampered with. */
  readonly open: (sealed: string, context: string) => Promise<string>;
  /** 64 hex digits, the same for the same text: to compare texts without keeping them, or a hash that can be guessed at. */
  readonly fingerprint: (text: string) => Promise<string>;
}

/** A sealed value that does not open. Its message holds nothing of the value. */
export class SealError extends Error {
  override readonly name = 'SealError';
}

interface Keys {
  readonly sealing: CryptoKey;
  readonly fingerprinting: CryptoKey;
}

/** Sealing under a master key of 32 bytes in base64. Throws a TypeError, which never quotes it, where it is malformed. */
export function createSecrets(masterKeyBase64: string): Secrets {
  const keyring = new Map([[CURRENT_KEY, lazyKeys(masterKeyBase64)]]);

  function keysNamed(name: string): Promise<Keys> {
    const keys = keyring.get(name);
    if (keys === undefined) throw new SealError('The value was sealed with a key that is not configured.');
    return keys();
  }

  return {
    async seal(plaintext, context) {
      const { sealing } = await keysNamed(CURRENT_KEY);
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
      const bytes = encoder.encode(plaintext);
      const ciphertext = await crypto.subtle.encrypt(gcm(iv, CURRENT_KEY, context), sealing, bytes);
      return `${CURRENT_KEY}.${toBase64Url(iv)}.${toBase64Url(new Uint8Array(ciphertext))}`;
    },

    async open(sealed, context) {
      const { keyName, iv, ciphertext } = parseSealed(sealed);
      const { sealing } = await keysNamed(keyName);
      try {
        const bytes = await crypto.subtle.decrypt(gcm(iv, keyName, context), sealing, ciphertext);
        return decoder.decode(bytes);
      } catch {
        // The platform's own error says nothing more, and a cause might one day be logged.
        throw new SealError(
          'The value does not open here: wrong key, wrong place, or changed since it was sealed.',
        );
      }
    },

    async fingerprint(text) {
      const { fingerprinting } = await keysNamed(CURRENT_KEY);
      const mac = await crypto.subtle.sign('HMAC', fingerprinting, encoder.encode(text));
      return toHex(new Uint8Array(mac));
    },
  };
}

/** The name of the key is authenticated too, so that it cannot be changed to that of another key. */
function gcm(iv: Uint8Array<ArrayBuffer>, keyName: string, context: string) {
  return { name: 'AES-GCM', iv, additionalData: encoder.encode(`${keyName}:${context}`) };
}

function parseSealed(sealed: string) {
  const [keyName = '', ivText = '', ciphertextText = '', ...rest] = sealed.split('.');
  const iv = fromBase64Url(ivText);
  const ciphertext = fromBase64Url(ciphertextText);
  if (iv?.length !== IV_BYTES || ciphertext === null || rest.length > 0) {
    throw new SealError('The value is no sealed value.');
  }
  return { keyName, iv, ciphertext };
}

/**
 * Derives the keys at the first call and keeps them. It keeps the keys and not the promise of them: a promise belongs to the
 * request that made it, and if that request is cut off, others would wait for it for ever. Deriving twice is harmless.
 */
function lazyKeys(masterKeyBase64: string): () => Promise<Keys> {
  const master = fromBase64(masterKeyBase64);
  if (master?.length !== MASTER_KEY_BYTES) throw new TypeError('The master key is 32 bytes in base64.');
  let derived: Keys | undefined;
  return async () => {
    derived ??= await deriveKeys(master);
    return derived;
  };
}

async function deriveKeys(master: Uint8Array<ArrayBuffer>): Promise<Keys> {
  const root = await crypto.subtle.importKey('raw', master, 'HKDF', false, ['deriveKey']);
  const aes = { name: 'AES-GCM', length: 256 };
  const hmac = { name: 'HMAC', hash: 'SHA-256', length: 256 };
  return {
    sealing: await crypto.subtle.deriveKey(hkdf('seal'), root, aes, false, ['encrypt', 'decrypt']),
    fingerprinting: await crypto.subtle.deriveKey(hkdf('fingerprint'), root, hmac, false, ['sign']),
  };
}

/** One key for each use (HKDF, RFC 5869), so that nothing that is learnt about one helps with the other. */
function hkdf(use: string) {
  return { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: encoder.encode(`ringback ${use}`) };
}
