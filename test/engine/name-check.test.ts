import { describe, expect, it } from 'vitest';
import { createCallbackSender } from '../../src/delivery/sender.ts';
import { createNameCheck } from '../../src/delivery/name-check.ts';
import { startRelay, video } from '../support/relay.ts';
import { FakeClock } from '../support/fake-clock.ts';

const RESOLVER = 'https://dns.test/dns-query';

interface Zone {
  readonly A?: readonly string[];
  readonly AAAA?: readonly string[];
  readonly ttl?: number;
}

/** What a resolver answers: an address list by type, a raw answer, or nothing at all. */
type Scripted = Zone | Response | 'hang' | 'reset';

function answerOf({ A = [], AAAA = [], ttl = 60 }: Zone, type: string | null): Response {
  const [addresses, number] = type === 'AAAA' ? [AAAA, 28] : [A, 1];
  const alias = { name: 'x', type: 5, TTL: 1, data: 'edge.example.net.' };
  const records = addresses.map((data) => ({ name: 'x', type: number, TTL: ttl, data }));
  return Response.json({ Status: 0, Answer: [alias, ...records] });
}

function world(zone: Scripted) {
  const asked: string[] = [];
  const called: string[] = [];
  const clock = new FakeClock(0, () => false);
  let current = zone;
  const fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    if (url.host !== 'dns.test') {
      called.push(request.url);
      return new Response(null, { status: 204 });
    }
    asked.push(`${url.searchParams.get('name')} ${url.searchParams.get('type')}`);
    if (current === 'reset') throw new TypeError('Network connection lost.');
    if (current === 'hang') return await new Promise(() => undefined);
    return current instanceof Response ? current.clone() : answerOf(current, url.searchParams.get('type'));
  };
  const checkName = createNameCheck({ resolverUrl: RESOLVER, fetch, clock });
  const send = createCallbackSender({ fetch, clock, timeoutMs: 15_000, allowPrivate: false, checkName });
  const call = async (url = 'https://hooks.example.com/1') =>
    await send({ url, headers: {}, body: '{}', ownHosts: ['relay.example.com'] });
  return { asked, called, clock, call, resolve: (next: Scripted) => (current = next) };
}

describe('with a resolver, a receiver is called', () => {
  it.each<[string, Zone]>([
    ['at a public IPv4 address', { A: ['203.0.114.7', '8.8.8.8'] }],
    ['at a public IPv6 address', { AAAA: ['2606:4700::1111'] }],
    ['at both', { A: ['8.8.8.8'], AAAA: ['2606:4700::1111'] }],
  ])('%s', async (_what, zone) => {
    const { call, asked, called } = world(zone);
    expect(await call()).toMatchObject({ kind: 'response', status: 204 });
    expect(asked).toEqual(['hooks.example.com A', 'hooks.example.com AAAA']);
    expect(called).toEqual(['https://hooks.example.com/1']);
  });

  it('without a look-up where the URL holds an address, which the policy has judged', async () => {
    const { call, asked } = world('reset');
    expect(await call('https://8.8.8.8/hook')).toMatchObject({ kind: 'response' });
    expect(await call('https://[2606:4700::1111]/hook')).toMatchObject({ kind: 'response' });
    expect(asked).toEqual([]);
  });
});

describe('with a resolver, a receiver is not called where its name leads', () => {
  it.each<[string, Zone]>([
    ['to this machine', { A: ['127.0.0.1'] }],
    ['to a private network', { A: ['10.1.2.3'] }],
    ['to the metadata of a cloud', { A: ['169.254.169.254'] }],
    ['to a public and to a private address', { A: ['8.8.8.8', '192.168.0.1'] }],
    ['to a private address by IPv6 only', { A: ['8.8.8.8'], AAAA: ['fd00::1'] }],
    ['to the loopback by IPv6', { AAAA: ['::1'] }],
    ['to a private address in IPv6 clothes', { AAAA: ['::ffff:10.0.0.1'] }],
    ['to NAT64 of a private address', { AAAA: ['64:ff9b::a00:1'] }],
    ['to carrier-grade NAT', { A: ['100.64.0.1'] }],
    ['to what is no address', { A: ['localhost'] }],
  ])('%s', async (_what, zone) => {
    const { call, called } = world(zone);
    expect(await call()).toMatchObject({
      kind: 'forbidden',
      message: expect.stringContaining(
        'hooks.example.com leads to an address that is not on the public internet',
      ),
    });
    expect(called).toEqual([]);
  });

  it.each<[string, Scripted]>([
    ['nowhere', {}],
    ['nowhere, for there is no such name', Response.json({ Status: 3 })],
    ['nobody knows where: the resolver fails', Response.json({ Status: 2 })],
    ['nobody knows where: the resolver answers 500', new Response('{"Status":0}', { status: 500 })],
    [
      'nobody knows where: the resolver redirects',
      new Response(null, { status: 302, headers: { location: 'https://x.test/' } }),
    ],
    ['nobody knows where: the answer is no JSON', new Response('<html>')],
    ['nobody knows where: the answer has another shape', Response.json({ Status: 0, Answer: 'all of them' })],
    ['nobody knows where: the answer has no end', new Response('x'.repeat(100_000))],
    ['nobody knows where: the resolver hangs', 'hang'],
    ['nobody knows where: the resolver is not there', 'reset'],
  ])('%s', async (_what, zone) => {
    const { call, called } = world(zone);
    expect(await call()).toMatchObject({ kind: 'unresolved' });
    expect(called).toEqual([]);
  });
});

