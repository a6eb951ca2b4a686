import type { CallbackEvent, CallbackHeaders } from './events.ts';

const HMAC = { name: 'HMAC', hash: 'SHA-256' };

/** Thrown by `verifyCallback`: do not act on this request; answer 401. */
export class CallbackVerificationError extends Error {
  override readonly name = 'CallbackVerificationError';
}

/**
 * The callback's content, if Ringback sent it (Standard Webhooks). `body` is the request's as it came, not parsed; `secret`
 * the client's `whsec_…`. Throws `CallbackVerificationError`, also where it was signed more than `toleranceSeconds` before
 * or after `now` (epoch ms). For a callback of the drop-in endpoint, name its type: `verifyCallback<RecordEnvelope>(…)`.
 */
export async function verifyCallback<Content = CallbackEvent>(
  body: string | Uint8Array,
  headers: CallbackHeaders,
  secret: string,
  { toleranceSeconds = 300, now = Date.now() }: { toleranceSeconds?: number; now?: number } = {},
): Promise<Content> {
  const [id, sentAt, signatures] = ['id', 'timestamp', 'signature'].map((name) => headerOf(headers, name));
  if (!id || !sentAt || !signatures) throw new CallbackVerificationError('A webhook-… header is missing.');
  if (!/^\d+$/.test(sentAt) || Math.abs(now / 1000 - Number(sentAt)) > toleranceSeconds)
    throw new CallbackVerificationError('It was signed too long ago, or the clock of this machine is wrong.');
  const keyBytes = secret.startsWith('whsec_') ? fromBase64(secret.slice(6)) : null;
  if (keyBytes === null) throw new TypeError('A signing secret is whsec_ and base64.');
  const key = await crypto.subtle.importKey('raw', keyBytes, HMAC, false, ['verify']);
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
  const signed = new TextEncoder().encode(`${id}.${sentAt}.${text}`);
  for (const signature of signatures.split(' ')) {
    const bytes = signature.startsWith('v1,') ? fromBase64(signature.slice(3)) : null;
    // WebCrypto compares in constant time.
    if (bytes !== null && (await crypto.subtle.verify(HMAC, key, bytes, signed))) return JSON.parse(text);
  }
  throw new CallbackVerificationError(
    'Not from Ringback, changed on the way, or signed with another secret.',
  );
}

function headerOf(headers: CallbackHeaders, name: string): string {
  const full = `webhook-${name}`;
  return String((headers instanceof Headers ? headers.get(full) : headers[full]) ?? '');
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}
