import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';

import type { ScriptedAnswer } from '../support/receiver.ts';
import { startRelay, video } from '../support/relay.ts';
import { independentSignature } from './independent-signature.ts';

const HOOK = 'https://hooks.example.com/catch/42?token=a%2Fb';
const TEST = '/v1/callbacks/test';

/** A client, and a receiver that answers by script. */
async function start(script?: ScriptedAnswer[], vars: Record<string, string> = {}) {
  const relay = await startRelay({ timeScale: 0, vars });
  const receiver = relay.receiver('hooks.example.com', script);
  const client = await relay.client();
  return { relay, receiver, client, me: relay.as(client.key) };
}

/** Every row of the tables that a real task writes to. */
async function everythingKept() {
  const tables = ['tasks', 'attempts', 'hosts', 'ticks', 'accounts', 'clients'];
  return await Promise.all(
    tables.map(async (table) => (await env.DB.prepare(`select * from ${table}`).all()).results),
  );
}

/** What kind of value each key holds. */
function kindsIn(body: object): string[] {
  return Object.entries(body).map(
    ([key, value]) => `${key}: ${Array.isArray(value) ? 'array' : typeof value}`,
  );
}

describe('a test callback', () => {
  it('to a receiver that takes it is all right', async () => {
    const { me, receiver } = await start();
    expect(await me.post(TEST, { url: HOOK })).toMatchObject({
      status: 200,
      body: { ok: true, status: 200, duration_ms: 0, problem: null, advice: null },
    });
    expect(receiver.received.map(({ url }) => url)).toEqual([HOOK]);
  });

  it('is signed as a real callback is, with an id of its own each time', async () => {
    const { me, receiver, client, relay } = await start();
    for (let i = 0; i < 2; i++) {
      await me.post(TEST, { url: HOOK });
      relay.clock.advance(1_000);
    }
    for (const callback of receiver.received) {
      expect(callback.headers['content-type']).toBe('application/json');
      expect(callback.headers['user-agent']).toMatch(/^Ringback\/\d/);
      expect(callback.headers['webhook-signature']).toBe(
        independentSignature(client.signing_secret, callback),
      );
    }
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
  });

  it('carries both signatures while a secret is being rotated', async () => {
    const { me, receiver, client, relay } = await start();
    const { body } = await relay.admin().post(`/admin/clients/${client.id}/rotate-secret`);
    await me.post(TEST, { url: HOOK });
    const [callback] = receiver.received;
    if (callback === undefined) throw new Error('no callback');
    expect(callback.headers['webhook-signature']?.split(' ')).toEqual([
      independentSignature(body.signing_secret, callback),
      independentSignature(client.signing_secret, callback),
    ]);
  });

  it('has exactly the keys of a real callback, so that a no-code tool can learn them from it', async () => {
    const { me, receiver, relay } = await start();
    await me.post(TEST, { url: HOOK });
    await me.post('/v1/tasks', video('a fox', { callback_url: HOOK }));
    await relay.tick();
    const [test, real] = receiver.received.map(({ body }) => JSON.parse(body));
    expect(Object.keys(test)).toEqual(Object.keys(real));
    expect(test).toMatchObject({
      type: 'callback.test',
      timestamp: '2026-11-22T15:00:00.000Z',
      id: expect.stringMatching(/^task_[0-9a-z]{26}$/),
      state: 'succeeded',
      metadata: {},
    });
    expect(test.result_urls).toEqual([test.result_url]);
    expect(kindsIn(test)).toEqual(kindsIn(real));
  });

  it('carries the headers that callbacks are to carry', async () => {
    const { me, receiver } = await start();
    await me.post(TEST, { url: HOOK, headers: { Authorization: 'Bearer sw0rdfish', 'x-make-apikey': '1' } });
    await me.post(TEST, { url: HOOK, headers: null });
    expect(receiver.received[0]?.headers).toMatchObject({
      authorization: 'Bearer sw0rdfish',
      'x-make-apikey': '1',
    });
    expect(receiver.received[1]?.headers).not.toHaveProperty('authorization');
  });

  it('is sent once, whatever comes back, and leaves nothing behind', async () => {
    const { me, receiver, relay } = await start([{ status: 200 }, { status: 500 }, 'reset', 'hang']);
    const before = await everythingKept();
    for (let i = 0; i < 4; i++) await me.post(TEST, { url: HOOK });
    expect(receiver.received).toHaveLength(4);
    expect(await everythingKept()).toEqual(before);
    await relay.tick();
    expect(receiver.received).toHaveLength(4);
    expect((await me.get('/v1/tasks')).body.data).toEqual([]);
  });
});

