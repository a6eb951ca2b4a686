import { describe, expect, it } from 'vitest';

import { createApp } from '../../src/http/app.ts';
import { ADMIN_TOKEN, startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

interface Route {
  readonly method: string;
  readonly path: string;
  readonly scheme: 'clientKey' | 'adminToken' | null;
}

/** Every route of the OpenAPI document, with the credentials that it says it takes. */
async function routesOf(relay: Relay): Promise<Route[]> {
  const response = await relay.request('/openapi.json');
  const { paths }: { paths: Record<string, Record<string, { security: Record<string, unknown>[] }>> } =
    await response.json();
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { security }]): Route => {
      const [scheme] = security.flatMap((schemes) => Object.keys(schemes));
      if (scheme !== undefined && scheme !== 'clientKey' && scheme !== 'adminToken') {
        throw new Error(`${method} ${path} is signed in to by ${scheme}`);
      }
      return {
        method: method.toUpperCase(),
        path: path.replaceAll('{id}', 'some_id'),
        scheme: scheme ?? null,
      };
    }),
  );
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

let addresses = 0;
/** An address that no other test uses: failed sign-ins are counted by it. */
const someAddress = () => `192.0.2.${++addresses}`;

async function knock(relay: Relay, { method, path }: Route, credentials: Record<string, string>) {
  const headers = { 'cf-connecting-ip': someAddress(), ...credentials };
  const response = await relay.request(path, { method, headers });
  const text = await response.text();
  const body: Record<string, unknown> = text.startsWith('{') ? JSON.parse(text) : {};
  return {
    route: `${method} ${path}`,
    status: response.status,
    type: response.headers.get('content-type'),
    body,
  };
}

/** How a stranger is refused there. */
function refusalAt(path: string) {
  return path.startsWith('/api/v1/')
    ? { status: 401, type: 'application/json', body: { code: 401, data: null } }
    : {
        status: 401,
        type: 'application/problem+json',
        body: { type: 'urn:problem-type:ringback:unauthorized', status: 401 },
      };
}

describe('every route of the OpenAPI document that takes credentials', () => {
  it('is closed to everybody without the right ones', async () => {
    const relay = await startRelay();
    const { key } = await relay.client();
    const strangers = {
      none: {},
      empty: { authorization: '' },
      'made up': bearer('rb_made-up-and-not-in-use'),
      'the hash of a key': bearer('0'.repeat(64)),
      'in another scheme': { authorization: `Basic ${btoa(`${key}:`)}` },
      'without a scheme': { authorization: key },
      'in the query': {},
    };
    const closed = (await routesOf(relay)).filter(({ scheme }) => scheme !== null);
    expect(closed.length).toBeGreaterThan(15);
    for (const route of closed) {
      const others = {
        ...strangers,
        'for the other side': bearer(route.scheme === 'clientKey' ? ADMIN_TOKEN : key),
      };
      for (const [what, credentials] of Object.entries(others)) {
        const path = what === 'in the query' ? `${route.path}?access_token=${key}` : route.path;
        const answer = await knock(relay, { ...route, path }, credentials);
        expect({ what, ...answer }).toMatchObject({ what, ...refusalAt(route.path) });
      }
    }
  });

  it('is open to those who have them', async () => {
    const relay = await startRelay();
    for (const route of await routesOf(relay)) {
      const { key } = await relay.client();
      const token = route.scheme === 'adminToken' ? ADMIN_TOKEN : key;
      const { status } = await knock(relay, route, { authorization: `Bearer ${token}` });
      expect({ route, status }).not.toMatchObject({ status: 401 });
      expect(status).toBeLessThan(500);
    }
  });

  it('begins with /v1, /api/v1 or /admin, and the public ones do not', async () => {
    const relay = await startRelay();
    for (const { path, scheme } of await routesOf(relay)) {
      const expected = path.startsWith('/admin/')
        ? 'adminToken'
        : /^\/(api\/)?v1\//.test(path)
          ? 'clientKey'
          : null;
      expect([path, scheme]).toEqual([path, expected]);
    }
  });
});

describe('what is not there', () => {
  it.each(['/v1/nothing', '/api/v1/nothing', '/admin/nothing', '/v1', '/admin'])(
    'is not told to strangers: %s',
    async (path) => {
      const relay = await startRelay();
      const headers = { 'cf-connecting-ip': someAddress() };
      expect((await relay.request(path, { headers })).status).toBe(401);
    },
  );

  it('is 404 elsewhere', async () => {
    const relay = await startRelay();
    const response = await relay.request('/nothing');
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });
});

