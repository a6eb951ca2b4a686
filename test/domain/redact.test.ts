import { describe, expect, it } from 'vitest';

import { redact } from '../../src/domain/redact.ts';

describe('what a peer repeats is cut out', () => {
  it.each([
    ['wherever it stands', 'a token-123 b token-123', ['token-123'], 'a [redacted] b [redacted]'],
    ['without its scheme too', 'you are abc-def-ghi', ['Bearer abc-def-ghi'], 'you are [redacted]'],
    ['as JSON writes it', '{"k":"a\\"quoted\\""}', ['a"quoted"'], '{"k":"[redacted]"}'],
    [
      'whole, where another secret is its beginning',
      'x secret-and-more y',
      ['secret', 'secret-and-more'],
      'x [redacted] y',
    ],
    [
      'where the end of the text cuts it off',
      'and your key is sk-12345',
      ['sk-1234567890'],
      'and your key is [redacted]',
    ],
    [
      'where the end cuts it off without its scheme',
      'got abc-def-g',
      ['Bearer abc-def-ghi'],
      'got [redacted]',
    ],
    ['and with the characters of a pattern', 'a $1.*(x) b', ['$1.*(x)'], 'a [redacted] b'],
  ])('%s', (_what, text, secrets, expected) => {
    expect(redact(text, secrets)).toBe(expected);
  });

  it.each([
    ['words that are too short to be a secret', 'the row is 42', ['42']],
    ['what only looks like the beginning', 'ends with sk-12', ['sk-1234567890']],
    ['a text without any', 'nothing here', ['token-123']],
  ])('but not %s', (_what, text, secrets) => {
    expect(redact(text, secrets)).toBe(text);
  });
});
