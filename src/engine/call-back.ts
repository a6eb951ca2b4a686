import { SealError } from '../adapters/secrets.ts';
import type { Secrets } from '../adapters/secrets.ts';
import { callbackBody, failureBody } from '../domain/callback-body.ts';
import { webhookId } from '../domain/ids.ts';
import type { ReceiverAnswer } from '../domain/receiver.ts';
import { sealedFor } from '../domain/sealed-for.ts';
import type { EndedTask } from '../domain/task.ts';
import type { Client, ClientStore } from '../store/clients.ts';
import type { Message, SendSigned } from './send-signed.ts';

/** What came of a message; `locked`: its secrets do not open with the master key that is configured, so it could not be made. */
export type MessageAnswer = ReceiverAnswer | { readonly kind: 'locked' };

/** The two messages about a task: its callback, and the notice that the callback was given up. Neither call rejects. */
export function createCallBack(clients: ClientStore, secrets: Secrets, sendSigned: SendSigned) {
  const sendAs = async (task: EndedTask, message: (client: Client) => Promise<Message | null>) => {
    const client = await clients.get(task.clientId);
    if (client === null) return unsendable('its client no longer exists');
    try {
      const made = await message(client);
      return made === null ? unsendable('nobody wants to be told any more') : await sendSigned(client, made);
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      if (error.isForeign) return { kind: 'locked' } as const;
      return unsendable('its secrets were changed since they were sealed');
    }
  };

  const callBack = async (task: EndedTask): Promise<MessageAnswer> =>
    await sendAs(task, async () => {
      if (task.delivery === null) return null;
      const { url, sealedHeaders, relayHost } = task.delivery;
      const headers = await openHeaders(secrets, task.id, sealedHeaders);
      const about = { id: webhookId(task.id), subject: task.id, ownHosts: [relayHost] };
      return { ...about, url, headers, body: callbackBody(task) };
    });

  const tellFailure = async (task: EndedTask): Promise<MessageAnswer> =>
    await sendAs(task, async ({ failureCallbackUrl: url }) => {
      if (url === null || task.delivery === null) return null;
      const about = {
        id: noticeId(task),
        subject: task.id,
        ownHosts: [task.delivery.relayHost],
      };
      return { ...about, url, headers: {}, body: failureBody(task) };
    });

  return { callBack, tellFailure };
}

/** With the attempts, because a redelivery that is given up too is news of its own. */
function noticeId({ id, delivery }: EndedTask): string {
  return `${webhookId(id)}_failed_${delivery?.attempts ?? 0}`;
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
