import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';

import { formatSigningSecret, parseSigningSecret, signCallback } from '../../src/domain/signature.ts';

const bytesOf = (length: number, seed = 1) => Uint8Array.from({ length }, (_, i) => (i * 37 + seed) % 256);
const secret = formatSigningSecret(bytesOf(32));
const other = formatSigningSecret(bytesOf(32, 9));

/** The `standardwebhooks` package accepts timestamps close to now only. */
const timestampSeconds = Math.floor(Date.now() / 1000);
const message = { id: 'msg_01J', timestampSeconds, body: '{"type":"task.succeeded","prompt":"Katze 🐈 ü"}' };

async function headersFor(secrets: string[], of = message): Promise<Record<string, string>> {
  return {
    'webhook-id': of.id,
    'webhook-timestamp': String(of.timestampSeconds),
    'webhook-signature': await signCallback(secrets, of),
  };
}

describe('a signed callback', () => {
  it('is the very signature that the reference library makes', async () => {
    const theirs = new Webhook(secret).sign(message.id, new Date(timestampSeconds * 1000), message.body);
    expect(await signCallback([secret], message)).toBe(theirs);
  });

  it.each([24, 32, 33, 64])('verifies with a secret of %d bytes', async (length) => {
    const sized = formatSigningSecret(bytesOf(length));
    expect(new Webhook(sized).verify(message.body, await headersFor([sized]))).toEqual(
      JSON.parse(message.body),
    );
  });

  it('verifies with either secret while one is being rotated', async () => {
    const headers = await headersFor([secret, other]);
    expect(headers['webhook-signature']).toMatch(/^v1,[\w+/]{43}= v1,[\w+/]{43}=$/);
    expect(new Webhook(secret).verify(message.body, headers)).toBeTruthy();
    expect(new Webhook(other).verify(message.body, headers)).toBeTruthy();
  });

  it('verifies with no other secret, body, id or time', async () => {
    const headers = await headersFor([secret]);
    const { body } = message;
    expect(() => new Webhook(other).verify(body, headers)).toThrow('No matching signature');
    expect(() => new Webhook(secret).verify(`${body} `, headers)).toThrow('No matching signature');
    for (const changed of [
      { 'webhook-id': 'msg_02' },
      { 'webhook-timestamp': String(timestampSeconds + 1) },
    ]) {
      expect(() => new Webhook(secret).verify(body, { ...headers, ...changed })).toThrow(
        'No matching signature',
      );
    }
  });

  it('is never made without a secret or with half a second', async () => {
    await expect(signCallback([], message)).rejects.toThrow(TypeError);
    await expect(signCallback([secret], { ...message, timestampSeconds: 1.5 })).rejects.toThrow(TypeError);
    await expect(signCallback([secret, 'whsec_x'], message)).rejects.toThrow(TypeError);
  });
});

describe('a signing secret', () => {
  it('reads back as it was written', () => {
    expect(secret).toMatch(/^whsec_/);
    expect(parseSigningSecret(secret)).toEqual(bytesOf(32));
  });

  it.each([0, 23, 65])('does not have %d bytes', (length) => {
    expect(() => formatSigningSecret(bytesOf(length))).toThrow(TypeError);
    expect(() => parseSigningSecret(`whsec_${btoa('x'.repeat(length))}`)).toThrow(TypeError);
  });

  it.each([
    ['without its prefix', secret.slice('whsec_'.length)],
    ['with another prefix', secret.replace('whsec_', 'whpk_')],
    ['in upper case', secret.toUpperCase()],
    ['without its padding', secret.replace('=', '')],
    ['with a line break', `${secret}\n`],
    ['with a space inside', secret.replace('_', '_ ')],
    ['in URL-safe base64', `whsec_${'-_'.repeat(16)}`],
    ['empty', ''],
  ])('is malformed %s, and the error does not quote it', (_, malformed) => {
    expect(() => parseSigningSecret(malformed)).toThrow('A signing secret is whsec_ followed by base64.');
  });
});
