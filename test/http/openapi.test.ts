import { describe, expect, it } from 'vitest';

import { createApp } from '../../src/http/app.ts';
import { ADMIN_TOKEN, RELAY, startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';
import { deviations, schemaAt } from './json-schema.ts';
import type { Document, Operation } from './json-schema.ts';

const HOOK = 'https://hooks.example.com/42';
const START = '2026-11-22T15:00:00Z';

async function start() {
  const relay = await startRelay({ timeScale: 0 });
  const receiver = relay.receiver('hooks.example.com');
  const response = await relay.request('/openapi.json');
  const document: Document = await response.json();
  return { relay, receiver, document };
}

function operationAt(document: Document, route: string): Operation {
  const [method = '', path = ''] = route.split(' ');
  const operation = document.paths[path]?.[method.toLowerCase()];
  if (operation === undefined) throw new Error(`${route} is not in the document`);
  return operation;
}

const routesIn = (document: Document) =>
  Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );

describe('the document', () => {
  it('is OpenAPI 3.1, of this relay, and open to everybody', async () => {
    const { document } = await start();
    expect(document).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'Ringback', version: expect.stringMatching(/^\d+\.\d+\.\d+$/) },
      servers: [{ url: RELAY }],
    });
    expect(Object.keys(document.components.securitySchemes)).toEqual(['clientKey', 'adminToken']);
  });

  it('has every route of the relay, and no other', async () => {
    const { relay, document } = await start();
    const routed = createApp(relay.services)
      .routes.filter(({ method, path }) => method !== 'ALL' && !['/', '/openapi.json'].includes(path))
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    expect(routesIn(document).toSorted()).toEqual([...new Set(routed)].toSorted());
  });

  it('has the routes that clients and operators rely on', async () => {
    const { document } = await start();
    expect(routesIn(document)).toEqual(
      expect.arrayContaining([
        'POST /v1/tasks',
        'GET /v1/tasks',
        'GET /v1/tasks/{id}',
        'GET /v1/tasks/{id}/attempts',
        'GET /v1/tasks/{id}/result',
        'POST /v1/tasks/{id}/cancel',
        'POST /v1/tasks/{id}/redeliver',
        'GET /v1/models',
        'POST /v1/estimates',
        'POST /v1/callbacks/test',
        'POST /v1/redeliveries',
        'GET /v1/client',
        'POST /api/v1/jobs/createTask',
        'GET /api/v1/jobs/recordInfo',
        'POST /admin/clients',
        'GET /admin/clients',
        'GET /admin/clients/{id}',
        'PATCH /admin/clients/{id}',
        'DELETE /admin/clients/{id}',
        'POST /admin/clients/{id}/rotate-key',
        'POST /admin/clients/{id}/rotate-secret',
        'GET /admin/stats',
        'GET /admin/tasks',
        'GET /healthz',
      ]),
    );
  });

  it('says of every route what it is, who may call it, and how it refuses', async () => {
    const { document } = await start();
    const ids = new Set<string>();
    for (const route of routesIn(document)) {
      const { operationId, summary, security, responses, requestBody } = operationAt(document, route);
      ids.add(operationId);
      expect([route, summary]).toEqual([route, expect.stringMatching(/\w/)]);
      expect([route, security]).toEqual([route, expect.any(Array)]);
      const needed = [
        ...(security.length > 0 ? ['401'] : []),
        ...(requestBody ? ['400', '413', '415', '422'] : []),
      ];
      expect([route, Object.keys(responses)]).toEqual([route, expect.arrayContaining(needed)]);
      const isDropIn = route.includes(' /api/v1/');
      for (const [status, { content = {} }] of Object.entries(responses).filter(([code]) => code >= '400')) {
        const type = isDropIn || route.includes('/healthz') ? 'application/json' : 'application/problem+json';
        expect([route, status, Object.keys(content)]).toEqual([route, status, [type]]);
      }
    }
    expect(ids.size).toBe(routesIn(document).length);
  });

  it('has no reference that leads nowhere', async () => {
    const { document } = await start();
    const refs = Array.from(JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g), ([, ref = '']) => ref);
    expect(refs.length).toBeGreaterThan(50);
    for (const ref of new Set(refs)) expect(() => schemaAt(document, ref)).not.toThrow();
  });
});

