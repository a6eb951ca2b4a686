import { describe, expect, it } from 'vitest';

import { credentialsIn } from '../../src/domain/credentials.ts';

describe('a callback header whose name speaks of a credential is one', () => {
  it.each([
    'X-Api-Key',
    'apikey',
    'x-make-apikey',
    'Ocp-Apim-Subscription-Key',
    'X-Access-Token',
    'X-CSRFToken',
    'Client-Secret',
    'X-Password',
    'X-Passwd',
    'X-Pwd',
    'Authorization',
    'X-Auth',
    'X-Authentication',
    'X-Cookie',
    'X-Hub-Signature-256',
    'X-Sig',
    'x-amz-credential',
    'X-Session-Id',
    'X-Jwt-Assertion',
  ])('%s', (name) => {
    expect(credentialsIn({ [name]: 'short' })).toEqual(['short']);
  });

  it.each([
    'X-Environment',
    'X-Author',
    'X-Authority',
    'X-Keyword',
    'X-Keyboard-Layout',
    'X-Monkey',
    'X-Tokenizer',
    'X-Secretary',
    'X-Signal',
    'X-Design',
    'X-Request-Id',
  ])('but not %s', (name) => {
    expect(credentialsIn({ [name]: 'production' })).toEqual([]);
  });
});

it('any other value is taken for one from 16 characters on', () => {
  expect(credentialsIn({ 'X-Flow': '0123456789abcdef', 'X-Short': '0123456789abcde' })).toEqual([
    '0123456789abcdef',
  ]);
});

describe('what is in a credential is secret too', () => {
  it.each([
    ['behind a scheme', 'Bearer abc-def', ['abc-def']],
    ['behind a scheme of its own', 'Acme2 abc-def', ['abc-def']],
    [
      'the name and password of Basic',
      `Basic ${btoa('me:pass:word')}`,
      [btoa('me:pass:word'), 'me:pass:word', 'pass:word'],
    ],
    ['Basic without a colon', `Basic ${btoa('only-a-key')}`, [btoa('only-a-key'), 'only-a-key']],
    ['Basic that is no base64', 'Basic me:pass', ['me:pass']],
    ['parameters', 'session=0123456789; csrf="abcdefgh"; a=1', ['0123456789', 'abcdefgh']],
    ['a scheme with a parameter', 'Token token=0123456789', ['token=0123456789', '0123456789']],
    ['nothing in a text of many words', 'a very long one', []],
  ])('%s', (_what, value, within) => {
    expect(credentialsIn({ Authorization: value })).toEqual([value, ...within]);
  });

  it('but not in a value that is only long', () => {
    expect(credentialsIn({ 'X-Note': 'hello production-now' })).toEqual(['hello production-now']);
  });
});
