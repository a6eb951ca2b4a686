import { describe, expect, it } from 'vitest';

import type { ReceiverAnswer } from '../../../src/domain/receiver.ts';
import { preflight } from '../../../src/domain/receivers/advice.ts';

const OWN = 'https://api.example.com/callbacks';
const ECHO = 'https://script.googleusercontent.com/macros/echo?user_content_key=abc&lib=M1';
const POLICY = { allowPrivate: false, ownHosts: ['relay.example.com'] };

function redirect(location: string, status = 302): ReceiverAnswer {
  return { kind: 'response', status, retryAfter: null, location, excerpt: '' };
}

function adviceOn(location: string, url = OWN, status = 302): string {
  const { problem, advice } = preflight(redirect(location, status), url, POLICY);
  expect(problem).toBe('redirect');
  return advice ?? '';
}

describe('advice never names an address that Ringback would not call:', () => {
  it.each([
    ['http', 'http://b.example.com/hook', 'http:, where callbacks are not sent'],
    ['its own address by http', 'http://api.example.com/callbacks', 'X-Forwarded-Proto'],
    ['a private name', 'https://hooks.internal/x', 'does not call'],
    ['localhost', 'https://localhost/x', 'does not call'],
    ['a private address', 'https://10.0.0.1/x', 'does not call'],
    ['a private address in hexadecimal', 'https://0xa000001/x', 'does not call'],
    ['an IPv6 address of one network', 'https://[fd00::1]/x', 'does not call'],
    ['another port', 'https://b.example.com:22/x', 'does not call'],
    ['this relay', 'https://relay.example.com/x', 'does not call'],
    ['this relay, relative to its scheme', '//relay.example.com./x', 'does not call'],
    ['a private address with a password', 'https://me:pw@10.0.0.1/x', 'does not call'],
    ['another scheme', 'ftp://b.example.com/x', 'no web address (ftp:)'],
    ['an e-mail address', 'mailto:me@example.com', 'no web address (mailto:)'],
    ['a script', 'javascript:alert(1)', 'no web address (javascript:)'],
    ['an app', 'slack://open?team=T0', 'no web address (slack:)'],
    ['no host', 'https://', 'no address'],
    ['a port that is none', 'https://b.example.com:99999/', 'no address'],
    ['an address in brackets that is none', 'https://[::bad/', 'no address'],
    ['two addresses', 'https://b.example.com/1, https://c.example.com/2', 'no address'],
    ['more than is called', `https://b.example.com/${'a'.repeat(9_000)}`, 'too long'],
  ])('%s', (_, location, words) => {
    const advice = adviceOn(location);
    expect(advice).toContain(words);
    expect(advice).toMatch(/\.$/);
    expect(advice).not.toContain(location);
    expect(advice).not.toMatch(
      /hooks\.internal|localhost|10\.0\.0\.1|fd00|relay\.example|:22|me:pw|http:\/\//,
    );
  });

  it('but the same address by https, where that is another one', () => {
    expect(adviceOn('http://b.example.com/hook')).toContain('Try https://b.example.com/hook, or');
    expect(adviceOn('http://10.0.0.1/hook')).not.toContain('Try');
  });

  it('and where the deployment is for development, what that calls', () => {
    const policy = { allowPrivate: true, ownHosts: [] };
    const { advice } = preflight(redirect('http://127.0.0.1:5678/x'), 'http://127.0.0.1:5678/', policy);
    expect(advice).toContain('to http://127.0.0.1:5678/x, and redirects are not followed. Use that address');
  });
});

describe('a redirect is understood:', () => {
  it.each([
    [
      'to a name and a password',
      'https://me:pw@b.example.com/hook',
      'Use https://b.example.com/hook, and send',
    ],
    ['to itself', OWN, 'redirects to itself'],
    ['to itself, with a fragment', `${OWN}#top`, 'redirects to itself'],
    ['to itself, relative', '/callbacks', 'redirects to itself'],
    [
      'to Google’s sign-in',
      'https://accounts.google.com/ServiceLogin?continue=x',
      'sign-in page at accounts.google.com',
    ],
    [
      'to Microsoft’s sign-in',
      'https://login.microsoftonline.com/common/oauth2/authorize',
      'not open to callbacks',
    ],
    [
      'to Cloudflare Access',
      'https://acme.cloudflareaccess.com/cdn-cgi/access/login/x',
      'not open to callbacks',
    ],
    ['to a sign-in of its own', '/login?next=%2Fcallbacks', 'sign-in page at api.example.com'],
    ['to WordPress', '/wp-login.php?redirect_to=x', 'sign-in page'],
    ['to another host', 'https://www.example.com/callbacks', 'Use that address'],
    ['to a slash at its end', '/callbacks/', 'Use that address'],
    [
      'to what holds a secret of its sender',
      'https://b.example.com/[redacted]/x',
      'with the secret of yours',
    ],
  ])('%s', (_, location, words) => {
    expect(adviceOn(location)).toContain(words);
    expect(adviceOn(location)).not.toContain('pw');
  });

  it('a word of signing in that is in the receiver’s own path says nothing', () => {
    expect(adviceOn('https://www.example.com/auth/hook', 'https://example.com/auth/hook')).toContain(
      'Use that address',
    );
  });

  it('by 303 as an answer that stands elsewhere', () => {
    expect(adviceOn('/thanks', OWN, 303)).toContain('let it answer 200 itself');
  });

  it.each([301, 302, 307, 308])('by %d as one to use', (status) => {
    expect(adviceOn('https://b.example.com/x', OWN, status)).toContain('Use that address');
  });
});

describe('Google Apps Script cannot take callbacks directly, and what to do instead is said', () => {
  it.each([
    ['at its own address', ECHO, 'https://script.google.com/macros/s/AKfycb/exec'],
    ['within an organisation', ECHO, 'https://script.google.com/a/macros/example.com/s/AKfycb/exec'],
    ['behind another name', ECHO, OWN],
    [
      'where it asks for a sign-in',
      'https://accounts.google.com/ServiceLogin',
      'https://script.google.com/macros/s/A/exec',
    ],
  ])('%s', (_, location, url) => {
    const advice = adviceOn(location, url);
    expect(advice).toContain('Google Apps Script cannot take callbacks directly');
    expect(advice).toContain('Send the callback to Make, Zapier, n8n or Pipedream');
    expect(advice).not.toContain('googleusercontent');
    expect(advice).not.toContain('Use that address');
  });

  it('also where the echo address itself was entered', () => {
    const answer: ReceiverAnswer = {
      kind: 'response',
      status: 405,
      retryAfter: null,
      location: null,
      excerpt: '',
    };
    expect(preflight(answer, ECHO, POLICY).advice).toContain('cannot take callbacks directly');
  });
});
