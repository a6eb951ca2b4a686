import { fromBase64, toBase64 } from './base64.ts';

/** Signatures of callbacks as the Standard Webhooks specification 1.0 has them, symmetric variant (`v1`). */

const SECRET_PREFIX = 'whsec_';
/** The specification's bounds of a secret, in bytes. */
const SECRET_MIN_BYTES = 24;
const SECRET_MAX_BYTES = 64;

const encoder = new TextEncoder();

/** What is signed: the `webhook-id` and `webhook-timestamp` headers (unix seconds) and the body exactly as it is sent. */
interface SignedMessage {
  readonly id: string;
  readonly timestampSeconds: number;
  readonly body: string;
}

/** The key in a `whsec_…` secret, 24 to 64 bytes. Throws a TypeError, which never quotes the secret, where it is malformed. */
export function parseSigningSecret(secret: string): Uint8Array<ArrayBuffer> {
  const bytes = secret.startsWith(SECRET_PREFIX) ? fromBase64(secret.slice(SECRET_PREFIX.length)) : null;
  if (bytes === null) throw new TypeError('A signing secret is whsec_ followed by base64.');
  requireSecretLength(bytes);
  return bytes;
}

/** The secret as clients see it: `whsec_` and base64. Throws a TypeError unless there are 24 to 64 bytes. */
export function formatSigningSecret(bytes: Uint8Array): string {
  requireSecretLength(bytes);
  return SECRET_PREFIX + toBase64(bytes);
}

/**
 * The value of the `webhook-signature` header: one `v1,<base64 of HMAC-SHA256>` a secret, in the order given, with spaces
 * between. A receiver is content if any of them fits, which is how a secret is rotated.
 *
 * Throws a TypeError for a malformed secret, for no secret at all, and for a timestamp that is not whole seconds.
 */
export async function signCallback(secrets: readonly string[], message: SignedMessage): Promise<string> {
  // An empty header would be delivered, and refused by every receiver that looks: better to fail here.
  if (secrets.length === 0) throw new TypeError('A callback needs at least one signing secret.');
  if (!Number.isSafeInteger(message.timestampSeconds))
    throw new TypeError('The timestamp is in whole seconds.');
  const signed = encoder.encode(`${message.id}.${message.timestampSeconds}.${message.body}`);
  const values = await Promise.all(secrets.map((secret) => signatureOf(parseSigningSecret(secret), signed)));
  return values.join(' ');
}

async function signatureOf(secret: Uint8Array<ArrayBuffer>, signed: BufferSource): Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', secret, algorithm, false, ['sign']);
  return `v1,${toBase64(new Uint8Array(await crypto.subtle.sign('HMAC', key, signed)))}`;
}

function requireSecretLength(bytes: Uint8Array): void {
  if (bytes.length < SECRET_MIN_BYTES || bytes.length > SECRET_MAX_BYTES) {
    throw new TypeError(`A signing secret has ${SECRET_MIN_BYTES} to ${SECRET_MAX_BYTES} bytes.`);
  }
}
