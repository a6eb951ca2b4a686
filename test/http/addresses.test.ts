import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import worker from '../../src/index.ts';
import { plainPath } from '../../src/http/paths.ts';
import { ADMIN_TOKEN, RELAY, startRelay, video } from '../support/relay.ts';

async function start() {
  const relay = await startRelay({ timeScale: 0 });
  const { key, id } = await relay.client();
  return { relay, key, clientId: id, me: relay.as(key) };
}

/** The same path, as tools put it together from a base with a slash at its end. */
const spellings = (path: string) => [
  `${path}/`,
  `${path}//`,
  `/${path}`,
  `//${path}///`,
  path.replaceAll('/', '//'),
  `/./${path}/.`,
];

describe('a path with a slash at its end, or with doubled slashes,', () => {
  it.each([
    ['/', '/'],
    ['//', '/'],
    ['/v1/tasks', '/v1/tasks'],
    ['/v1/tasks/', '/v1/tasks'],
    ['//v1///tasks//', '/v1/tasks'],
    ['//evil.example.com/console', '/evil.example.com/console'],
  ])('%s is %s', (path, plain) => {
    expect(plainPath(path)).toBe(plain);
  });

  it('is the path without, with every method and behind the same sign-in', async () => {
    const { relay, key, clientId, me } = await start();
    const { body: posted } = await me.post('/v1/tasks', video('[never]'));
    const asked: [string, string, string, number][] = [
      ['GET', '/v1/tasks', key, 200],
      ['GET', `/v1/tasks/${posted.id}`, key, 200],
      ['HEAD', `/v1/tasks/${posted.id}`, key, 200],
      ['GET', `/v1/tasks/${posted.id}/attempts`, key, 200],
      ['POST', '/v1/tasks', key, 202],
      ['POST', '/v1/estimates', key, 200],
      ['POST', '/api/v1/jobs/createTask', key, 200],
      ['GET', `/api/v1/jobs/recordInfo?taskId=${posted.id}`, key, 200],
      ['DELETE', `/v1/tasks/${posted.id}`, key, 409],
      ['GET', '/admin/clients', ADMIN_TOKEN, 200],
      ['PATCH', `/admin/clients/${clientId}`, ADMIN_TOKEN, 422],
      ['GET', '/healthz', key, 200],
      ['GET', '/openapi.json', key, 200],
      ['GET', '/docs', key, 200],
    ];
    for (const [method, address, token, status] of asked) {
      const [path = '', query] = address.split('?');
      for (const spelt of spellings(path)) {
        const hasBody = method === 'POST' || method === 'PATCH';
        const ask = async (authorization: string) => {
          const headers = { authorization, ...(hasBody ? { 'content-type': 'application/json' } : {}) };
          const target = query === undefined ? spelt : `${spelt}?${query}`;
          const body = hasBody ? JSON.stringify(video()) : null;
          return await relay.request(target, { method, headers, body });
        };
        const isOpen = !/^\/(v1|admin|api)/.test(path);
        const statuses = [(await ask(`Bearer ${token}`)).status, (await ask('Bearer rb_nobody')).status];
        expect([method, spelt, ...statuses]).toEqual([method, spelt, status, isOpen ? status : 401]);
      }
    }
  });

  it('redirects nobody', async () => {
    const { relay } = await start();
    for (const path of [
      '//evil.example.com',
      '//evil.example.com/',
      '/\\evil.example.com/',
      '//evil.example.com/v1/tasks/',
    ]) {
      const response = await relay.request(path);
      expect([path, response.status, response.headers.get('location')]).toEqual([path, 404, null]);
    }
  });

  it('has an address in its answers that is the one without', async () => {
    const { me } = await start();
    const { body, headers } = await me.post('//v1/tasks/', video());
    expect(headers.get('location')).toBe(`/v1/tasks/${body.id}/result`);
  });
});

describe('an empty parameter of a query means that it is absent', () => {
  it.each([
    '?state=',
    '?limit=',
    '?cursor=',
    '?state=&limit=&cursor=',
    '?state=&state=',
    '?state',
    '?limit&cursor',
    '?',
    '?&&',
    '?=',
    '?limit=&limit=20',
    '?sate=',
  ])('%s in a list', async (query) => {
    const { relay, me } = await start();
    const { body: task } = await me.post('/v1/tasks', video());
    for (const [caller, path] of [
      [me, '/v1/tasks'],
      [relay.admin(), '/admin/tasks'],
    ] as const) {
      const { status, body } = await caller.get(path + query);
      expect([status, body.data?.[0]?.id]).toEqual([200, task.id]);
    }
  });

  it('in the log of attempts and in the list of clients', async () => {
    const { relay, me, clientId } = await start();
    const { body: task } = await me.post('/v1/tasks', video());
    expect((await me.get(`/v1/tasks/${task.id}/attempts?limit=&cursor=`)).body).toEqual({
      data: [],
      next_cursor: null,
    });
    expect((await relay.admin().get('/admin/clients?limit=&cursor=')).body.data[0].id).toBe(clientId);
  });

  it('and what is not empty still counts, and is still checked', async () => {
    const { me } = await start();
    const { body: task } = await me.post('/v1/tasks', video());
    expect((await me.get('/v1/tasks?state=running&limit=&cursor=')).body.data[0].id).toBe(task.id);
    expect((await me.get('/v1/tasks?state=failed&limit=')).body.data).toEqual([]);
    for (const query of ['?state=&limit=0', '?sate=running', '?state=%20', '?limit=1&limit=2&cursor=']) {
      expect([query, (await me.get(`/v1/tasks${query}`)).status]).toEqual([query, 422]);
    }
    const record = await me.get(`/api/v1/jobs/recordInfo?taskId=&taskId=${task.id}&verbose=`);
    expect(record).toMatchObject({ status: 200, body: { data: { taskId: task.id } } });
    expect(await me.get('/api/v1/jobs/recordInfo?taskId=')).toMatchObject({
      status: 422,
      body: { code: 422 },
    });
  });
});