describe("a client's key", () => {
  it('counts once where it is given twice alike, and not at all where the two differ', async () => {
    const relay = await startRelay();
    const { key } = await relay.client();
    const ask = async (...values: string[]) => {
      const headers = new Headers({ 'cf-connecting-ip': someAddress() });
      for (const value of values) headers.append('authorization', value);
      return (await relay.request('/v1/client', { headers })).status;
    };
    expect(await ask(`Bearer ${key}`, `Bearer ${key}`)).toBe(200);
    for (const other of ['Bearer rb_another', 'Basic YTpi', `bearer ${key}x`, 'Bearer']) {
      expect([other, await ask(`Bearer ${key}`, other), await ask(other, `Bearer ${key}`)]).toEqual([
        other,
        401,
        401,
      ]);
    }
  });

  it('is taken however its scheme is spelt', async () => {
    const relay = await startRelay();
    const { key } = await relay.client();
    for (const authorization of [`bearer ${key}`, `BEARER  ${key}`, ` Bearer ${key} `]) {
      expect((await relay.request('/v1/client', { headers: { authorization } })).status).toBe(200);
    }
  });

  it('stops at once when it is rotated, and the new one is taken', async () => {
    const relay = await startRelay();
    const { id, key } = await relay.client();
    const { body } = await relay.admin().post(`/admin/clients/${id}/rotate-key`);
    expect((await relay.as(key).get('/v1/client')).status).toBe(401);
    expect((await relay.as(body.key).get('/v1/client')).body).toMatchObject({ id });
  });

  it('stops at once when the client is revoked, and its tasks run to their end', async () => {
    const relay = await startRelay({ timeScale: 0.05 });
    const receiver = relay.receiver('hooks.example.com');
    const { id, key } = await relay.client();
    const task = video('a fox', { callback_url: 'https://hooks.example.com/42' });
    expect((await relay.as(key).post('/v1/tasks', task)).status).toBe(202);
    await relay.admin().delete(`/admin/clients/${id}`);
    expect((await relay.as(key).get('/v1/client')).status).toBe(401);
    expect((await relay.as(key).post('/v1/tasks', task)).status).toBe(401);
    await relay.tickUntil(async () => receiver.received.length > 0);
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({ type: 'task.succeeded' });
  });

  it('is kept as a hash only', async () => {
    const relay = await startRelay();
    const { id, key } = await relay.client();
    const stored = JSON.stringify(await relay.services.stores.clients.get(id));
    expect(stored).not.toContain(key);
    expect(stored).not.toContain(key.slice(3));
  });
});

describe("another client's task", () => {
  it.each([
    ['GET', '/v1/tasks/{id}'],
    ['GET', '/v1/tasks/{id}/attempts'],
    ['GET', '/v1/tasks/{id}/result'],
    ['POST', '/v1/tasks/{id}/cancel'],
    ['POST', '/v1/tasks/{id}/redeliver'],
    ['DELETE', '/v1/tasks/{id}'],
    ['GET', '/api/v1/jobs/recordInfo?taskId={id}'],
  ])('is as little there as one that never was: %s %s', async (method, path) => {
    const relay = await startRelay();
    const owner = relay.as((await relay.client()).key);
    const { key } = await relay.client();
    const { body: task } = await owner.post('/v1/tasks', video('[never]'));
    const ask = async (id: string) => {
      const init = { method, headers: { authorization: `Bearer ${key}` } };
      const response = await relay.request(path.replace('{id}', id), init);
      return { status: response.status, text: (await response.text()).replaceAll(id, 'ID') };
    };
    expect((await ask(task.id)).status).toBe(404);
    expect(await ask(task.id)).toEqual(await ask('task_00000000000000000000000000'));
    expect((await owner.get(`/v1/tasks/${task.id}`)).body.state).toBe('running');
  });

  it('is in no list of theirs, by whatever cursor', async () => {
    const relay = await startRelay();
    await relay.as((await relay.client()).key).post('/v1/tasks', video('[never]'));
    const other = relay.as((await relay.client()).key);
    for (const query of ['', '?state=running', '?cursor=task_zzzzzzzzzzzzzzzzzzzzzzzzzz']) {
      expect((await other.get(`/v1/tasks${query}`)).body).toEqual({ data: [], next_cursor: null });
    }
  });
});