describe('the examples of the document are taken by the relay:', () => {
  it.each([
    ['POST /v1/tasks', 202],
    ['POST /v1/estimates', 200],
    ['POST /v1/callbacks/test', 200],
    ['POST /v1/redeliveries', 202],
    ['POST /api/v1/jobs/createTask', 200],
    ['POST /admin/clients', 201],
    ['PATCH /admin/clients/{id}', 200],
  ])('%s', async (route, status) => {
    const { relay, document } = await start();
    const { id, key } = await relay.client();
    const [method = '', path = ''] = route.replace('{id}', id).split(' ');
    const { $ref = '' } = operationAt(document, route).requestBody?.content['application/json']?.schema ?? {};
    const { example } = schemaAt(document, $ref);
    expect(example).toBeDefined();
    expect(deviations(document, { $ref }, example)).toEqual([]);
    const token = path.startsWith('/admin') ? ADMIN_TOKEN : key;
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await relay.request(path, { method, headers, body: JSON.stringify(example) });
    expect(answer.status).toBe(status);
  });

  it('each has one', async () => {
    const { document } = await start();
    const withBody = routesIn(document).filter(
      (route) => operationAt(document, route).requestBody !== undefined,
    );
    for (const route of withBody) {
      const { $ref = '' } =
        operationAt(document, route).requestBody?.content['application/json']?.schema ?? {};
      expect([route, schemaAt(document, $ref).example]).toEqual([route, expect.anything()]);
    }
  });
});

/** Asks, and says where the answer is not what the document says of it. */
async function checked(relay: Relay, document: Document, route: string, ask: Ask) {
  const [method = '', template = ''] = route.split(' ');
  const path = template.replace('{id}', ask.id ?? '') + (ask.query ?? '');
  const response = await relay.request(path, {
    method,
    headers: { authorization: `Bearer ${ask.token}`, 'content-type': 'application/json', ...ask.headers },
    ...(ask.body === undefined ? {} : { body: JSON.stringify(ask.body) }),
  });
  const text = await response.text();
  const described = operationAt(document, route).responses[String(response.status)];
  const type = response.headers.get('content-type');
  const schema = described?.content?.[type ?? '']?.schema;
  const found =
    described === undefined
      ? ['the status is not in the document']
      : schema === undefined
        ? text === '' && described.content === undefined
          ? []
          : [`the content type ${type} is not in the document`]
        : deviations(document, schema, JSON.parse(text));
  return { route, status: response.status, found };
}

