import { describe, expect, it } from 'vitest';

import { problemOfCallbackHeaders } from '../../src/domain/callback-headers.ts';

/** The words of a text: a long list that stays readable. */
const words = (text: string) => text.trim().split(/\s+/);

const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`X-Header-${i}`, 'v']));

describe('a client may add', () => {
  it.each([
    ['nothing', {}],
    ['a bearer token', { Authorization: 'Bearer abc.def-ghi' }],
    ['an API key', { 'X-Api-Key': 'k', apikey: 'k' }],
    ['a referer', { Referer: 'https://a.example/b' }],
    ['an empty value', { 'X-Empty': '' }],
    ['a tab and spaces inside a value', { 'X-Note': 'a\tb  c' }],
    ['every punctuation mark of a token', { "!#$%&'*+-.^_`|~": 'v' }],
    [
      'a name that only begins like a reserved one',
      {
        Hostess: 'v',
        'Webhooks-Id': 'v',
        Tea: 'v',
        Secret: 'v',
        Svix: 'v',
        'X-Origin': 'v',
        'X-Method': 'v',
        Metadata: 'v',
      },
    ],
    ['a name of 256 characters', { ['x'.repeat(256)]: 'v' }],
    ['a value of 4,096 characters', { 'X-Long': 'v'.repeat(4_096) }],
    ['ten headers', many(10)],
  ])('%s', (_, headers) => {
    expect(problemOfCallbackHeaders(headers)).toBeNull();
  });
});

describe('a client may not replace what Ringback or the connection sets', () => {
  it.each(
    words(`
    content-type Content-Type user-agent webhook-id Webhook-Signature webhook-timestamp webhook-
    host HOST content-length connection keep-alive transfer-encoding te trailer upgrade expect
    proxy-authorization proxy-connection sec-fetch-mode cf-ray CF-Connecting-IP cf-worker
    x-forwarded-for X-Forwarded-Host x-real-ip true-client-ip forwarded via cdn-loop accept-encoding
    content-encoding date cookie cookie2 set-cookie trailers http2-settings content-range x-forwarded
    x-client-ip client-ip x-cluster-client-ip Fastly-Client-IP x-original-forwarded-for x-original-host
    X-Original-URL x-rewrite-url x-http-method-override cf-worker CF-Access-Client-Secret sec-websocket-key proxy-authenticate
    svix-id Svix-Signature SVIX-TIMESTAMP svix- origin Origin x-http-method X-HTTP-Method-Override x-method-override
    X-Method-Override metadata-flavor Metadata-Flavor X-Google-Metadata-Request X-aws-ec2-metadata-token
    X-aws-ec2-metadata-token-ttl-seconds X-aliyun-ecs-metadata-token
  `),
  )('%s', (name) => {
    const problem = 'is set by Ringback or by the connection: choose another name';
    expect(problemOfCallbackHeaders({ 'X-Fine': 'v', [name]: 'v' })).toEqual({ name, problem });
  });
});

describe('a client may not add', () => {
  it.each([
    ['an empty name', { '': 'v' }, '', 'no header name'],
    ['a name with a space', { 'X Api Key': 'v' }, 'X Api Key', 'no header name'],
    ['a name with a colon', { 'X-Api-Key:': 'v' }, 'X-Api-Key:', 'no header name'],
    ['a name with a line break', { 'X-A\r\nHost': 'v' }, 'X-A\r\nHost', 'no header name'],
    ['a name with an umlaut', { 'X-Schlüssel': 'v' }, 'X-Schlüssel', 'no header name'],
    ['a name that is too long', { ['x'.repeat(257)]: 'v' }, 'x'.repeat(257), 'more than 256'],
    ['a value with a line break', { 'X-A': 'a\r\nHost: evil' }, 'X-A', 'line breaks'],
    ['a value with a bare line feed at its end', { 'X-A': 'a\n' }, 'X-A', 'line breaks'],
    ['a value with a null byte', { 'X-A': 'a\0' }, 'X-A', 'line breaks'],
    ['a value that is not ASCII', { 'X-A': 'größe' }, 'X-A', 'plain ASCII'],
    ['a value with a space before it', { Authorization: ' Bearer x' }, 'Authorization', 'white space'],
    ['a value with a tab after it', { Authorization: 'Bearer x\t' }, 'Authorization', 'white space'],
    ['a value that is too long', { 'X-A': 'v'.repeat(4_097) }, 'X-A', 'more than 4,096'],
    ['the same name twice', { 'X-Key': 'a', 'x-key': 'b' }, 'x-key', 'given twice'],
    ['an eleventh header', many(11), 'X-Header-10', 'at most 10'],
  ])('%s', (_, headers: Record<string, string>, name, part) => {
    expect(problemOfCallbackHeaders(headers)).toEqual({ name, problem: expect.stringContaining(part) });
  });
});
