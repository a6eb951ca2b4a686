import { SealError } from '../sealing/secrets.ts';
import type { Secrets } from '../sealing/secrets.ts';
import type { FlatBody } from '../domain/callback-body.ts';
import { callbackBody, failureBody } from '../domain/callback-body.ts';
import { withResult } from '../domain/delivery.ts';
import { isSameServer } from '../domain/callback-headers.ts';
import { alertBody, taskEventBody } from '../domain/events/event-body.ts';
import { eventIdOfMessage } from '../domain/events/event.ts';
import type { EventType } from '../domain/events/event.ts';
import { formatted } from '../domain/formats/format.ts';
import type { ReceiverAnswer } from '../domain/receiver.ts';
import type { DeliveryWork } from '../domain/schedule/job.ts';
import { sealedFor } from '../domain/sealed-for.ts';
import { OPERATOR } from '../domain/subscription.ts';
import { isEnded } from '../domain/task.ts';
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
  if (work.delivery.kind === 'subscription') return await messageToSubscription(secrets, work);
  if (work.task === null || !isEnded(work.task)) return null;
  const { delivery, client, refreshed } = work;
  const task = { ...work.task, phase: withResult(work.task.phase, refreshed) };
  const about = {
    id: delivery.id,
    subject: task.id,
    ownHosts: task.callback === null ? [] : [task.callback.relayHost],
  };
  if (delivery.kind === 'callback') {
    const headers = await openHeaders(
      secrets,
      sealedFor.callbackHeaders(task.id),
      sealedHeadersOf(task, delivery.url),
    );
    return { ...about, url: delivery.url, headers, body: callbackBody(task) };
  }
  const url = client.failureCallbackUrl;
  return url === null || delivery.about === null
    ? null
    : { ...about, url, headers: {}, body: failureBody(task, delivery.about) };
}

async function messageToSubscription(secrets: Secrets, work: DeliveryWork): Promise<Message | null> {
  const { delivery, subscription, task } = work;
  const body = eventBody(work);
  if (subscription === null || body === null) return null;
  const { id, url, relayHost, sealedHeaders, format } = subscription;
  const prompt = task?.input['prompt'];
  return {
    id: delivery.id,
    subject: task?.id ?? body.event_id,
    url,
    headers: await openHeaders(secrets, sealedFor.subscriptionHeaders(id), sealedHeaders),
    body: formatted(format, body, typeof prompt === 'string' ? prompt : null),
    ownHosts: [relayHost],
  };
}

/** What the event says; an operator's subscription is told whose task it is. */
function eventBody({ delivery, task }: DeliveryWork): FlatBody | null {
  const { alert, occurredAt } = delivery;
  if (alert !== null) return alertBody(alert, eventIdOfMessage(delivery.id), occurredAt);
  if (task === null) return null;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the store writes events of subscriptions, and no others
  const type = delivery.event as EventType;
  return taskEventBody({ type, task, givenUp: delivery.about }, delivery.clientId === OPERATOR);
}

/**
 * The headers that the task was posted with, for the server that they were given for. They are never read back, and would be
 * by whoever has the callback sent to a server of its own.
 */
function sealedHeadersOf({ callback }: EndedTask, url: string): string | null {
  if (callback === null || !isSameServer(callback.url, url)) return null;
  return callback.sealedHeaders;
}

/** @param context what the headers were sealed for. @param sealed null where there are none. */
export async function openHeaders(
  secrets: Secrets,
  context: string,
  sealed: string | null,
): Promise<Record<string, string>> {
  if (sealed === null) return {};
  const headers: Record<string, string> = JSON.parse(await secrets.open(sealed, context));
  return headers;
}
