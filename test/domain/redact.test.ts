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

  it.each([
    ['in a path', 'https://b.example/production/hook', ['product'], undefined],
    ['with a letter before', 'reproduction', ['production'], undefined],
    ['with a digit behind', 'at hook2', ['hook'], undefined],
    ['with an underscore', 'the env prod_eu', ['prod'], undefined],
    ['in another script', 'größer', ['größe'], undefined],
    ['inside a word that JSON spells', '{"a":"x\\u0070roduction"}', ['production'], undefined],
    ['at the end of a text that is whole', 'https://b.example/product', ['product-key-123'], true],
  ] as const)('but not as a part of a longer word: %s', (_what, text, secrets, isWhole) => {
    expect(redact(text, [...secrets], isWhole === undefined ? {} : { isWhole })).toBe(text);
  });

  it('a key is no word: it is cut out of longer ones too', () => {
    const how = { withinWords: true };
    expect(redact('for key_sk-sandbox-pro2', ['sk-sandbox-pro'], how)).toBe('for key_[redacted]2');
  });
});

describe('a secret is found in the spellings of servers:', () => {
  const SECRET = 'a/b+c "d"&<e>=';
  it.each([
    ['URL', encodeURIComponent(SECRET)],
    ['URL in lower case', encodeURIComponent(SECRET).replaceAll(/%../g, (code) => code.toLowerCase())],
    ['URL in URL', encodeURIComponent(encodeURIComponent(SECRET))],
    ['every character of it', Array.from(SECRET, (c) => `%${c.charCodeAt(0).toString(16)}`).join('')],
    ['JSON', JSON.stringify(SECRET).slice(1, -1)],
    ['JSON in JSON', JSON.stringify(JSON.stringify(SECRET)).slice(3, -3)],
    ['JSON as PHP writes it', JSON.stringify(SECRET).slice(1, -1).replaceAll('/', '\\/')],
    [
      'JSON as .NET writes it',
      SECRET.replaceAll(/["&<>+=]/g, (c) => `\\u00${c.charCodeAt(0).toString(16).toUpperCase()}`),
    ],
    ['a script', SECRET.replaceAll(/["&<>]/g, (c) => `\\x${c.charCodeAt(0).toString(16)}`)],
    [
      'HTML',
      SECRET.replaceAll('&', '&amp;')
        .replaceAll('"', '&quot;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;'),
    ],
    ['HTML by numbers', SECRET.replaceAll(/["&<>]/g, (c) => `&#${c.charCodeAt(0)};`)],
    [
      'HTML by hexadecimal numbers',
      SECRET.replaceAll(/["&<>]/g, (c) => `&#x${c.charCodeAt(0).toString(16)};`),
    ],
    ['JSON in a URL', encodeURIComponent(JSON.stringify(SECRET).slice(1, -1))],
  ])('%s', (_what, spelled) => {
    expect(redact(`you sent: ${spelled}; no`, [SECRET])).toBe('you sent: [redacted]; no');
  });

  it.each([
    [
      'behind a spelled slash',
      'https://b.example/?next=%2Fs3cret-one%2F',
      'https://b.example/?next=%2F[redacted]%2F',
    ],
    ['behind a line break of JSON', '{"a":"key:\\ns3cret-one\\n"}', '{"a":"key:\\n[redacted]\\n"}'],
    ['behind a quote in HTML', '&quot;s3cret-one&quot;', '&quot;[redacted]&quot;'],
    ['cut off in the middle of a spelling', 'x s3cret%2', 'x [redacted]'],
    ['cut off within a spelled one', 'x %733cret%2Don', 'x [redacted]'],
  ])('%s', (_what, text, expected) => {
    expect(redact(text, ['s3cret-one'])).toBe(expected);
  });

  it.each(['%', '%zz', '\\u12', '&#99999999;', '&#1114112;', '&#x110000;', '&nope;', '\\'])(
    'and what only looks like one stays: %s',
    (text) => {
      expect(redact(`a ${text} b`, ['s3cret-one'])).toBe(`a ${text} b`);
    },
  );
});