/** What a receiver answers, what a test of it says, and words of the advice. */
const PROBLEMS: [string, ScriptedAnswer, { status: number | null; problem: string }, string][] = [
  [
    'it answers with a redirect',
    { status: 301, headers: { location: '/elsewhere' } },
    { status: 301, problem: 'redirect' },
    'redirects to https://hooks.example.com/elsewhere, and redirects are not followed',
  ],
  ['it never answers', 'hang', { status: null, problem: 'timeout' }, 'No answer came within 15 s'],
  ['it breaks the connection', 'reset', { status: null, problem: 'connection' }, 'could not be reached'],
  ['its certificate is not valid', { status: 526 }, { status: 526, problem: 'tls' }, 'certificate'],
  ['nothing listens there', { status: 404 }, { status: 404, problem: 'not_found' }, 'copy its address again'],
  ['it is gone', { status: 410 }, { status: 410, problem: 'not_found' }, 'copy its address again'],
  ['it asks for a key', { status: 401 }, { status: 401, problem: 'unauthorized' }, 'callback_headers'],
  ['it lets nobody in', { status: 403 }, { status: 403, problem: 'unauthorized' }, 'callback_headers'],
  ['it takes no POST', { status: 405 }, { status: 405, problem: 'method' }, 'POST'],
  ['it has had too many', { status: 429 }, { status: 429, problem: 'rate_limited' }, 'Wait a little'],
  [
    'it fails',
    { status: 500, body: 'no such row' },
    { status: 500, problem: 'server_error' },
    'answered 500 with “no such row”',
  ],
  [
    'it takes something else',
    { status: 418, body: 'teapot' },
    { status: 418, problem: 'rejected' },
    'answered 418 with “teapot”',
  ],
];

describe('what is wrong with a receiver has one name, and advice:', () => {
  it.each(PROBLEMS)('%s', async (_, answer, found, advice) => {
    const { me, receiver } = await start([answer]);
    const result = await me.post(TEST, { url: HOOK });
    expect(result).toMatchObject({ status: 200, body: { ok: false, ...found } });
    expect(result.body.advice).toContain(advice);
    expect(result.body.duration_ms).toBe(answer === 'hang' ? 15_000 : 0);
    expect(receiver.received).toHaveLength(1);
  });

  it('a redirect is not followed', async () => {
    const { me, relay } = await start([{ status: 307, headers: { location: 'https://b.example.com/x' } }]);
    const elsewhere = relay.receiver('b.example.com');
    expect((await me.post(TEST, { url: HOOK })).body.problem).toBe('redirect');
    expect(elsewhere.received).toEqual([]);
  });

  it('a host that is not there', async () => {
    const { me } = await start();
    const { body } = await me.post(TEST, { url: 'https://hoooks.example.com/' });
    expect(body).toMatchObject({ ok: false, status: null, problem: 'connection' });
  });

  it('the time limit of the deployment is the one that callbacks have', async () => {
    const { me } = await start(['hang'], { CALLBACK_TIMEOUT_SECONDS: '4' });
    const { body } = await me.post(TEST, { url: HOOK });
    expect(body).toMatchObject({ ok: false, problem: 'timeout', duration_ms: 4_000 });
    expect(body.advice).toContain('within 4 s');
  });

  it('the words are those of the tool, where the address tells which one it is', async () => {
    const { me, relay } = await start();
    relay.receiver('acme.app.n8n.cloud', [{ status: 404 }]);
    const { body } = await me.post(TEST, { url: 'https://acme.app.n8n.cloud/webhook-test/orders' });
    expect(body).toMatchObject({ ok: false, problem: 'not_found' });
    expect(body.advice).toContain('Listen for test event');
  });
});

