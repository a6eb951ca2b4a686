import { describe, expect, it } from 'vitest';
import { callbackJwt } from '../../src/domain/callback-jwt.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const CLAIMS = { taskId: 'task_1', webhookId: 'msg_1', issuedAtSeconds: 1_795_371_167, body: '{"a":1}' };

function decode(part: string | undefined): unknown {
  return JSON.parse(atob((part ?? '').replaceAll('-', '+').replaceAll('_', '/')));
}

describe('the JWT of a callback', () => {
  it('names the task, the message, the time and the hash of the body', async () => {
    const [header, payload] = (await callbackJwt(SECRET, CLAIMS)).split('.');
    expect(decode(header)).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(decode(payload)).toEqual({
      iss: 'ringback',
      sub: 'task_1',
      iat: 1_795_371_167,
      exp: 1_795_371_467,
      jti: 'msg_1',
      body_sha256: '015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862',
    });
  });

  it('is signed with the signing secret as text, so that it can be pasted where a tool asks for a secret', async () => {
    const [header, payload, signature] = (await callbackJwt(SECRET, CLAIMS)).split('.');
    const encoder = new TextEncoder();
    const algorithm = { name: 'HMAC', hash: 'SHA-256' };
    const key = await crypto.subtle.importKey('raw', encoder.encode(SECRET), algorithm, false, ['verify']);
    const bytes = Uint8Array.from(atob((signature ?? '').replaceAll('-', '+').replaceAll('_', '/')), (c) =>
      c.charCodeAt(0),
    );
    expect(await crypto.subtle.verify('HMAC', key, bytes, encoder.encode(`${header}.${payload}`))).toBe(true);
  });
});
