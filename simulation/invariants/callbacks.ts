import { createHmac } from 'node:crypto';
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
  onSend: ({ rows }, send) => {
    const row = rows.get(send.taskId);
    const state = send.isNotice ? row?.notice_state : row?.callback_state;
    return state === 'pending' ? null : `${send.webhookId} is sent although it is ${state}`;
  },
};

export const oneAttemptAtATime: Invariant = {
  name: 'one attempt of a callback at a time, unless it is redelivered meanwhile',
  onSend: ({ ledger }, send) => {
    // Who asks for it does not wait for an attempt that hangs; that one is logged late.
    if (ledger.redelivered.has(send.taskId)) return null;
    const isOpen = ({ webhookId, endedAt, by }: Send) =>
      webhookId === send.webhookId && endedAt === null && !by.dead;
    const other = ledger.sends.find(isOpen);
    return other === undefined
      ? null
      : `${send.by.name} sends ${send.webhookId} while ${other.by.name} still does`;
  },
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
