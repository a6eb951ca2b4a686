import { describe, expect, it } from 'vitest';

import type { ReceiverAnswer } from '../../../src/domain/receiver.ts';
import { preflight } from '../../../src/domain/receivers/advice.ts';

const OWN = 'https://api.example.com/callbacks';
const ZAPIER = 'https://hooks.zapier.com/hooks/catch/1234567/abcdef/';
const MAKE = 'https://hook.eu1.make.com/abc';
const POWER_AUTOMATE =
  'https://prod-1.westus.logic.azure.com/workflows/0a/triggers/manual/paths/invoke?sig=x';
const N8N = 'https://acme.app.n8n.cloud/webhook/orders';
const N8N_TEST = 'https://acme.app.n8n.cloud/webhook-test/orders';
const N8N_RESUME = 'https://acme.app.n8n.cloud/webhook-waiting/17?signature=0a';
const SLACK = 'https://hooks.slack.com/services/T0/B0/abc';

function response(status: number, more: { excerpt?: string; location?: string } = {}): ReceiverAnswer {
  return { kind: 'response', status, retryAfter: null, location: null, excerpt: '', ...more };
}

describe('a receiver that takes the test is ready', () => {
  it.each([200, 201, 202, 204, 299])('with %d', (status) => {
    expect(preflight(response(status), OWN)).toEqual({ ok: true, status, problem: null, advice: null });
  });

  it.each([
    ['a test URL', N8N_TEST, 'Production URL'],
    ['an address for looking at requests', 'https://webhook.site/0a1b', 'after a week'],
    ['an execution that the test itself has resumed', N8N_RESUME, 'has resumed this n8n execution'],
    ['a Zap that may be off all the same', ZAPIER, 'whether or not the Zap'],
  ])('and is told what to look out for: %s', (_, url, words) => {
    const result = preflight(response(200), url);
    expect(result).toMatchObject({ ok: true, problem: null });
    expect(result.advice).toContain(words);
  });
});

describe('what a receiver answered has one name', () => {
  it.each([
    ['redirect', [300, 301, 302, 303, 304, 307, 308]],
    ['unauthorized', [401, 403]],
    ['not_found', [404, 410]],
    ['method', [405]],
    ['timeout', [408]],
    ['rate_limited', [429]],
    ['server_error', [500, 501, 502, 503, 504, 520, 524, 599]],
    ['connection', [521, 522, 523, 530]],
    ['tls', [525, 526]],
    ['rejected', [100, 199, 400, 402, 406, 409, 411, 413, 415, 422, 425, 451, 499, 600]],
  ])('%s: %j', (problem, statuses) => {
    for (const status of statuses) {
      const result = preflight(response(status), OWN);
      expect(result, String(status)).toMatchObject({ ok: false, status, problem });
      expect(result.advice, String(status)).toMatch(/\.$/);
    }
  });

  it('none too, where nothing answered', () => {
    expect(preflight({ kind: 'timeout', afterMs: 15_000 }, OWN)).toEqual({
      ok: false,
      status: null,
      problem: 'timeout',
      advice: 'No answer came within 15 s. Let the receiver answer first, and do its work afterwards.',
    });
    expect(preflight({ kind: 'tls', message: 'bad certificate' }, OWN)).toMatchObject({ problem: 'tls' });
    expect(preflight({ kind: 'connection', message: 'refused' }, OWN)).toMatchObject({
      problem: 'connection',
    });
  });

  it('an address that is not called is explained in the words of the rule', () => {
    const message = 'Port 22 is not called; use 443 (the usual one) or 8443.';
    expect(preflight({ kind: 'forbidden', message }, OWN)).toEqual({
      ok: false,
      status: null,
      problem: 'forbidden_address',
      advice: message,
    });
  });

  it('what Ringback itself could not send is laid at nobody else’s door', () => {
    const result = preflight({ kind: 'unsendable', message: 'its secrets do not open' }, MAKE);
    expect(result).toMatchObject({ ok: false, status: null, problem: 'connection' });
    expect(result.advice).toBe('Nothing was sent: its secrets do not open. Tell whoever runs this Ringback.');
  });
});

