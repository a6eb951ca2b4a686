import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

const MODEL = video().model;
const nested = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth);

async function post(body: string, path = '/v1/tasks') {
  const relay = await startRelay();
  const { key } = await relay.client();
  const response = await relay.request(path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body,
  });
  const text = await response.text();
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into bodies of every shape
  const answer: any = JSON.parse(text);
  return { relay, status: response.status, size: text.length, body: answer };
}

const twoCallbacks = (first: string, last: string) =>
  `{"model":"${MODEL}","input":{},"callback_url":"${first}","callback_url":"${last}"}`;

describe('a body that is made to break its reader', () => {
  it.each([
    ['1,000 lists in lists', nested(1_000, '[', ']'), 422],
    ['120,000 lists in lists', nested(120_000, '[', ']'), 400],
    ['30,000 objects in objects', `${'{"a":'.repeat(30_000)}1${'}'.repeat(30_000)}`, 400],
    [
      'lists in lists inside of metadata',
      `{"model":"${MODEL}","input":{},"metadata":{"a":${nested(1_000, '[', ']')}}}`,
      422,
    ],
    ['120,000 numbers', `[${'1,'.repeat(120_000)}1]`, 422],
    ['a number beyond all numbers', `{"model":"${MODEL}","input":{},"metadata":{"a":1e999}}`, 422],
    ['UTF-16', Array.from('{"model":1}').join('\0'), 400],
    ['prototype by name', `{"model":"${MODEL}","input":{"__proto__":{"prompt":"x"}}}`, 422],
    [
      'prototype by an escaped name',
      `{"model":"${MODEL}","input":{},"metadata":{"\\u005f_proto__":"x"}}`,
      422,
    ],
    ['prototype of the body', `{"__proto__":{"model":"${MODEL}"},"input":{}}`, 422],
    [
      'constructor and prototype',
      `{"model":"${MODEL}","input":{},"metadata":{"constructor":{"prototype":{"x":1}}}}`,
      422,
    ],
    [
      'prototype as a header',
      `{"model":"${MODEL}","input":{},"callback_url":"https://a.example/","callback_headers":{"__proto__":"x"}}`,
      422,
    ],
  ])('%s: is refused in a few words', async (_what, body, status) => {
    const answer = await post(body);
    expect([answer.status, answer.body.status]).toEqual([status, status]);
    expect(answer.size).toBeLessThan(2_000);
    expect(answer.relay.simulator.snapshot().tasks).toEqual([]);
  });

  it.each([
    [
      '30,000 unknown fields',
      `{"model":"${MODEL}","input":{${Array.from({ length: 30_000 }, (_, i) => `"${i.toString(36)}":1`).join(',')}}}`,
    ],
    [
      '60,000 URLs that are none',
      `{"model":"${MODEL}","input":{"reference_image_urls":[${'"x",'.repeat(60_000)}"x"]}}`,
    ],
    ['a field with a name of 200 KB', `{"model":"${MODEL}","input":{"${'x'.repeat(200_000)}":1}}`],
  ])('%s: the answer names the first hundred, and is no larger than the question', async (_what, body) => {
    const { status, size, body: problem } = await post(body);
    expect(status).toBe(422);
    expect(problem.errors.length).toBeLessThanOrEqual(100);
    expect(size).toBeLessThan(30_000);
  });

  it('with a key twice is taken as its last value says, by the check as by the call', async () => {
    expect((await post(twoCallbacks('https://a.example/', 'https://127.0.0.1/'))).status).toBe(422);
    const taken = await post(twoCallbacks('https://127.0.0.1/', 'https://a.example/'));
    expect([taken.status, taken.body.callback.url]).toEqual([202, 'https://a.example/']);
  });

  it('with names of JavaScript in metadata and headers is taken as the words that they are', async () => {
    const metadata = {
      constructor: 'x',
      toString: 1,
      hasOwnProperty: null,
      '': true,
      '\ud800': '\udfff',
      'a\0': 'b\0',
    };
    const headers = { constructor: 'x', hasOwnProperty: 'y' };
    const relay = await startRelay({ timeScale: 0 });
    const receiver = relay.receiver('hooks.example.com');
    const me = relay.as((await relay.client()).key);
    const callback = { callback_url: 'https://hooks.example.com/1', callback_headers: headers, metadata };
    const { body } = await me.post('/v1/tasks', video('', callback));
    await relay.tick();
    expect((await me.get(`/v1/tasks/${body.id}`)).body.metadata).toEqual(metadata);
    expect(receiver.received[0]?.headers).toMatchObject({ constructor: 'x', hasownproperty: 'y' });
    expect(JSON.parse(receiver.received[0]?.body ?? '').metadata).toEqual(metadata);
  });
});