describe('what the resolver said', () => {
  it('is remembered for its time to live', async () => {
    const { call, asked, clock } = world({ A: ['8.8.8.8'], ttl: 60 });
    await call();
    clock.advance(59_000);
    await call();
    expect(asked).toHaveLength(2);
    clock.advance(1_000);
    await call();
    expect(asked).toHaveLength(4);
  });

  it('is not remembered where it holds for no time: a name that leads elsewhere a moment later is found out', async () => {
    const { call, called, resolve } = world({ A: ['8.8.8.8'], ttl: 0 });
    await call();
    resolve({ A: ['127.0.0.1'], ttl: 0 });
    expect(await call()).toMatchObject({ kind: 'forbidden' });
    expect(called).toHaveLength(1);
  });

  it('is remembered for five minutes at the most, and a refusal not at all', async () => {
    const { call, asked, clock, resolve } = world({ A: ['127.0.0.1'], ttl: 86_400 });
    await call();
    resolve({ A: ['8.8.8.8'], ttl: 86_400 });
    expect(await call()).toMatchObject({ kind: 'response' });
    expect(asked).toHaveLength(3);
    clock.advance(300_000);
    await call();
    expect(asked).toHaveLength(5);
  });
});

describe('a relay with CALLBACK_DNS_URL', () => {
  it('refuses at each attempt, tells the log why, and delivers once the name leads to the internet', async () => {
    const relay = await startRelay({ timeScale: 0, vars: { CALLBACK_DNS_URL: RESOLVER } });
    const { key } = await relay.client();
    const me = relay.as(key);
    const receiver = relay.receiver('hooks.example.com');
    const dns = relay.receiver('dns.test', [
      { status: 200, body: JSON.stringify({ Status: 0, Answer: [{ type: 1, TTL: 0, data: '10.0.0.1' }] }) },
      { status: 500 },
      { status: 200, body: JSON.stringify({ Status: 0, Answer: [{ type: 1, TTL: 0, data: '8.8.8.8' }] }) },
    ]);
    const { body } = await me.post('/v1/tasks', video('', { callback_url: 'https://hooks.example.com/1' }));
    await relay.tickUntil(async () => receiver.received.length > 0);
    const log = (await me.get(`/v1/tasks/${body.id}/attempts`)).body.data;
    expect(log).toMatchObject([
      { outcome: 'retry', status: null, detail: expect.stringContaining('not on the public internet') },
      {
        outcome: 'retry',
        status: null,
        detail: expect.stringContaining('has no address, or DNS does not answer'),
      },
      { outcome: 'delivered', status: 200 },
    ]);
    expect(dns.received.map(({ headers }) => headers['accept'])).toEqual(
      Array(4).fill('application/dns-json'),
    );
    expect(dns.received.every(({ headers }) => headers['authorization'] === undefined)).toBe(true);
  });

  it('tells a test callback what is the matter', async () => {
    const relay = await startRelay({ vars: { CALLBACK_DNS_URL: RESOLVER } });
    const { key } = await relay.client();
    relay.receiver('dns.test', [
      {
        status: 200,
        body: JSON.stringify({ Status: 0, Answer: [{ type: 1, TTL: 0, data: '192.168.0.1' }] }),
      },
      { status: 200, body: JSON.stringify({ Status: 3 }) },
    ]);
    const test = async () =>
      (await relay.as(key).post('/v1/callbacks/test', { url: 'https://hooks.example.com/1' })).body;
    expect(await test()).toMatchObject({ ok: false, problem: 'forbidden_address' });
    expect(await test()).toMatchObject({
      ok: false,
      problem: 'connection',
      advice: expect.stringContaining('spelling'),
    });
  });

  it('stays within the requests that one run may make, look-ups and all', async () => {
    const relay = await startRelay({
      timeScale: 0,
      vars: { CALLBACK_DNS_URL: RESOLVER, SUBREQUEST_BUDGET: '12' },
    });
    const { key } = await relay.client();
    relay.receiver('dns.test', [
      { status: 200, body: JSON.stringify({ Status: 0, Answer: [{ type: 1, TTL: 0, data: '8.8.8.8' }] }) },
    ]);
    for (let i = 0; i < 8; i++) {
      relay.receiver(`hooks-${i}.example.com`);
      await relay.as(key).post('/v1/tasks', video('', { callback_url: `https://hooks-${i}.example.com/1` }));
    }
    for (let run = 0; run < 3; run++) {
      const before = relay.effects.log.length;
      await relay.tick();
      const fetches = relay.effects.log.slice(before).filter((name) => /^(GET|POST) \//.test(name));
      expect(fetches.length).toBeLessThanOrEqual(12);
    }
  });

  it('leaves the whole budget to polls, and to callbacks whose host it knows already', async () => {
    const relay = await startRelay({
      timeScale: 0,
      vars: { CALLBACK_DNS_URL: RESOLVER, SUBREQUEST_BUDGET: '45' },
    });
    const { key } = await relay.client();
    relay.receiver('dns.test', [
      { status: 200, body: JSON.stringify({ Status: 0, Answer: [{ type: 1, TTL: 60, data: '8.8.8.8' }] }) },
    ]);
    const receiver = relay.receiver('hooks.example.com');
    for (let row = 0; row < 10; row++)
      await relay.as(key).post('/v1/tasks', video('', { callback_url: `https://hooks.example.com/${row}` }));
    const before = relay.effects.log.length;
    await relay.tick();
    // Ten polls, ten callbacks, and two questions about their host.
    expect(receiver.received).toHaveLength(10);
    expect(relay.effects.log.slice(before).filter((name) => /^(GET|POST) \//.test(name))).toHaveLength(22);
  });
});
