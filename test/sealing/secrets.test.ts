import { describe, expect, it } from 'vitest';

import { createSecrets, SealError } from '../../src/sealing/secrets.ts';

const masterKey = btoa('0123456789abcdef0123456789abcdef');
const otherKey = btoa('fedcba9876543210fedcba9876543210');
const secrets = createSecrets(masterKey);
const place = 'clients.signing_secret:cl_01';

/** What opening fails with; a value that opens is a failure of the test. */
async function failureOf(opening: Promise<string>): Promise<unknown> {
  return opening.then(
    () => 'it opened',
    (error: unknown) => error,
  );
}

describe('a sealed secret', () => {
  it.each(['whsec_abc', '', '\ufeffBearer ü 🐈', 'x'.repeat(50_000)])(
    'opens where it was sealed',
    async (plaintext) => {
      expect(await secrets.open(await secrets.seal(plaintext, place), place)).toBe(plaintext);
    },
  );

  it('opens in another process with the same master key', async () => {
    const sealed = await createSecrets(masterKey).seal('whsec_abc', place);
    expect(await createSecrets(masterKey).open(sealed, place)).toBe('whsec_abc');
  });

  it('opens for everyone who asks at once', async () => {
    const fresh = createSecrets(masterKey);
    const sealed = await Promise.all(['a', 'b', 'c'].map((text) => fresh.seal(text, place)));
    expect(await Promise.all(sealed.map((each) => fresh.open(each, place)))).toEqual(['a', 'b', 'c']);
  });

  it('shows nothing of what it holds, and never looks the same twice', async () => {
    const values = await Promise.all([1, 2, 3].map(() => secrets.seal('whsec_abc', place)));
    expect(new Set(values).size).toBe(3);
    for (const value of values) expect(value).toMatch(/^[0-9a-f]{8}\.[\w-]{16}\.[\w-]{34}$/);
  });

  it('does not open in another row or column, or with another master key', async () => {
    const sealed = await secrets.seal('whsec_abc', place);
    expect(await failureOf(secrets.open(sealed, 'clients.signing_secret:cl_02'))).toBeInstanceOf(SealError);
    expect(await failureOf(secrets.open(sealed, 'clients.upstream_key:cl_01'))).toBeInstanceOf(SealError);
    expect(await failureOf(secrets.open(sealed, ''))).toBeInstanceOf(SealError);
    expect(await failureOf(createSecrets(otherKey).open(sealed, place))).toBeInstanceOf(SealError);
  });

  it('does not open once a single character of it was changed', async () => {
    const sealed = await secrets.seal('whsec_abc', place);
    for (let at = 0; at < sealed.length - 1; at++) {
      const swapped = sealed[at] === 'A' ? 'B' : 'A';
      const tampered = sealed.slice(0, at) + swapped + sealed.slice(at + 1);
      expect(await failureOf(secrets.open(tampered, place))).toBeInstanceOf(SealError);
    }
  });

  it.each([
    '',
    'v1',
    'v1..',
    'v1.AAAA.AAAA',
    'v2.AAAAAAAAAAAAAAAA.AAAA',
    'v1.AAAAAAAAAAAAAAAA.',
    'a.b.c.d',
    'whsec_abc',
  ])('is not %o', async (value) => {
    expect(await failureOf(secrets.open(value, place))).toBeInstanceOf(SealError);
  });

  it('keeps its content and place out of the error', async () => {
    const sealed = await secrets.seal('whsec_abc', place);
    const error = await failureOf(secrets.open(`${sealed}AAAA`, place));
    expect(error).toBeInstanceOf(SealError);
    expect(error).not.toHaveProperty('cause');
    expect(String(error)).not.toContain(sealed.slice(9, 20));
    expect(String(error)).not.toContain('whsec');
  });
});

describe('a master key', () => {
  it.each(['', 'short', btoa('x'.repeat(31)), btoa('x'.repeat(33)), `${masterKey}\n`, '*'.repeat(44)])(
    'is not %o, and the error does not quote it',
    (malformed) => {
      expect(() => createSecrets(malformed)).toThrow(new TypeError('The master key is 32 bytes in base64.'));
    },
  );
});

const print = async (text: string) => (await secrets.fingerprints(text))[0];

describe('a fingerprint', () => {
  it('is the same for the same text, and another for another', async () => {
    const [one, same, two] = await Promise.all(['a', 'a', 'b'].map(print));
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(same).toBe(one);
    expect(two).not.toBe(one);
  });

  it('cannot be guessed at without the master key', async () => {
    const plain = await crypto.subtle.digest('SHA-256', new TextEncoder().encode('a'));
    const hex = Array.from(new Uint8Array(plain), (byte) => byte.toString(16).padStart(2, '0')).join('');
    expect(await print('a')).not.toBe(hex);
    expect(await createSecrets(otherKey).fingerprints('a')).not.toContain(await print('a'));
  });
});

describe('a master key that replaces another', () => {
  const both = createSecrets(otherKey, masterKey);
  /** Sealed by the first release, which gave its one key no name of its own. */
  const firstRelease = {
    key: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=',
    place: 'accounts.sealed_key:account_upgrade',
    value: 'v1.2ZzxoZDo2AQvYboM.pSTKquEMNHtEgCETOs2TWRG67uTRhfu3zLzQfoCC',
  };

  it('seals what is new, and opens what the previous one sealed', async () => {
    const old = await secrets.seal('whsec_abc', place);
    const fresh = await both.seal('whsec_abc', place);
    expect(await both.open(old, place)).toBe('whsec_abc');
    expect(await both.open(fresh, place)).toBe('whsec_abc');
    expect([await both.isCurrent(old), await both.isCurrent(fresh)]).toEqual([false, true]);
    expect(await createSecrets(otherKey).open(fresh, place)).toBe('whsec_abc');
    expect(await failureOf(createSecrets(otherKey).open(old, place))).toBeInstanceOf(SealError);
  });

  it('has a name of its own, which gives nothing of it away', async () => {
    expect(await both.keyName()).not.toBe(await secrets.keyName());
    expect(await createSecrets(masterKey).keyName()).toBe(await secrets.keyName());
    expect(atob(masterKey)).not.toContain(await secrets.keyName());
  });

  it('knows requests again whose fingerprint was made with the previous one', async () => {
    expect(await both.fingerprints('a')).toEqual([
      (await createSecrets(otherKey).fingerprints('a'))[0],
      (await secrets.fingerprints('a'))[0],
    ]);
  });

  it('does not open a value that was given the name of the other key', async () => {
    const sealed = await secrets.seal('whsec_abc', place);
    const renamed = sealed.replace(await secrets.keyName(), await both.keyName());
    expect(await failureOf(both.open(renamed, place))).toBeInstanceOf(SealError);
    expect(await failureOf(both.open(sealed.replace(/^[^.]+/, 'v1'), place))).toBeInstanceOf(SealError);
  });

  it('opens what the first release sealed, as the current key and as the previous one', async () => {
    for (const each of [createSecrets(firstRelease.key), createSecrets(otherKey, firstRelease.key)]) {
      expect(await each.open(firstRelease.value, firstRelease.place)).toBe('sk-sandbox-pro');
      expect(await each.isCurrent(firstRelease.value)).toBe(false);
    }
  });
});