describe('an address that callbacks do not go to is told as one, and nothing is sent:', () => {
  it.each([
    ['without https', 'http://hooks.example.com/1', 'https://'],
    ['of another scheme', 'mailto:me@example.com', 'https://'],
    ['with a password', 'https://me:pw@hooks.example.com/', 'callback_headers'],
    ['at another port', 'https://hooks.example.com:22/', 'Port 22 is not called'],
    ['on loopback', 'https://127.0.0.1/', 'address'],
    ['on loopback in hex', 'https://0x7f.1/', 'address'],
    ['in a private network', 'https://[fd00::1]/', 'address'],
    ['with a name of one machine', 'https://localhost/', 'private network'],
    ['with an internal name', 'https://hooks.internal/', 'private network'],
    ['with a fragment', `${HOOK}#row-1`, 'fragment'],
    ['with an empty fragment', `${HOOK}#`, 'fragment'],
    ['with a character that nobody sees', `${HOOK}\u200b`, 'U+200B'],
    ['with a byte order mark', `${HOOK}\ufeff`, 'U+FEFF'],
    ['of this relay', 'https://relay.test/healthz', 'this Ringback'],
    ['of this relay, with a dot', 'https://RELAY.test./healthz', 'this Ringback'],
  ])('%s', async (_, url, advice) => {
    const { me, relay, receiver } = await start();
    const others = ['relay.test', 'localhost', '127.0.0.1', '[fd00::1]'].map((host) => relay.receiver(host));
    const result = await me.post(TEST, { url });
    expect(result).toMatchObject({
      status: 200,
      body: { ok: false, status: null, duration_ms: 0, problem: 'forbidden_address' },
    });
    expect(result.body.advice).toContain(advice);
    expect([receiver, ...others].flatMap(({ received }) => received)).toEqual([]);
  });

  it('unless the deployment is for development', async () => {
    const { me, relay } = await start(undefined, { ALLOW_PRIVATE_CALLBACKS: 'true' });
    relay.receiver('127.0.0.1:5678');
    expect((await me.post(TEST, { url: 'http://127.0.0.1:5678/webhook/x' })).body.ok).toBe(true);
  });
});

describe('a test is refused, and the field at fault is named:', () => {
  it.each<[string, unknown, string, string]>([
    ['no URL at all', {}, 'url', 'must be a URL'],
    ['null', { url: null }, 'url', 'must be a URL'],
    ['a number', { url: 5 }, 'url', 'must be a URL'],
    ['an empty text', { url: '' }, 'url', 'no complete URL'],
    ['a text that is no URL', { url: 'hooks.example.com/42' }, 'url', 'no complete URL'],
    ['white space in it', { url: `${HOOK} ` }, 'url', 'white space'],
    ['a URL too long', { url: `https://a.example/${'x'.repeat(2_048)}` }, 'url', '2,048 characters'],
    ['the name that tasks have for it', { url: HOOK, callback_url: HOOK }, 'callback_url', 'not a field'],
    ['headers in words', { url: HOOK, headers: 'a: b' }, 'headers', ''],
    ['a header that is no text', { url: HOOK, headers: { a: 1 } }, 'headers.a', 'must be text'],
    ...[
      'Webhook-Signature',
      'webhook-id',
      'Svix-Signature',
      'Content-Type',
      'USER-AGENT',
      'host',
      'cf-worker',
      'Origin',
      'X-HTTP-Method',
      'X-HTTP-Method-Override',
      'X-Method-Override',
      'Metadata-Flavor',
    ].map((name): [string, unknown, string, string] => [
      `the header ${name}`,
      { url: HOOK, headers: { [name]: 'x' } },
      `headers.${name}`,
      'is set by Ringback or by the connection',
    ]),
    ['a header twice', { url: HOOK, headers: { 'X-A': '1', 'x-a': '2' } }, 'headers.x-a', 'given twice'],
  ])('%s', async (_, body, path, words) => {
    const { me, receiver } = await start();
    const answer = await me.post(TEST, body);
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path }] } });
    expect(answer.body.errors[0].message).toContain(words);
    expect(receiver.received).toEqual([]);
  });

  it('and nobody else than a client may ask for one', async () => {
    const { relay, receiver } = await start();
    expect((await relay.as('rb_nobody').post(TEST, { url: HOOK })).status).toBe(401);
    expect((await relay.admin().post(TEST, { url: HOOK })).status).toBe(401);
    expect(receiver.received).toEqual([]);
  });
});