describe('a name of a client', () => {
  it.each(['a\u0000b', 'a\ud800b', 'line\nbreak', 'abc\u202egpj.exe', '\u001b[31mred'])(
    'is not %j',
    async (name) => {
      const relay = await startRelay();
      const answer = await relay.admin().post('/admin/clients', { name });
      expect(answer).toMatchObject({
        status: 422,
        body: { errors: [{ path: 'name', message: 'must be printable text' }] },
      });
    },
  );

  it.each(['Zapier, Büro 3 😀', '<script>alert(1)</script>', "'; drop table clients; --"])(
    'is %j',
    async (name) => {
      const relay = await startRelay();
      const { body } = await relay.admin().post('/admin/clients', { name });
      expect((await relay.admin().get(`/admin/clients/${body.id}`)).body.name).toBe(name);
    },
  );
});

/** The client's routes that take an id, from the document. */
async function routesWithId(relay: Relay): Promise<[string, string][]> {
  const response = await relay.request('/openapi.json');
  const { paths }: { paths: Record<string, object> } = await response.json();
  return Object.entries(paths).flatMap(([path, operations]) =>
    path.startsWith('/v1/') && path.includes('{')
      ? Object.keys(operations).map((method): [string, string] => [method.toUpperCase(), path])
      : [],
  );
}

describe('every route of the OpenAPI document', () => {
  it("knows nothing of another client's task, whatever became of it", async () => {
    const relay = await startRelay({ timeScale: 0, vars: { TICK_SECONDS: '5' } });
    relay.receiver('hooks.example.com', [{ status: 500 }]);
    const owner = relay.as((await relay.client()).key);
    const { key } = await relay.client();
    const hook = { callback_url: 'https://hooks.example.com/1' };
    const ended = (await owner.post('/v1/tasks', video('', hook))).body.id;
    await relay.tick();
    const running = (await owner.post('/v1/tasks', video('[never]', hook))).body.id;
    const before = await Promise.all([ended, running].map((id) => owner.get(`/v1/tasks/${id}`)));
    const routes = await routesWithId(relay);
    expect(routes.length).toBeGreaterThanOrEqual(6);
    for (const id of [ended, running]) {
      for (const [method, path] of routes) {
        const headers = { authorization: `Bearer ${key}` };
        const response = await relay.request(path.replace(/\{\w+\}/, id), { method, headers });
        expect([method, path, response.status]).toEqual([method, path, 404]);
      }
      const dropIn = await relay.as(key).get(`/api/v1/jobs/recordInfo?taskId=${id}`);
      expect(dropIn).toMatchObject({ status: 404, body: { code: 404 } });
    }
    const after = await Promise.all([ended, running].map((id) => owner.get(`/v1/tasks/${id}`)));
    expect(after.map(({ body }) => body)).toEqual(before.map(({ body }) => body));
  });

  it("leaves another client's failed callbacks alone, and its idempotency keys", async () => {
    const relay = await startRelay({ timeScale: 0, vars: { TICK_SECONDS: '5' } });
    relay.receiver('hooks.example.com', [{ status: 410 }]);
    const owner = relay.as((await relay.client()).key);
    const other = relay.as((await relay.client()).key);
    const hook = { callback_url: 'https://hooks.example.com/1' };
    const { body } = await owner.post('/v1/tasks', video('', hook), { 'idempotency-key': 'row-1' });
    await relay.tick();
    const replay = await other.post('/v1/redeliveries', {
      since: '2020-01-01T00:00:00Z',
      callback_state: 'failed',
    });
    expect(replay.body.redelivered).toBe(0);
    const same = await other.post('/v1/tasks', video('', hook), { 'idempotency-key': 'row-1' });
    expect([same.status, same.body.id === body.id]).toEqual([202, false]);
  });

  it('answers with the headers that keep a browser from running, framing or keeping it', async () => {
    const relay = await startRelay();
    const { key } = await relay.client();
    const headers = { authorization: `Bearer ${key}` };
    for (const path of [
      '/openapi.json',
      '/healthz',
      '/nothing',
      '/v1/client',
      '/v1/tasks/x',
      '/admin/stats',
    ]) {
      const response = await relay.request(path, { headers });
      expect([path, Object.fromEntries(response.headers)]).toMatchObject([
        path,
        {
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
          'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
          'x-frame-options': 'DENY',
          'strict-transport-security': expect.stringContaining('max-age='),
        },
      ]);
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
      expect(response.headers.get('set-cookie')).toBeNull();
      expect(response.headers.get('cache-control')).toBe('no-store');
    }
  });
});

