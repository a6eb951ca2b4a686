import { describe, expect, it } from 'vitest';

import { fromBase64, fromBase64Url, toBase64, toBase64Url } from '../../src/domain/base64.ts';

const every = Uint8Array.from({ length: 256 }, (_, i) => i);

describe('base64', () => {
  it.each([0, 1, 2, 3, 4, 255, 256])('gives %d bytes back, in both alphabets', (length) => {
    const bytes = every.subarray(256 - length);
    expect(fromBase64(toBase64(bytes))).toEqual(bytes);
    expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes);
    expect(toBase64Url(bytes)).toMatch(/^[\w-]*$/);
  });

  it.each(['A', 'AA', 'AA=', 'AAA', '====', 'A===', 'AA=A', ' AAA', 'AAA\n', '-_AA', 'AAAA='])(
    'is strict: not %o',
    (text) => {
      expect(fromBase64(text)).toBeNull();
    },
  );

  it.each(['A', 'AA==', '+/AA', 'AA A', 'AAAAA', 'AA.A'])(
    'is strict in its URL-safe form: not %o',
    (text) => {
      expect(fromBase64Url(text)).toBeNull();
    },
  );
});
