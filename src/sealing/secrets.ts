import { fromBase64, fromBase64Url, toBase64Url } from '../domain/base64.ts';
import { toHex } from '../domain/hex.ts';

/**
 * Secrets at rest: AES-256-GCM under keys that are derived from the operator's master key.
 *
 * A sealed value is `<key name>.<iv>.<ciphertext>`, the latter two in URL-safe base64. The name is derived from the master
 * key that sealed it, so that two can be in use while one replaces the other, and so that it can be told what is left to be
 * sealed anew. Values of the first release are named `v1`, whatever their key was: those are tried with each.
 */

const NAMELESS = 'v1';
const NAME_BITS = 32;
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
  /**
   * 64 hex digits, the same for the same text: to compare texts without keeping them, or a hash that can be guessed at. The
   * one under the current master key first, then that under the previous one, as long as it is configured.
   */
  readonly fingerprints: (text: string) => Promise<readonly [string, ...string[]]>;
  /** The name of the current master key, which is what values that it sealed begin with. */
  readonly keyName: () => Promise<string>;
  /** Whether the value was sealed under the current master key. */
  readonly isCurrent: (sealed: string) => Promise<boolean>;
}

/** A sealed value that does not open. Its message holds nothing of the value. */
export class SealError extends Error {
  override readonly name = 'SealError';
  /** Another master key than those that are configured may open it; else it was changed, or stands in the wrong place. */
  readonly isForeign: boolean;

  constructor(message: string, isForeign = false) {
    super(message);
    this.isForeign = isForeign;
  }
}

interface Keys {
  readonly name: string;
  readonly sealing: CryptoKey;
  readonly fingerprinting: CryptoKey;
}

/**
 * Sealing under a master key of 32 bytes in base64; what was sealed under the previous one still opens. Throws a TypeError,
 * which never quotes it, where either is malformed.
 */
export function createSecrets(masterKey: string, previousMasterKey: string | null = null): Secrets {
  const current = lazyKeys(masterKey);
  const previous = previousMasterKey === null ? null : lazyKeys(previousMasterKey);
  const keyring = async () => (previous === null ? [await current()] : [await current(), await previous()]);

  return {
    async seal(plaintext, context) {
      const { name, sealing } = await current();
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
      const bytes = encoder.encode(plaintext);
      const ciphertext = await crypto.subtle.encrypt(gcm(iv, name, context), sealing, bytes);
      return `${name}.${toBase64Url(iv)}.${toBase64Url(new Uint8Array(ciphertext))}`;
    },

    async open(sealed, context) {
      const value = parseSealed(sealed);
      const fitting = (await keyring()).filter(({ name }) => [name, NAMELESS].includes(value.keyName));
      if (fitting.length === 0) {
        throw new SealError('The value was sealed with a key that is not configured.', true);
      }
      for (const { sealing } of fitting) {
        const opened = await tryOpen(value, sealing, context);
        if (opened !== null) return opened;
      }
      throw new SealError(
        'The value does not open here: wrong key, wrong place, or changed since it was sealed.',
        value.keyName === NAMELESS,
      );
    },

    async fingerprints(text) {
      const { fingerprinting } = await current();
      const older = previous === null ? [] : [(await previous()).fingerprinting];
      return [
        await fingerprint(fingerprinting, text),
        ...(await Promise.all(older.map((key) => fingerprint(key, text)))),
      ];
    },

    keyName: async () => (await current()).name,
    isCurrent: async (sealed) => sealed.startsWith(`${(await current()).name}.`),
  };
}

/** Null where it does not open with this key; the platform's own error says nothing more, and might one day be logged. */
async function tryOpen(
  { keyName, iv, ciphertext }: ReturnType<typeof parseSealed>,
  sealing: CryptoKey,
  context: string,
): Promise<string | null> {
  try {
    return decoder.decode(await crypto.subtle.decrypt(gcm(iv, keyName, context), sealing, ciphertext));
  } catch {
    return null;
  }
}

async function fingerprint(key: CryptoKey, text: string): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text))));
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
  const root = await crypto.subtle.importKey('raw', master, 'HKDF', false, ['deriveKey', 'deriveBits']);
  const name = await crypto.subtle.deriveBits(hkdf('name'), root, NAME_BITS);
  const aes = { name: 'AES-GCM', length: 256 };
  const hmac = { name: 'HMAC', hash: 'SHA-256', length: 256 };
  return {
    name: toHex(new Uint8Array(name)),
    sealing: await crypto.subtle.deriveKey(hkdf('seal'), root, aes, false, ['encrypt', 'decrypt']),
    fingerprinting: await crypto.subtle.deriveKey(hkdf('fingerprint'), root, hmac, false, ['sign']),
  };
}

/** One key for each use (HKDF, RFC 5869), so that nothing that is learnt about one helps with the other. */
function hkdf(use: string) {
  return { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: encoder.encode(`ringback ${use}`) };
}
