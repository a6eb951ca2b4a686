import type { CallbackSender } from '../adapters/callback.ts';
import { SealError } from '../adapters/secrets.ts';
import type { Secrets } from '../adapters/secrets.ts';
import { callbackBody } from '../domain/callback-body.ts';
import type { Clock } from '../domain/clock.ts';
import { webhookId } from '../domain/ids.ts';
import type { ReceiverAnswer } from '../domain/receiver.ts';
import { sealedFor } from '../domain/sealed-for.ts';
import { signCallback } from '../domain/signature.ts';
import type { EndedTask } from '../domain/task.ts';
import type { Client, ClientStore } from '../store/clients.ts';

export interface CallBackOptions {
  readonly clients: ClientStore;
  readonly secrets: Secrets;
  readonly send: CallbackSender;
  readonly clock: Clock;
  /** `Ringback/VERSION`. */
  readonly userAgent: string;
}

/** A message to a receiver, before it is signed. */
export interface Message {
  readonly id: string;
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly ownHosts: readonly string[];
}

/** Signs and sends: the callbacks of tasks, and single messages such as a test. */
export function createCallBack({ clients, secrets, send, clock, userAgent }: CallBackOptions) {
  /** The secrets that sign now: two in the 24 h after a rotation. Read each time, so a rotation holds at once. */
  const signingSecrets = async (client: Client): Promise<string[]> => {
    const isRotating =
      client.previousSigningSecret !== null && clock.now() < (client.previousSecretUntil ?? 0);
    const sealed = [client.signingSecret, ...(isRotating ? [client.previousSigningSecret ?? ''] : [])];
    return await Promise.all(
      sealed.map(async (value) => await secrets.open(value, sealedFor.signingSecret(client.id))),
    );
  };

  const sendSigned = async (client: Client, message: Message): Promise<ReceiverAnswer> => {
    const timestampSeconds = Math.floor(clock.now() / 1_000);
    const { id, url, body, headers, ownHosts } = message;
    const signature = await signCallback(await signingSecrets(client), { id, timestampSeconds, body });
    return await send({
      url,
      body,
      ownHosts,
      headers: {
        ...headers,
        'content-type': 'application/json',
        'user-agent': userAgent,
        'webhook-id': id,
        'webhook-timestamp': String(timestampSeconds),
        'webhook-signature': signature,
      },
    });
  };

  const callBack = async (task: EndedTask): Promise<ReceiverAnswer> => {
    const client = await clients.get(task.clientId);
    if (client === null || task.delivery === null) return unsendable('its client no longer exists');
    try {
      const { url, sealedHeaders, relayHost } = task.delivery;
      const headers = await openHeaders(secrets, task.id, sealedHeaders);
      const message = {
        id: webhookId(task.id),
        url,
        body: callbackBody(task),
        headers,
        ownHosts: [relayHost],
      };
      return await sendSigned(client, message);
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      return unsendable('its secrets do not open with the MASTER_KEY that is configured now');
    }
  };

  return { callBack, sendSigned };
}

async function openHeaders(
  secrets: Secrets,
  taskId: string,
  sealed: string | null,
): Promise<Record<string, string>> {
  if (sealed === null) return {};
  const headers: Record<string, string> = JSON.parse(
    await secrets.open(sealed, sealedFor.callbackHeaders(taskId)),
  );
  return headers;
}

function unsendable(message: string): ReceiverAnswer {
  return { kind: 'unsendable', message };
}