describe('failed sign-ins', () => {
  it('are limited by address, and no other address is', async () => {
    const relay = await startRelay();
    const address = someAddress();
    const guess = async (i: number, from = address) =>
      (await relay.request('/v1/client', { headers: { ...bearer(`rb_${i}`), 'cf-connecting-ip': from } }))
        .status;
    const statuses: number[] = [];
    // Twice the limit and some: the limiter's minute may end in between.
    for (let i = 0; i < 250 && statuses.at(-1) !== 429; i++) statuses.push(await guess(i));
    expect(statuses.length).toBeGreaterThan(100);
    expect(new Set(statuses.slice(0, -1))).toEqual(new Set([401]));
    expect(statuses.at(-1)).toBe(429);
    expect(await guess(0, someAddress())).toBe(401);
  });

  it('above the limit are told when to come back, and clients with a key come in', async () => {
    const relay = await startRelay();
    const { key } = await relay.client();
    const full = { limit: async () => ({ success: false }) };
    const rates = { ...relay.services.rates, failedSignIn: full };
    const app = createApp({ ...relay.services, rates });
    const ask = async (path: string, token: string) => await app.request(path, { headers: bearer(token) });
    for (const path of ['/v1/client', '/admin/stats', '/api/v1/jobs/recordInfo']) {
      const answer = await ask(path, 'rb_guess');
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '60']);
    }
    expect(await (await ask('/v1/client', 'guess')).json()).toMatchObject({
      type: 'urn:problem-type:ringback:rate-limited',
      status: 429,
    });
    expect(await (await ask('/api/v1/jobs/recordInfo', 'guess')).json()).toMatchObject({
      code: 429,
      data: { retryAfter: 60 },
    });
    expect((await ask('/v1/client', key)).status).toBe(200);
  });

  it("above the limit as the operator make right ones of that address wait too, and no other's", async () => {
    const relay = await startRelay();
    const { key } = await relay.client();
    const [theirs, other] = [someAddress(), someAddress()];
    const isFull = { of: new Set<string>() };
    const failedSignIn = { limit: async ({ key: by }: { key: string }) => ({ success: !isFull.of.has(by) }) };
    const app = createApp({ ...relay.services, rates: { ...relay.services.rates, failedSignIn } });
    const ask = async (token: string, from: string, path = '/admin/stats') => {
      const headers = { ...bearer(token), 'cf-connecting-ip': from };
      const { status, headers: answered } = await app.request(path, { headers });
      return [status, answered.get('retry-after')];
    };
    expect(await ask('guess', theirs)).toEqual([401, null]);
    expect(await ask(ADMIN_TOKEN, theirs)).toEqual([200, null]);
    isFull.of.add(theirs);
    expect(await ask('guess', theirs)).toEqual([429, '60']);
    expect(await ask(ADMIN_TOKEN, theirs)).toEqual([429, '60']);
    expect(await ask(ADMIN_TOKEN, theirs, '/admin/clients')).toEqual([429, '60']);
    expect(await ask(ADMIN_TOKEN, other)).toEqual([200, null]);
    expect(await ask(key, theirs, '/v1/client')).toEqual([200, null]);
    relay.clock.advance(20_500);
    expect(await ask(ADMIN_TOKEN, theirs)).toEqual([429, '40']);
    relay.clock.advance(39_500);
    expect(await ask(ADMIN_TOKEN, theirs)).toEqual([200, null]);
  });

  it("of a client's key, however many, lock no operator of that address out", async () => {
    const relay = await startRelay();
    const failedSignIn = { limit: async () => ({ success: false }) };
    const app = createApp({ ...relay.services, rates: { ...relay.services.rates, failedSignIn } });
    const from = { 'cf-connecting-ip': '192.0.2.240' };
    expect((await app.request('/v1/client', { headers: { ...bearer('rb_old'), ...from } })).status).toBe(429);
    expect((await app.request('/admin/stats', { headers: { ...bearer(ADMIN_TOKEN), ...from } })).status).toBe(
      200,
    );
  });

  it('as the operator are limited in earnest, and of an IPv6 address by its network', async () => {
    const relay = await startRelay();
    const ask = async (token: string, from: string) =>
      (await relay.request('/admin/stats', { headers: { ...bearer(token), 'cf-connecting-ip': from } }))
        .status;
    let last = 0;
    for (let i = 0; i < 250 && last !== 429; i++) last = await ask('guess', `2001:db8:77::${i}`);
    expect(last).toBe(429);
    expect(await ask(ADMIN_TOKEN, '2001:db8:77::ffff')).toBe(429);
    expect(await ask(ADMIN_TOKEN, '2001:db8:78::1')).toBe(200);
  });

  it('are not counted where the sign-in succeeds', async () => {
    const relay = await startRelay();
    const { key } = await relay.client();
    const counted: string[] = [];
    const failedSignIn = {
      limit: async (options: { key: string }) => {
        counted.push(options.key);
        return { success: true };
      },
    };
    const app = createApp({ ...relay.services, rates: { ...relay.services.rates, failedSignIn } });
    const ask = async (token: string, address: string) =>
      await app.request('/v1/client', { headers: { ...bearer(token), 'cf-connecting-ip': address } });
    await ask(key, '192.0.2.250');
    await ask('rb_guess', '192.0.2.251');
    expect(counted).toEqual(['192.0.2.251']);
    // Whoever has one IPv6 address has 2^64 of them.
    counted.length = 0;
    for (const address of ['2001:db8::1', '2001:db8:0:0:ffff::2', '2001:db8:0:1::1', '::ffff:192.0.2.9']) {
      await ask('rb_guess', address);
    }
    expect(counted).toEqual(['2001:db8:0:0::/64', '2001:db8:0:0::/64', '2001:db8:0:1::/64', '192.0.2.9']);
  });

  it('limit no client that signs in as it should, at 100 requests a second', async () => {
    const relay = await startRelay();
    const { key } = await relay.client();
    const answers = await Promise.all(Array.from({ length: 200 }, () => relay.as(key).get('/v1/models')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });
});