describe('no secret', () => {
  const lines: string[] = [];
  beforeEach(() => {
    lines.length = 0;
    for (const level of ['log', 'warn', 'error', 'info', 'debug'] as const) {
      vi.spyOn(console, level).mockImplementation(
        (...words: unknown[]) => void lines.push(words.map(String).join(' ')),
      );
    }
  });

  it('is in the database, in a log, in an error or in the attempt log, after a day of everything that goes wrong', async () => {
    const operatorKey = 'sk-sandbox-enterprise';
    const ownKey = 'sk-sandbox-pro';
    const header = 'caller-header-secret-value';
    const relay = await startRelay({
      timeScale: 0.05,
      vars: { TICK_SECONDS: '5', RETRY_DELAYS_SECONDS: '0,0' },
    });
    const client = await relay.client({ upstream_api_key: ownKey, callback_jwt: true });
    const plain = await relay.client();
    const rotated = (await relay.admin().post(`/admin/clients/${client.id}/rotate-secret`)).body
      .signing_secret;
    const me = relay.as(client.key);
    const hook = {
      callback_url: 'https://hooks.example.com/1',
      callback_headers: { 'X-Api-Key': header },
    };
    relay.receiver('hooks.example.com', [
      { status: 500, body: `header ${header}` },
      { status: 302, headers: { location: `https://x.example/?k=${header}` } },
      'reset',
    ]);
    const answers: string[] = [];
    const keep = (answer: { body: unknown }) => void answers.push(JSON.stringify(answer.body));
    for (const status of [400, 401, 402, 409, 422, 429, 500] as const) {
      await relay.fault({
        key: ownKey,
        kind: 'status',
        endpoint: 'createTask',
        status,
        message: `bad key ${ownKey}`,
      });
      keep(await me.post('/v1/tasks', video('a fox', hook)));
    }
    keep(await relay.as(plain.key).post('/v1/tasks', video('[fail]', hook)));
    keep(await me.post('/v1/tasks', video('a fox', { ...hook, callback_headers: { 'X-A': `${header}\n` } })));
    keep(await relay.as(`${client.key}x`).get('/v1/client'));
    keep(
      await me.post('/v1/callbacks/test', {
        url: 'https://hooks.example.com/1',
        headers: { 'X-Api-Key': header },
      }),
    );
    for (let i = 0; i < 5; i++) {
      await relay.tick();
      relay.clock.advance(60_000);
    }
    relay.restart({
      trouble: (name) => (name.startsWith('select') ? new Error('D1_ERROR: no such table') : null),
    });
    keep(await me.get('/v1/tasks'));
    relay.restart();
    const { data } = (await me.get('/v1/tasks')).body;
    for (const { id } of data) keep(await me.get(`/v1/tasks/${id}/attempts`));
    keep(await me.get('/v1/tasks'));
    keep(await relay.admin().get('/admin/clients'));
    keep(await relay.admin().get('/admin/tasks'));

    const { results: tables } = await env.DB.prepare(
      `select name from sqlite_master where type = 'table' and name not like '\\_cf%' escape '\\'`,
    ).all<{ name: string }>();
    const stored = await Promise.all(
      tables.map(async ({ name }) =>
        JSON.stringify((await env.DB.prepare(`select * from "${name}"`).all()).results),
      ),
    );
    expect(stored.join('')).toContain('attempts');
    expect(lines.length).toBeGreaterThan(5);
    const secrets = {
      'the operator key': operatorKey,
      "the client's upstream key": ownKey,
      "the client's key": client.key,
      'a signing secret': client.signing_secret,
      'the key in a signing secret': client.signing_secret.slice('whsec_'.length),
      'the rotated secret': rotated,
      'a callback header': header,
      'the admin token': env.ADMIN_TOKEN,
      'the master key': env.MASTER_KEY,
    };
    for (const [what, secret] of Object.entries(secrets)) {
      expect([what, 'database', stored.filter((text) => text.includes(secret))]).toEqual([
        what,
        'database',
        [],
      ]);
      expect([what, 'logs', lines.filter((line) => line.includes(secret))]).toEqual([what, 'logs', []]);
      expect([what, 'answers', answers.filter((text) => text.includes(secret))]).toEqual([
        what,
        'answers',
        [],
      ]);
    }
  });

  it('is in a log line, and each line is one JSON object with level and message', async () => {
    const relay = await startRelay({ timeScale: 0 });
    const { id, key } = await relay.client();
    relay.receiver('hooks.example.com', [{ status: 410 }]);
    const { body } = await relay
      .as(key)
      .post('/v1/tasks', video('', { callback_url: 'https://hooks.example.com/s3cret' }));
    await relay.tick();
    const parsed = lines.map((line): Record<string, unknown> => JSON.parse(line));
    for (const line of parsed)
      expect(line).toMatchObject({ level: expect.any(String), message: expect.any(String) });
    expect(parsed).toContainEqual(
      expect.objectContaining({
        level: 'warning',
        task_id: body.id,
        client_id: id,
        outcome: 'stopped',
        status: 410,
      }),
    );
    expect(lines.join('')).not.toContain('s3cret');
  });
});
