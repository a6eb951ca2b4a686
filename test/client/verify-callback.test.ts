import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { CallbackVerificationError, verifyCallback } from '../../client/ringback.ts';
import type { RecordEnvelope } from '../../client/ringback.ts';
import { startRelay, video } from '../support/relay.ts';

const HOOK = 'https://hooks.example.com/42';
const SECRET = `whsec_${btoa('a secret of twenty-four or more bytes')}`;
const OTHER_SECRET = `whsec_${btoa('another of twenty-four or more bytes')}`;
const NOW = Date.UTC(2026, 10, 22, 15);

/** What is wrong with a request. */
interface Forgery {
  readonly body?: string;
  readonly secret?: string;
  readonly changed?: Record<string, string | undefined>;
  readonly now?: number;
}

/** A request that the Standard Webhooks library signed. */
function signed(body: string, { secrets = [SECRET], at = NOW } = {}) {
  const signatures = secrets.map((secret) => new Webhook(secret).sign('msg_1', new Date(at), body));
  return {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(at / 1000),
    'webhook-signature': signatures.join(' '),
  };
}

describe('verifyCallback', () => {
  it('gives the content of what Ringback sent', async () => {
    const relay = await startRelay({ timeScale: 0 });
    const receiver = relay.receiver('hooks.example.com');
    const { key, signing_secret: secret } = await relay.client();
    const { id } = (await relay.as(key).post('/v1/tasks', video('a fox', { callback_url: HOOK }))).body;
    await relay.as(key).post('/api/v1/jobs/createTask', video('a fox', { callBackUrl: HOOK }));
    await relay.tick();
    const [first, second] = receiver.received.toSorted(
      (a, b) => Number(b.body.includes(id)) - Number(a.body.includes(id)),
    );
    if (first === undefined || second === undefined) throw new Error('no callbacks');
    const now = relay.clock.now();
    expect(await verifyCallback(first.body, first.headers, secret, { now })).toMatchObject({
      type: 'task.succeeded',
      id,
    });
    const record = await verifyCallback<RecordEnvelope>(second.body, new Headers(second.headers), secret, {
      now,
    });
    expect(record).toMatchObject({ code: 200, data: { state: 'success' } });
  });

  it('takes bytes as well as text', async () => {
    const body = '{"id":"é"}';
    const bytes = new TextEncoder().encode(body);
    expect(await verifyCallback(bytes, signed(body), SECRET, { now: NOW })).toEqual({ id: 'é' });
  });

  it('takes either signature in the day after the secret was rotated', async () => {
    const headers = signed('{}', { secrets: [OTHER_SECRET, SECRET] });
    expect(await verifyCallback('{}', headers, SECRET, { now: NOW })).toEqual({});
    expect(await verifyCallback('{}', headers, OTHER_SECRET, { now: NOW })).toEqual({});
  });

  it.each([
    ['a changed body', { body: '{"a":1}' }],
    ['another secret', { secret: OTHER_SECRET }],
    ['another id', { changed: { 'webhook-id': 'msg_2' } }],
    ['a time that was changed', { changed: { 'webhook-timestamp': String(NOW / 1000 + 1) } }],
    ['a time that is no number', { changed: { 'webhook-timestamp': 'now' } }],
    ['what was signed six minutes ago', { now: NOW + 360_000 }],
    ['what was signed six minutes ahead', { now: NOW - 360_000 }],
    ['no signature', { changed: { 'webhook-signature': undefined } }],
    ['a signature of another kind', { changed: { 'webhook-signature': 'v1a,AAAA' } }],
    ['a signature that is no base64', { changed: { 'webhook-signature': 'v1,%%%' } }],
  ])('refuses %s', async (_, { body = '{}', secret = SECRET, changed = {}, now = NOW }: Forgery) => {
    const verified = verifyCallback(body, { ...signed('{}'), ...changed }, secret, { now });
    await expect(verified).rejects.toBeInstanceOf(CallbackVerificationError);
  });

  it('says where the secret itself cannot be one, and does not quote it', async () => {
    const verified = verifyCallback('{}', signed('{}'), 'rb_not-a-signing-secret', { now: NOW });
    await expect(verified).rejects.toThrow(/^A signing secret is whsec_ and base64\.$/);
  });
});