describe('a redirect names its target', () => {
  it.each([
    ['whole', 'https://b.example/hook', 'to https://b.example/hook,'],
    ['resolved where it is relative', '/callbacks/', 'to https://api.example.com/callbacks/,'],
    [
      'without its fragment, which is never sent',
      'https://b.example/hook#part',
      'to https://b.example/hook,',
    ],
    ['shortened where it is endless', `https://b.example/${'a'.repeat(1_500)}`, 'aaaa…, and'],
  ])('%s', (_, location, words) => {
    expect(preflight(response(302, { location }), OWN).advice).toContain(words);
  });

  it('or says that there is none', () => {
    expect(preflight(response(302), OWN).advice).toContain('without saying where');
  });
});

describe('where the tool is known, the advice is in its own words', () => {
  it.each([
    [404, ZAPIER, 'not_found', 'webhook URL of its trigger'],
    [410, MAKE, 'not_found', 'Turn the scenario on'],
    [401, MAKE, 'unauthorized', 'x-make-apikey'],
    [400, MAKE, 'rejected', 'queue'],
    [404, POWER_AUTOMATE, 'not_found', 'When an HTTP request is received'],
    [401, POWER_AUTOMATE, 'unauthorized', 'Who can trigger the flow'],
    [400, POWER_AUTOMATE, 'rejected', 'Leave Authorization out'],
    [400, SLACK, 'rejected', 'its own format'],
    [404, N8N, 'not_found', 'Production URL'],
    [403, N8N, 'unauthorized', 'Header Auth'],
    [404, 'https://flows.example.com/webhook/x', 'not_found', 'In n8n, publish'],
    [404, N8N_TEST, 'not_found', 'Listen for test event'],
    [404, N8N_RESUME, 'not_found', '$execution.resumeUrl'],
    [401, N8N_RESUME, 'unauthorized', 'signature'],
    [503, N8N, 'server_error', 'answered 503'],
  ])('%d at %s: %s, “%s”', (status, url, problem, words) => {
    const result = preflight(response(status), url);
    expect(result.problem).toBe(problem);
    expect(result.advice).toContain(words);
  });

  it.each([N8N, N8N_TEST, N8N_RESUME, OWN])('n8n’s 404 about the method is about the method: %s', (url) => {
    const excerpt =
      '{"code":404,"message":"This webhook is not registered for POST requests. Did you mean to make a GET request?"}';
    const result = preflight(response(404, { excerpt }), url);
    expect(result.problem).toBe('method');
    expect(result.advice).toContain('POST');
  });

  it.each([
    ['not yet', 'The execution "17" is running already.', 'does not wait yet'],
    ['no more', '{"code":409,"message":"The execution \\"17 has finished already."}', 'is over'],
  ])('a resume URL of n8n that does not wait: %s', (_, excerpt, words) => {
    const result = preflight(response(409, { excerpt }), N8N_RESUME);
    expect(result).toMatchObject({ ok: false, status: 409, problem: 'not_found' });
    expect(result.advice).toContain(words);
  });
});

describe('what a receiver said is quoted', () => {
  it.each([
    ['on one line', 'no\r\n\tsuch row', 'with “no such row”.'],
    ['and shortened', 'x'.repeat(500), `with “${'x'.repeat(120)}…”.`],
    ['never in half a character', `${'x'.repeat(119)}😀`, '…”.'],
    ['unless it said nothing', ' \n ', 'answered 422. '],
  ])('%s', (_, excerpt, words) => {
    const { advice } = preflight(response(422, { excerpt }), OWN);
    expect(advice).toContain(words);
    expect(advice?.isWellFormed()).toBe(true);
  });
});

it('no URL and no answer are too strange for it', () => {
  for (const url of ['', 'nonsense', 'https://']) {
    expect(preflight(response(Number.NaN, { location: 'x' }), url)).toMatchObject({ problem: 'rejected' });
    expect(preflight(response(301, { location: '::' }), url)).toMatchObject({ problem: 'redirect' });
  }
});