const told = async (path: string, authorization: string | null) => {
  const relay = await startRelay();
  const headers = { 'cf-connecting-ip': someAddress(), ...(authorization === null ? {} : { authorization }) };
  const response = await relay.request(path, { headers });
  const body: Record<string, unknown> = await response.json();
  return { status: response.status, words: String(body['detail'] ?? body['msg']) };
};

describe('a 401 says which mistake it was', () => {
  it.each<[string, string | null, string]>([
    ['no header', null, 'There is no Authorization header.'],
    ['no Bearer', 'rb_key', 'does not begin with the word Bearer'],
    ['Bearer alone', 'Bearer ', 'no key follows'],
    ['Bearer twice', 'Bearer Bearer rb_key', 'Bearer twice'],
    ['Basic', 'Basic YTpi', 'is Basic'],
    ['two headers', 'Bearer a, Bearer b', 'given twice and differs'],
    ['a key of upstream', 'Bearer sk-1234567890', 'key of upstream'],
    ['the ADMIN_TOKEN', `Bearer ${ADMIN_TOKEN}`, 'This is the ADMIN_TOKEN'],
    ['a signing secret', 'Bearer whsec_abc', 'signing secret'],
    ['a variable', 'Bearer $KEY', 'was not filled in'],
    ['a variable of a no-code tool', 'Bearer {{key}}', 'was not filled in'],
    ['quotes', 'Bearer "rb_key"', 'stands in quotes'],
    ['half a key', 'Bearer rb_key', 'not copied whole'],
    ['a key that is none any more', `Bearer rb_${'a'.repeat(43)}`, 'No client has this key'],
    ['something else', 'Bearer hello', 'begin with rb_'],
  ])('to a client: %s', async (_, authorization, words) => {
    for (const path of ['/v1/client', '/api/v1/jobs/recordInfo?taskId=x']) {
      const answer = await told(path, authorization);
      expect([answer.status, answer.words]).toEqual([401, expect.stringContaining(words)]);
      expect(answer.words).toContain('Send Authorization: Bearer rb_…');
    }
  });

  it.each<[string, string | null, string]>([
    ['no header', null, 'There is no Authorization header.'],
    ['a key', `Bearer rb_${'a'.repeat(43)}`, "This is a client's key"],
    ['something else', 'Bearer hello', 'This is not the ADMIN_TOKEN'],
  ])('to an operator: %s', async (_, authorization, words) => {
    const answer = await told('/admin/stats', authorization);
    expect([answer.status, answer.words]).toEqual([401, expect.stringContaining(words)]);
    expect(answer.words).toContain('with the ADMIN_TOKEN');
  });

  it('and never shows what was sent', async () => {
    const { words } = await told('/v1/client', 'Bearer sk-0123456789abcdef');
    expect(words).not.toContain('0123456789abcdef');
  });
});