const isEnvelope = (status: number) => ({
  status,
  type: 'application/json',
  body: { code: status, msg: expect.any(String) },
});

async function answerTo(address: string, init: RequestInit, relay: Awaited<ReturnType<typeof startRelay>>) {
  const response = await relay.request(address, init);
  const body: unknown = await response.json();
  return { status: response.status, type: response.headers.get('content-type'), body };
}

describe('below /api/ every answer is an envelope of upstream', () => {
  const NOWHERE: [string, string][] = [
    ['GET', '/api'],
    ['GET', '/api/'],
    ['GET', '/api/v1'],
    ['GET', '/api/v2/jobs/recordInfo'],
    ['GET', '/api/v1/jobs/createtask'],
    ['POST', '/api/v1/jobs/unknown'],
    ['GET', '/api/v1/jobs/createTask'],
    ['PUT', '/api/v1/jobs/createTask'],
    ['DELETE', '/api/v1/jobs/createTask'],
    ['PATCH', '/api/v1/jobs/createTask'],
    ['OPTIONS', '/api/v1/jobs/createTask'],
    ['POST', '/api/v1/jobs/recordInfo?taskId=x'],
    ['DELETE', '/api/v1/jobs/recordInfo?taskId=x'],
    ['GET', '//api//v1//nothing//'],
    ['GET', '/api/v1/%E0%A4%A'],
  ];

  it.each(NOWHERE)('404 at %s %s, and 401 before that without a key', async (method, address) => {
    const { relay, key } = await start();
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'text/plain' };
    expect(await answerTo(address, { method, headers }, relay)).toMatchObject(isEnvelope(404));
    expect(await answerTo(address, { method }, relay)).toMatchObject(isEnvelope(401));
    expect(
      await answerTo(address, { method, headers: { authorization: `Bearer ${ADMIN_TOKEN}` } }, relay),
    ).toMatchObject(isEnvelope(401));
  });

  it('400, 413, 415, 422 and 404 of a task', async () => {
    const { relay, key } = await start();
    const send = async (body: BodyInit, type = 'application/json', path = '/api/v1/jobs/createTask') => {
      const headers = { authorization: `Bearer ${key}`, 'content-type': type };
      return await answerTo(path, { method: 'POST', headers, body }, relay);
    };
    expect(await send('{')).toMatchObject(isEnvelope(400));
    expect(await send(new Uint8Array([0xff]))).toMatchObject(isEnvelope(400));
    expect(await send('{'.padEnd(300_000), undefined, '//api/v1/jobs/createTask/')).toMatchObject(
      isEnvelope(413),
    );
    expect(await send('{}', 'text/plain')).toMatchObject(isEnvelope(415));
    expect(await send('{}')).toMatchObject(isEnvelope(422));
    const headers = { authorization: `Bearer ${key}` };
    expect(await answerTo('/api/v1/jobs/recordInfo?taskId=task_0', { headers }, relay)).toMatchObject(
      isEnvelope(404),
    );
  });

  it('503 where the database does not answer', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const { relay, key } = await start();
    relay.restart({
      trouble: () => new Error('D1_ERROR: D1 DB is overloaded. Requests queued for too long.'),
    });
    const headers = { authorization: `Bearer ${key}` };
    expect(await answerTo('/api/v1/anything', { headers }, relay)).toMatchObject(isEnvelope(503));
  });

  it.each(['/api/v1/jobs/createTask', '/api', '//api/v1/x/', '/v1/tasks', '/healthz'])(
    '503 without a configuration, and a problem elsewhere: %s',
    async (path) => {
      const request = new Request<unknown, IncomingRequestCfProperties>(RELAY + path);
      const answer = await worker.fetch(request, { ...env, ADMIN_TOKEN: 'short' }, createExecutionContext());
      expect(answer.status).toBe(503);
      const isBelow = path.includes('/api');
      expect(answer.headers.get('content-type')).toBe(
        isBelow ? 'application/json' : 'application/problem+json',
      );
      const said = expect.stringContaining('ADMIN_TOKEN');
      expect(await answer.json()).toMatchObject(
        isBelow ? { code: 503, msg: said, data: null } : { status: 503, detail: said },
      );
    },
  );
});
