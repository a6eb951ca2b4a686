import type { CallbackSender } from './sender.ts';
import type { Secrets } from '../sealing/secrets.ts';
import { callbackJwt } from '../domain/callback-jwt.ts';
import type { Clock } from '../domain/clock.ts';
import { credentialsIn } from '../domain/credentials.ts';
import type { ReceiverAnswer } from '../domain/receiver.ts';
import { redact } from '../domain/redact.ts';
import { signCallback } from '../domain/signature.ts';
import type { Sender } from '../domain/subscription.ts';
import { signingSecrets } from './signing-secrets.ts';

export interface SendSignedOptions {
  readonly secrets: Secrets;
  readonly send: CallbackSender;
  readonly clock: Clock;
  /** `Ringback/VERSION`. */
  readonly userAgent: string;
}

/** A message to a receiver, before it is signed. */
export interface Message {
  /** The `webhook-id`. */
  readonly id: string;
  /** What it is about: the subject of the JWT. */
  readonly subject: string;
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Ringback's own names, which are never called. */
  readonly ownHosts: readonly string[];
}

/** Signs a message as Standard Webhooks says, and sends it once. Throws `SealError` where its secrets do not open. */
export function createSendSigned({ secrets, send, clock, userAgent }: SendSignedOptions) {
  return async (client: Sender, message: Message): Promise<ReceiverAnswer> => {
    const { id, url, body, headers, ownHosts } = message;
    const timestampSeconds = Math.floor(clock.now() / 1_000);
    const [current, ...previous] = await signingSecrets(secrets, client, clock.now());
    const signature = await signCallback([current, ...previous], { id, timestampSeconds, body });
    const claims = { taskId: message.subject, webhookId: id, issuedAtSeconds: timestampSeconds, body };
    const token = takesJwt(client, message) ? await callbackJwt(current, claims) : null;
    const answer = await send({
      url,
      body,
      ownHosts,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
        'content-type': 'application/json',
        'user-agent': userAgent,
        'webhook-id': id,
        'webhook-timestamp': String(timestampSeconds),
        'webhook-signature': signature,
      },
    });
    return withoutSecrets(answer, [...credentialsIn(headers), ...(token === null ? [] : [token])]);
  };
}

/** Receivers that show what came to them repeat the caller's headers; the attempt log keeps no credential of them. */
function withoutSecrets(answer: ReceiverAnswer, secrets: readonly string[]): ReceiverAnswer {
  if (answer.kind !== 'response') return answer;
  const { excerpt, location } = answer;
  return {
    ...answer,
    excerpt: redact(excerpt, secrets, { isWhole: answer.isWhole === true }),
    location: location && redact(location, secrets, { isWhole: true }),
  };
}

export type SendSigned = ReturnType<typeof createSendSigned>;

/**
 * A JWT where the client asks for it; but not where the task has an `Authorization` of its own, and not to a URL that
 * carries a `sig`: Azure's triggers refuse a request that has both (https://github.com/Azure/logicapps/issues/1157).
 */
function takesJwt(client: Sender, { url, headers }: Message): boolean {
  if (client.callbackJwt === 0) return false;
  const hasOwn = Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
  return !hasOwn && !new URL(url).searchParams.has('sig');
}
