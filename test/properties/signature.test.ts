import * as fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { formatSigningSecret, parseSigningSecret, signCallback } from '../../src/domain/signature.ts';
import { holdsForAll, holdsForAllInTime } from '../support/properties.ts';

const secret = fc.uint8Array({ minLength: 24, maxLength: 64 }).map(formatSigningSecret);
const body = fc
  .object()
  .map((value) => JSON.stringify(value, (_key, node: unknown) => (typeof node === 'bigint' ? '' : node)));
const id = fc.stringMatching(/^msg_[0-9a-z]{26}$/);
/** The library takes timestamps close to now only. */
const timestampSeconds = Math.floor(Date.now() / 1_000);

async function headersOf(
  secrets: string[],
  message: { id: string; body: string },
): Promise<Record<string, string>> {
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': await signCallback(secrets, { ...message, timestampSeconds }),
  };
}

describe('the signature of any callback', () => {
  it('is accepted by the reference library, with either secret of a rotation', async () => {
    await holdsForAllInTime(
      fc.tuple(secret, secret, id, body),
      async ([current, previous, webhookId, text]) => {
        const headers = await headersOf([current, previous], { id: webhookId, body: text });
        for (const key of [current, previous]) {
          expect(new Webhook(key).verify(text, headers)).toEqual(JSON.parse(text));
        }
      },
    );
  });

  it('does not fit another body, another id or another secret', async () => {
    const two = fc.uniqueArray(secret, { minLength: 2, maxLength: 2 });
    await holdsForAllInTime(
      fc.tuple(two, id, id, body),
      async ([[one = '', other = ''], webhookId, otherId, text]) => {
        const headers = await headersOf([one], { id: webhookId, body: text });
        expect(() => new Webhook(one).verify(`${text} `, headers)).toThrow('No matching signature found');
        expect(() => new Webhook(other).verify(text, headers)).toThrow('No matching signature found');
        if (otherId !== webhookId) {
          expect(() => new Webhook(one).verify(text, { ...headers, 'webhook-id': otherId })).toThrow(
            'No matching signature found',
          );
        }
      },
    );
  });
});

describe('a signing secret', () => {
  it('is read back as it was made, and anything else is refused', () => {
    holdsForAll(secret, (made) => expect(formatSigningSecret(parseSigningSecret(made))).toBe(made));
    holdsForAll(
      fc.string().map((rest) => `whsec_${rest}`),
      (text) => {
        let read: string | null = null;
        try {
          read = formatSigningSecret(parseSigningSecret(text));
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
        }
        if (read !== null) expect(read).toBe(text);
      },
    );
  });
});
