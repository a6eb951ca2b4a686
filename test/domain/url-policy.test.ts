import { describe, expect, it } from 'vitest';

import { judgeCallbackUrl } from '../../src/domain/url-policy.ts';
import { callableUrls, forbiddenHosts, misleadingUrls, notUrls } from './callback-urls.ts';

/** The words of a text: a long list that stays readable. */
const words = (text: string) => text.trim().split(/\s+/);

const policy = { allowPrivate: false, ownHosts: ['relay.example.com', 'Ringback.me.workers.dev.'] };
const judge = (url: string) => judgeCallbackUrl(url, policy);

describe('Ringback calls', () => {
  it.each(callableUrls)('%s', (url, host) => {
    expect(judge(url)).toEqual({ ok: true, host });
  });

  it('a URL of exactly 2,048 characters', () => {
    expect(judge(`https://e.com/${'x'.repeat(2_034)}`)).toEqual({ ok: true, host: 'e.com' });
  });
});

describe('what is no URL is told apart', () => {
  it.each(notUrls)('%j', (url) => {
    const problem = expect.stringMatching(/^[A-Z].*\.$/);
    expect(judge(url)).toEqual({ ok: false, reason: 'not_a_url', problem });
    expect(judgeCallbackUrl(url, { ...policy, allowPrivate: true })).toMatchObject({ reason: 'not_a_url' });
  });
});

describe('a URL with a fragment, or with characters that nobody sees,', () => {
  it.each(misleadingUrls)('is not called, and the reason is told: %j', (url) => {
    // In a host the parser itself knows some of these characters as wrong.
    const [reason, told] = URL.canParse(url)
      ? ['forbidden', /^The URL has (a fragment|an invisible character in it \(U\+[\dA-F]+\)).*; .*\.$/]
      : ['not_a_url', /no complete URL/];
    for (const one of [policy, { ...policy, allowPrivate: true }]) {
      const problem = expect.stringMatching(told);
      expect(judgeCallbackUrl(url, one)).toEqual({ ok: false, reason, problem });
    }
  });
});

describe.each(Object.entries(forbiddenHosts))('Ringback does not call %s:', (_, hosts) => {
  it.each(hosts)('%s', (host) => {
    const forbidden = {
      ok: false,
      reason: 'forbidden',
      problem: expect.stringMatching(/^[A-Z].*[;,] .*\.$/),
    };
    expect(judge(`https://${host}`)).toEqual(forbidden);
    expect(judge(`https://${host}/hooks/1?a=b#c`)).toEqual(forbidden);
  });
});

describe('Ringback does not call by another way than https with a host:', () => {
  it.each(
    words(`
    http://example.com/ HTTP://example.com/ ftp://example.com/ ws://example.com/ wss://example.com/
    file:///etc/passwd file://example.com/ data:text/plain,hi javascript:alert(1) mailto:a@b.com
    blob:https://example.com/x gopher://example.com/ about:blank urn:x:y http://127.0.0.1/
    https:example.com https:/example.com https:///example.com https:\\\\example.com https:/\\e.com
    localhost:8080/hook example.com:8443/hook
  `),
  )('%s', (url) => {
    expect(judge(url)).toMatchObject({ ok: false, reason: 'forbidden' });
  });
});

it('is tested with more than 200 spellings that are forbidden', () => {
  expect(new Set(Object.values(forbiddenHosts).flat()).size).toBeGreaterThan(200);
});

describe('in development', () => {
  const development = { allowPrivate: true, ownHosts: ['localhost:8787', '[::1]:8787'] };

  it.each([
    ['http://localhost:8787/inbox', 'localhost:8787'],
    ['http://127.0.0.1:9000/', '127.0.0.1:9000'],
    ['http://0x7f.1:80/', '127.0.0.1'],
    ['https://[::1]:8787/', '[::1]:8787'],
    ['http://inbox/', 'inbox'],
    ['http://printer.local.:631/', 'printer.local:631'],
    ['https://hooks.zapier.com/hooks/catch/1/a/', 'hooks.zapier.com'],
  ])('Ringback calls %s too', (url, host) => {
    expect(judgeCallbackUrl(url, development)).toEqual({ ok: true, host });
  });

  it.each(['http://user@localhost/', 'ftp://localhost/', 'file:///x', 'http:localhost'])(
    'but not %s',
    (url) => {
      expect(judgeCallbackUrl(url, development)).toMatchObject({ ok: false, reason: 'forbidden' });
    },
  );

  it('an own host is known without its port', () => {
    const strict = { allowPrivate: false, ownHosts: ['relay.example.com:8787', '[2606:4700::1]:8787'] };
    expect(judgeCallbackUrl('https://relay.example.com/', strict)).toMatchObject({ ok: false });
    expect(judgeCallbackUrl('https://[2606:4700:0::1]/', strict)).toMatchObject({ ok: false });
    expect(judgeCallbackUrl('https://example.com/', strict)).toMatchObject({ ok: true });
  });
});
