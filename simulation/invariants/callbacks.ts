import { createHmac } from 'node:crypto';
import { firstOf } from '../sight.ts';
import type { Invariant, Sight } from '../sight.ts';
import type { Send } from '../ledger.ts';

export const oneTerminalEvent: Invariant = {
  name: 'a task has one terminal event, under one webhook-id',
  onSend: ({ ledger, rows }, send) => {
    if (send.isNotice) return null;
    const row = rows.get(send.taskId);
    if (row === undefined) return `${send.webhookId} is about no task`;
    if (send.url !== row.callback_url) return `${send.webhookId} goes to ${send.url}`;
    const event = eventOf(send.body);
    const other = ledger.sendsOf(send.taskId).find(({ body }) => eventOf(body) !== event);
    return other === undefined ? null : `${send.taskId} is told as ${event} after ${eventOf(other.body)}`;
  },
};

export const sameBytes: Invariant = {
  name: 'a callback has the same bytes in every attempt until it is redelivered',
  onSend: ({ ledger }, send) => {
    if (send.isNotice || ledger.redelivered.has(send.taskId)) return null;
    const [first] = ledger.sendsOf(send.taskId);
    return first === undefined || first.body === send.body
      ? null
      : `${send.taskId} was sent as ${first.body} and as ${send.body}`;
  },
};

export const attemptsOnlyWhilePending: Invariant = {
  name: 'no attempt after a callback was delivered or given up',
  onSend: ({ deliveries, ledger }, send) => {
    // What ends with its subscription may be on its way already.
    if (send.subscriptionId !== null) return null;
    const state = deliveries.get(send.webhookId)?.state;
    // A redelivery takes back a notice, but not one that is on its way already.
    if (send.isNotice && state === undefined && ledger.redelivered.has(send.taskId)) return null;
    return state === 'pending' ? null : `${send.webhookId} is sent although it is ${state}`;
  },
};

export const oneAttemptAtATime: Invariant = {
  name: 'one attempt of a delivery at a time',
  onSend: ({ ledger }, send) => {
    const isOpen = ({ webhookId, endedAt, by }: Send) =>
      webhookId === send.webhookId && endedAt === null && !by.dead;
    const other = ledger.sends.find(isOpen);
    return other === undefined
      ? null
      : `${send.by.name} sends ${send.webhookId} while ${other.by.name} still does`;
  },
};

export const redeliveriesGo: Invariant = {
  name: 'what was to be sent again is sent again',
  atEnd: ({ ledger }) =>
    firstOf(ledger.promisedAgain, ([taskId, askedAt]) =>
      ledger.sendsOf(taskId).some(({ sentAt }) => sentAt >= askedAt) ? null : `${taskId} was not sent again`,
    ),
};

export const eachAttemptIsLogged: Invariant = {
  name: 'each attempt stands in the log, but for those of invocations that died or could not write',
  atEnd: ({ ledger, deliveries, attemptsOf }) =>
    firstOf(deliveries.keys(), (id) => {
      const isSure = ({ webhookId, by }: Send) => webhookId === id && by.isWhole && !by.isRefused;
      const sent = ledger.sends.filter(isSure).length;
      const logged = attemptsOf(id).length;
      return logged >= sent ? null : `${id} was sent ${sent} times, and ${logged} attempts are logged`;
    }),
};

export const signed: Invariant = {
  name: "a callback is signed with its client's secret",
  onSend: (sight, send) =>
    signatureOf(sight, send) === send.headers['webhook-signature'] ? null : send.webhookId,
};

function signatureOf({ rows, signingSecrets }: Sight, { taskId, webhookId, headers, body }: Send): string {
  const secret = signingSecrets.get(rows.get(taskId)?.client_id ?? '') ?? '';
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const mac = createHmac('sha256', key).update(`${webhookId}.${headers['webhook-timestamp']}.${body}`);
  return `v1,${mac.digest('base64')}`;
}

/** What a body says became of the task, in either format. */
function eventOf(body: string): string {
  const { type, data } = JSON.parse(body) as { type?: string; data?: { state: string; failCode: string } };
  return type ?? `${data?.state} ${data?.failCode}`;
}
