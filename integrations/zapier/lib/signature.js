import { createHmac, timingSafeEqual } from 'node:crypto';

const TOLERANCE_SECONDS = 300;

/**
 * Throws where the account has a signing secret, and Ringback did not sign what came (https://www.standardwebhooks.com). Zapier
 * puts `Http-` before the names of headers.
 *
 * @param now seconds since 1970.
 */
export function requireSignature(z, { authData, rawRequest }, now = Date.now() / 1_000) {
  if (!authData.signing_secret) return;
  const problem = problemOf(authData.signing_secret, rawRequest ?? {}, now);
  if (problem !== null) throw new z.errors.HaltedError(`This did not come from your Ringback: ${problem}.`);
}

function problemOf(secret, { headers = {}, content = '' }, now) {
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase().replace(/^http-/, ''), value]),
  );
  const [id, sentAt, signatures] = ['id', 'timestamp', 'signature'].map((name) => lower[`webhook-${name}`]);
  if (!id || !sentAt || !signatures) return 'a webhook-… header is missing';
  if (!/^\d+$/.test(sentAt) || Math.abs(now - Number(sentAt)) > TOLERANCE_SECONDS)
    return 'it was signed too long ago';
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const right = createHmac('sha256', key).update(`${id}.${sentAt}.${content}`).digest();
  const isSigned = signatures.split(' ').some((given) => {
    const bytes = Buffer.from(given.replace(/^v1,/, ''), 'base64');
    return bytes.length === right.length && timingSafeEqual(bytes, right);
  });
  return isSigned ? null : 'its signature does not fit';
}
