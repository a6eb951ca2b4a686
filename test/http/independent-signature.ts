import { Webhook } from 'standardwebhooks';
import type { ReceivedCallback } from '../support/receiver.ts';

/** What the Standard Webhooks library says that the signature of a message is. */
export function independentSignature(secret: string, { headers, body }: ReceivedCallback): string {
  const sentAt = new Date(Number(headers['webhook-timestamp']) * 1_000);
  return new Webhook(secret).sign(headers['webhook-id'] ?? '', sentAt, body);
}