interface Ask {
  readonly token: string;
  readonly id?: string;
  readonly query?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

describe('every answer is what the document says', () => {
  it('of tasks in every state', async () => {
    const { relay, document } = await start();
    const { key: token } = await relay.client();
    const me = relay.as(token);
    const extra = { callback_url: HOOK, metadata: { row: '42', n: 1, yes: true, no: null } };
    const ended = (await me.post('/v1/tasks', video('a fox', extra))).body.id;
    const failed = (await me.post('/v1/tasks', video('[fail]'))).body.id;
    const running = (await me.post('/v1/tasks', video('[never]', extra))).body.id;
    await relay.tickUntil(async () => (await me.get(`/v1/tasks/${ended}`)).body.state === 'succeeded');
    const asks: [string, number, Ask][] = [
      ['POST /v1/tasks', 202, { token, body: video('[never]'), headers: { 'Idempotency-Key': 'a' } }],
      ['POST /v1/tasks', 200, { token, body: video('[never]'), headers: { 'Idempotency-Key': 'a' } }],
      ['POST /v1/tasks', 409, { token, body: video('other'), headers: { 'Idempotency-Key': 'a' } }],
      ['POST /v1/tasks', 422, { token, body: {} }],
      ['POST /v1/tasks', 415, { token, body: {}, headers: { 'content-type': 'text/plain' } }],
      ['POST /v1/tasks', 401, { token: 'nobody', body: {} }],
      ['GET /v1/tasks', 200, { token }],
      ['GET /v1/tasks', 422, { token, query: '?limit=0' }],
      ['GET /v1/tasks/{id}', 200, { token, id: ended }],
      ['GET /v1/tasks/{id}', 200, { token, id: failed }],
      ['GET /v1/tasks/{id}', 404, { token, id: 'task_0' }],
      ['GET /v1/tasks/{id}/attempts', 200, { token, id: ended }],
      ['GET /v1/tasks/{id}/result', 200, { token, id: ended }],
      ['GET /v1/tasks/{id}/result', 202, { token, id: running }],
      ['POST /v1/tasks/{id}/redeliver', 202, { token, id: ended }],
      ['POST /v1/tasks/{id}/redeliver', 409, { token, id: running }],
      ['POST /v1/tasks/{id}/cancel', 200, { token, id: running }],
      ['POST /v1/tasks/{id}/cancel', 409, { token, id: ended }],
      ['GET /v1/models', 200, { token }],
      ['POST /v1/estimates', 200, { token, body: video() }],
      ['POST /v1/callbacks/test', 200, { token, body: { url: HOOK } }],
      ['POST /v1/callbacks/test', 200, { token, body: { url: 'https://127.0.0.1/' } }],
      ['POST /v1/callbacks/test', 422, { token, body: { url: 'hooks' } }],
      ['POST /v1/callbacks/test', 401, { token: 'nobody', body: { url: HOOK } }],
      ['POST /v1/redeliveries', 202, { token, body: { since: START, callback_state: 'failed' } }],
      ['POST /v1/redeliveries', 422, { token, body: {} }],
      ['POST /v1/redeliveries', 415, { token, body: {}, headers: { 'content-type': 'text/plain' } }],
      ['POST /v1/redeliveries', 401, { token: 'nobody', body: {} }],
      ['GET /v1/client', 200, { token }],
      ['POST /api/v1/jobs/createTask', 200, { token, body: video() }],
      ['POST /api/v1/jobs/createTask', 422, { token, body: {} }],
      ['GET /api/v1/jobs/recordInfo', 200, { token, query: `?taskId=${ended}` }],
      ['GET /api/v1/jobs/recordInfo', 200, { token, query: `?taskId=${failed}` }],
      ['GET /api/v1/jobs/recordInfo', 404, { token, query: '?taskId=x' }],
      ['GET /api/v1/jobs/recordInfo', 401, { token: 'nobody', query: '?taskId=x' }],
    ];
    for (const [route, status, ask] of asks) {
      expect(await checked(relay, document, route, ask)).toEqual({ route, status, found: [] });
    }
  });

  it('of what operators see', async () => {
    const { relay, document } = await start();
    const { id, key } = await relay.client({ max_active_tasks: 5 });
    const token = ADMIN_TOKEN;
    const stats = () => checked(relay, document, 'GET /admin/stats', { token });
    expect(await stats()).toMatchObject({ status: 200, found: [] });
    await relay.as(key).post('/v1/tasks', video('a fox', { callback_url: HOOK }));
    await relay.tick();
    expect(await stats()).toMatchObject({ status: 200, found: [] });
    const asks: [string, number, Ask][] = [
      ['GET /healthz', 200, { token: '' }],
      ['GET /admin/tasks', 200, { token }],
      ['GET /admin/stats', 401, { token: 'nobody' }],
      ['POST /admin/clients', 201, { token, body: { name: 'x' } }],
      ['POST /admin/clients', 201, { token, body: { name: 'x', callback_jwt: true } }],
      ['POST /admin/clients', 422, { token, body: {} }],
      ['PATCH /admin/clients/{id}', 200, { token, id, body: { failure_callback_url: HOOK } }],
      ['PATCH /admin/clients/{id}', 422, { token, id, body: { failure_callback_url: 'hooks' } }],
      ['GET /admin/clients', 200, { token }],
      ['GET /admin/clients/{id}', 200, { token, id }],
      ['GET /admin/clients/{id}', 404, { token, id: 'client_0' }],
      ['PATCH /admin/clients/{id}', 200, { token, id, body: { name: 'y' } }],
      ['POST /admin/clients/{id}/rotate-key', 200, { token, id }],
      ['POST /admin/clients/{id}/rotate-secret', 200, { token, id }],
      ['DELETE /admin/clients/{id}', 204, { token, id }],
      ['POST /admin/clients/{id}/rotate-key', 409, { token, id }],
    ];
    for (const [route, status, ask] of asks) {
      expect(await checked(relay, document, route, ask)).toEqual({ route, status, found: [] });
    }
    await relay.as((await relay.client()).key).post('/v1/tasks', video('[never]'));
    relay.clock.advance(600_000);
    expect(await checked(relay, document, 'GET /healthz', { token: '' })).toMatchObject({
      status: 503,
      found: [],
    });
  });

  it.each([
    ['task.ended', '/v1/tasks', 'callback_url', 'a fox'],
    ['task.ended', '/v1/tasks', 'callback_url', '[fail]'],
    ['dropIn.ended', '/api/v1/jobs/createTask', 'callBackUrl', 'a fox'],
    ['dropIn.ended', '/api/v1/jobs/createTask', 'callBackUrl', '[fail]'],
  ])('of the webhook %s, from %s', async (webhook, path, field, prompt) => {
    const { relay, receiver, document } = await start();
    const { key } = await relay.client();
    await relay.as(key).post(path, video(prompt, { [field]: HOOK }));
    await relay.tick();
    const schema = document.webhooks[webhook]?.['post']?.requestBody?.content['application/json']?.schema;
    expect(receiver.received).toHaveLength(1);
    expect(deviations(document, schema ?? {}, JSON.parse(receiver.received[0]?.body ?? ''))).toEqual([]);
    expect(schema?.$ref).toBeDefined();
  });
});
