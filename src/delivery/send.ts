import { SealError } from '../sealing/secrets.ts';
import type { Secrets } from '../sealing/secrets.ts';
import { callbackBody, failureBody } from '../domain/callback-body.ts';
import { withResult } from '../domain/delivery.ts';
import type { ReceiverAnswer } from '../domain/receiver.ts';
import type { DeliveryWork } from '../domain/schedule/job.ts';
import { sealedFor } from '../domain/sealed-for.ts';
import type { EndedTask } from '../domain/task.ts';
import type { Message, SendSigned } from './send-signed.ts';

/** What came of a message; `locked`: its secrets do not open with the master key that is configured, so it could not be made. */
export type SendAnswer = ReceiverAnswer | { readonly kind: 'locked' };

/** Sends a delivery once, signed. What keeps it from going out is an answer too. */
export function createSend(secrets: Secrets, sendSigned: SendSigned) {
  return async (work: DeliveryWork): Promise<SendAnswer> => {
    try {
      const message = await messageOf(secrets, work);
      return message === null
        ? { kind: 'unsendable', message: 'nobody wants to be told any more' }
        : await sendSigned(work.client, message);
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      if (error.isForeign) return { kind: 'locked' };
      return { kind: 'unsendable', message: 'its secrets were changed since they were sealed' };
    }
  };
}

async function messageOf(secrets: Secrets, work: DeliveryWork): Promise<Message | null> {
  const { delivery, client, refreshed } = work;
  const task = { ...work.task, phase: withResult(work.task.phase, refreshed) };
  const about = {
    id: delivery.id,
    subject: task.id,
    ownHosts: task.callback === null ? [] : [task.callback.relayHost],
  };
  if (delivery.kind === 'callback') {
    const headers = await openHeaders(secrets, task);
    return { ...about, url: delivery.url, headers, body: callbackBody(task) };
  }
  const url = client.failureCallbackUrl;
  return url === null || delivery.about === null
    ? null
    : { ...about, url, headers: {}, body: failureBody(task, delivery.about) };
}

async function openHeaders(secrets: Secrets, { id, callback }: EndedTask): Promise<Record<string, string>> {
  const sealed = callback?.sealedHeaders ?? null;
  if (sealed === null) return {};
  const headers: Record<string, string> = JSON.parse(
    await secrets.open(sealed, sealedFor.callbackHeaders(id)),
  );
  return headers;
}
