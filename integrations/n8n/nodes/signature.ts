import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IDataObject, IWebhookFunctions } from 'n8n-workflow';
import { CREDENTIAL } from './request';

const TOLERANCE_SECONDS = 300;

/**
 * What came to a webhook, where Ringback has signed these very bytes in the last five minutes (https://www.standardwebhooks.com);
 * else null, and the request is answered already.
 */
export async function signedBody(context: IWebhookFunctions): Promise<IDataObject | null> {
  const { signingSecret } = await context.getCredentials<{ signingSecret: string }>(CREDENTIAL);
  const request = context.getRequestObject();
  await request.readRawBody?.();
  const raw: Buffer = request.rawBody ?? Buffer.alloc(0);
  const headers = context.getHeaderData();
  const problem = problemOf(signingSecret, raw, (name) => String(headers[`webhook-${name}`] ?? ''));
  if (problem === null) return JSON.parse(raw.toString('utf8')) as IDataObject;
  // Its words stand in Ringback's log of attempts.
  context
    .getResponseObject()
    .status(401)
    .json({ message: `Not believed: ${problem}` });
  return null;
}

function problemOf(secret: string, raw: Buffer, header: (name: string) => string): string | null {
  const [id, sentAt, signatures] = ['id', 'timestamp', 'signature'].map(header);
  if (!id || !sentAt || !signatures) return 'a webhook-… header is missing';
  const age = Math.abs(Date.now() / 1_000 - Number(sentAt));
  if (!/^\d+$/.test(sentAt) || age > TOLERANCE_SECONDS)
    return 'it was signed too long ago, or a clock is wrong';
  const key = Buffer.from(secret.trim().replace(/^whsec_/, ''), 'base64');
  const right = createHmac('sha256', key).update(`${id}.${sentAt}.`).update(raw).digest();
  const isSigned = signatures.split(' ').some((given) => {
    const bytes = Buffer.from(given.replace(/^v1,/, ''), 'base64');
    return bytes.length === right.length && timingSafeEqual(bytes, right);
  });
  return isSigned ? null : 'the signature does not fit the signing secret of the credential';
}
