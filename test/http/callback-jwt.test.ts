import { describe, expect, it } from 'vitest';

import type { ReceivedCallback } from '../support/receiver.ts';
import type { ScriptedAnswer } from '../support/receiver.ts';
import { startRelay, video } from '../support/relay.ts';
import type { TestClient } from '../support/relay.ts';
import { independentSignature } from './independent-signature.ts';

const HOOK = 'https://hooks.example.com/42';

/** A client that wants a JWT, unless told otherwise, and a receiver that answers by script. */
async function start(fields: Record<string, unknown> = { callback_jwt: true }, script?: ScriptedAnswer[]) {
  const relay = await startRelay({ timeScale: 0, vars: { RETRY_DELAYS_SECONDS: '400' } });
  const receiver = relay.receiver('hooks.example.com', script);
  const client: TestClient = await relay.client(fields);
  const me = relay.as(client.key);
  /** Posts a task and sends its callback. */
  const called = async (more: Record<string, unknown> = {}): Promise<ReceivedCallback> => {
    await me.post('/v1/tasks', video('a fox', { callback_url: HOOK, ...more }));
    await relay.tick();
    return last();
  };
  const last = (): ReceivedCallback => {
    const callback = receiver.received.at(-1);
    if (callback === undefined) throw new Error('no callback');
    return callback;
  };
  return { relay, receiver, client, me, called, last };
}

function bytesOf(base64Url: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64Url.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
}

/** The header and the claims of the callback's token, once WebCrypto has found its signature to be right. */
async function verified({ headers }: ReceivedCallback, secret: string) {
  const [, token = ''] = /^Bearer (\S+)$/.exec(headers['authorization'] ?? '') ?? [];
  const [head = '', claims = '', signature = ''] = token.split('.');
  const encoder = new TextEncoder();
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, ['verify']);
  const signed = encoder.encode(`${head}.${claims}`);
  expect(await crypto.subtle.verify('HMAC', key, bytesOf(signature), signed)).toBe(true);
  const [header, payload] = [head, claims].map((part) => JSON.parse(new TextDecoder().decode(bytesOf(part))));
  return { header, payload };
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

describe('a client that asks for a JWT', () => {
  it('has callbacks with one that is about this task, this message and this body', async () => {
    const { called, client } = await start();
    const callback = await called();
    const { header, payload } = await verified(callback, client.signing_secret);
    const sentAt = Number(callback.headers['webhook-timestamp']);
    expect(header).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(payload).toEqual({
      iss: 'ringback',
      sub: JSON.parse(callback.body).id,
      iat: sentAt,
      exp: sentAt + 300,
      jti: callback.headers['webhook-id'],
      body_sha256: await sha256(callback.body),
    });
  });

  it('still has the signature of Standard Webhooks beside it', async () => {
    const { called, client } = await start();
    const callback = await called();
    expect(callback.headers['webhook-signature']).toBe(independentSignature(client.signing_secret, callback));
  });

  it('has one of its own time with every attempt, and the same message id in it', async () => {
    const { relay, called, receiver, client } = await start({ callback_jwt: true }, [
      { status: 500 },
      { status: 200 },
    ]);
    await called();
    await relay.tickUntil(async () => receiver.received.length === 2, 20);
    const [one, two] = await Promise.all(
      receiver.received.map(async (callback) => (await verified(callback, client.signing_secret)).payload),
    );
    expect(two.iat - one.iat).toBeGreaterThanOrEqual(320);
    expect(two.exp).toBe(two.iat + 300);
    expect({ ...two, iat: 0, exp: 0 }).toEqual({ ...one, iat: 0, exp: 0 });
  });

  it('has it signed with the new secret as soon as that is rotated', async () => {
    const { relay, called, client } = await start();
    const { body } = await relay.admin().post(`/admin/clients/${client.id}/rotate-secret`);
    const { payload } = await verified(await called(), body.signing_secret);
    expect(payload.iss).toBe('ringback');
  });

  it('has it with a test callback too, so that a check can be tried out', async () => {
    const { me, last, client } = await start();
    await me.post('/v1/callbacks/test', { url: HOOK });
    const { payload } = await verified(last(), client.signing_secret);
    expect(payload).toMatchObject({
      sub: JSON.parse(last().body).id,
      jti: last().headers['webhook-id'],
      body_sha256: await sha256(last().body),
    });
  });

  it('has it with the notice that a callback was given up', async () => {
    const fields = { callback_jwt: true, failure_callback_url: 'https://alerts.example.com/1' };
    const { relay, called, client } = await start(fields, [{ status: 410 }]);
    const alerts = relay.receiver('alerts.example.com');
    const { body } = await called();
    const [notice] = alerts.received;
    if (notice === undefined) throw new Error('no notice');
    const { payload } = await verified(notice, client.signing_secret);
    expect(payload).toMatchObject({ sub: JSON.parse(body).id, jti: notice.headers['webhook-id'] });
  });
});

describe('no JWT is sent', () => {
  it('unless the client asks for it', async () => {
    const { called, receiver } = await start({});
    await called();
    expect(receiver.received[0]?.headers).not.toHaveProperty('authorization');
  });

  it.each(['Authorization', 'authorization', 'AUTHORIZATION'])(
    'where the task has an %s of its own, which wins',
    async (name) => {
      const { called } = await start();
      const { headers } = await called({ callback_headers: { [name]: 'Bearer n8n', 'X-Row': '42' } });
      expect(headers).toMatchObject({ authorization: 'Bearer n8n', 'x-row': '42' });
    },
  );

  it.each(['https://hooks.example.com/workflows/1?api-version=1&sig=x', 'https://hooks.example.com/?sig='])(
    'to an address that carries a sig, for Azure refuses a request with both: %s',
    async (callback_url) => {
      const { called, me, last } = await start();
      expect((await called({ callback_url })).headers).not.toHaveProperty('authorization');
      await me.post('/v1/callbacks/test', { url: callback_url });
      expect(last().headers).not.toHaveProperty('authorization');
    },
  );

  it('but to an address that only has such letters in it', async () => {
    const { called } = await start();
    const { headers } = await called({ callback_url: 'https://hooks.example.com/sig?signature=1&SIG=2' });
    expect(headers['authorization']).toMatch(/^Bearer /);
  });
});

describe('whether a client has a JWT', () => {
  it('is what the operator says, from the next callback on', async () => {
    const { relay, called, client } = await start({});
    const patch = async (callback_jwt: boolean | null) =>
      (await relay.admin().patch(`/admin/clients/${client.id}`, { callback_jwt })).body.callback_jwt;
    expect(await patch(true)).toBe(true);
    expect((await called()).headers['authorization']).toMatch(/^Bearer /);
    expect(await patch(null)).toBe(true);
    expect(await patch(false)).toBe(false);
    expect((await called()).headers).not.toHaveProperty('authorization');
  });

  it('is a yes or a no', async () => {
    const admin = (await startRelay()).admin();
    const answer = await admin.post('/admin/clients', { name: 'x', callback_jwt: 'yes' });
    expect(answer).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'callback_jwt', message: 'must be true or false' }] },
    });
  });
});
