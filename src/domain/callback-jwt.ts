import { toBase64Url } from './base64.ts';
import { sha256Hex } from './hex.ts';

/** Long enough for a slow receiver and a clock that is off, short enough to be worth nothing when it leaks from a log. */
const LIFETIME_SECONDS = 300;

export interface CallbackClaims {
  readonly taskId: string;
  readonly webhookId: string;
  /** Of the attempt, in unix seconds. */
  readonly issuedAtSeconds: number;
  readonly body: string;
}

/**
 * A JWT (RFC 7519, HS256) for receivers that check a token and not an HMAC, such as n8n's JWT authentication.
 *
 * The key is the signing secret as text, `whsec_` included: that is what people paste into a field named "secret".
 */
export async function callbackJwt(secret: string, claims: CallbackClaims): Promise<string> {
  const encoder = new TextEncoder();
  const payload = {
    iss: 'ringback',
    sub: claims.taskId,
    iat: claims.issuedAtSeconds,
    exp: claims.issuedAtSeconds + LIFETIME_SECONDS,
    jti: claims.webhookId,
    body_sha256: await sha256Hex(claims.body),
  };
  const signed = [{ alg: 'HS256', typ: 'JWT' }, payload]
    .map((part) => toBase64Url(encoder.encode(JSON.stringify(part))))
    .join('.');
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, ['sign']);
  const signature = await crypto.subtle.sign('HMAC', key, encoder.encode(signed));
  return `${signed}.${toBase64Url(new Uint8Array(signature))}`;
}
