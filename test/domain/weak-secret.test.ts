import { describe, expect, it } from 'vitest';
import { fromBase64 } from '../../src/domain/base64.ts';
import { weaknessOfBytes, weaknessOfText } from '../../src/domain/weak-secret.ts';

const AGAIN = 'is one character again and again';
const REPEATED = 'is a short text again and again';
const FEW = 'has too few different characters';
const PLACEHOLDER = 'is a placeholder, which anybody knows';

describe('a token that anybody could guess', () => {
  it.each([
    ['a'.repeat(24), AGAIN],
    ['0'.repeat(64), AGAIN],
    ['abcabcabcabcabcabcabcabc', REPEATED],
    ['password'.repeat(4), REPEATED],
    ['letmein-letmein-letmein-letmein', REPEATED],
    ['deadbeefdeadbeefdeadbeef', REPEATED],
    ['ababbabababbbabababbbabab', FEW],
    ['11112222333344445555111122', FEW],
    ['change-me-to-something-else', PLACEHOLDER],
    ['CHANGE_THIS_ADMIN_TOKEN_NOW', PLACEHOLDER],
    ['replace-me-replace-me-replace-me', PLACEHOLDER],
    ['please-change-me-in-production', PLACEHOLDER],
    ['your-admin-token-of-24-characters', PLACEHOLDER],
    ['put-the-long-admin-token-here', PLACEHOLDER],
    ['placeholder-for-the-admin-token', PLACEHOLDER],
  ])('%s %s', (token, weakness) => {
    expect(weaknessOfText(token)).toBe(weakness);
  });
});

const of = (make: (i: number) => number) => Uint8Array.from({ length: 32 }, (_, i) => make(i));

describe('a key that anybody could guess', () => {
  it.each([
    ['all zeros', of(() => 0), AGAIN],
    ['all ones', of(() => 255), AGAIN],
    ['one letter', of(() => 120), AGAIN],
    ['zeros with one bit', of((i) => Number(i === 31)), FEW],
    ['four bytes again and again', of((i) => [1, 2, 250, 9][i % 4] ?? 0), REPEATED],
    ['a few bytes', of((i) => [9, 200, 31, 77][(i * i * i + (i >> 2) + (i >> 3)) % 4] ?? 0), FEW],
    ['a word again and again', new TextEncoder().encode('password'.repeat(4)), REPEATED],
    ['a placeholder', new TextEncoder().encode('change-me-change-me-change-me-32'), PLACEHOLDER],
  ])('%s', (_what, bytes, weakness) => {
    expect(bytes).toHaveLength(32);
    expect(weaknessOfBytes(bytes)).toBe(weakness);
  });
});

const digits = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte % 10).join('');

describe('a secret that was made at random', () => {
  it('is never taken for a weak one, in whatever alphabet it is written', () => {
    for (let i = 0; i < 3_000; i++) {
      const bytes = crypto.getRandomValues(new Uint8Array(32));
      const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
      const base64 = btoa(String.fromCharCode(...bytes));
      expect([base64, weaknessOfBytes(fromBase64(base64) ?? bytes)]).toEqual([base64, null]);
      for (const text of [base64, hex, hex.slice(0, 32), digits(bytes)])
        expect([text, weaknessOfText(text)]).toEqual([text, null]);
    }
  });

  it.each([
    'correct-horse-battery-staple',
    'simulation-admin-token-0123456789',
    'an-admin-token-of-24-chars-or-more',
  ])('is none of these, and they pass: %s', (text) => {
    expect(weaknessOfText(text)).toBeNull();
  });
});
