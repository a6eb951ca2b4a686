import { describe, expect, it } from 'vitest';

import { createApp } from '../../src/http/app.ts';
import { ADMIN_TOKEN, RELAY, startRelay } from '../support/relay.ts';
import { exampleOf, operationAt, routesIn } from './answers.ts';
import { deviations, schemaAt } from './json-schema.ts';
import type { Document } from './json-schema.ts';

/** What has a description of its own, or is one. */
const OTHERS = new Set(['/', '/openapi.json', '/mcp', '/connectors/power-automate.json']);

async function start() {
  const relay = await startRelay({ timeScale: 0 });
  relay.receiver('hooks.example.com');
  const response = await relay.request('/openapi.json');
  const document: Document = await response.json();
  return { relay, document };
}

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

  it('names the address that it is asked at, whichever it was asked at before', async () => {
    const { relay } = await start();
    const app = createApp(relay.services);
    const other = 'https://videos.example.com';
    for (const origin of [other, RELAY, other]) {
      const answer = await app.request(`${origin}/openapi.json`);
      expect(await answer.json()).toMatchObject({ servers: [{ url: origin }] });
    }
  });

  it('has every route of Ringback, and no other', async () => {
    const { relay, document } = await start();
    // Browsers ask with OPTIONS before they send headers of their own, nobody else does.
    const unasked = new Set(['ALL', 'OPTIONS']);
    const routed = createApp(relay.services)
      .routes.filter(({ method, path }) => !unasked.has(method) && !OTHERS.has(path))
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
        const types = [isDropIn ? 'application/json' : 'application/problem+json'];
        // The uptime check has words of its own; a relay without its configuration answers everything alike.
        if (route === 'GET /healthz' && status === '503') types.unshift('application/json');
        expect([route, status, Object.keys(content)]).toEqual([route, status, types]);
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

describe('the examples of the document are taken by Ringback:', () => {
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
    const schema = operationAt(document, route).requestBody?.content['application/json']?.schema;
    const example = exampleOf(document, route);
    expect(example).toBeDefined();
    expect(deviations(document, schema ?? {}, example)).toEqual([]);
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
    for (const route of withBody)
      expect([route, exampleOf(document, route)]).toEqual([route, expect.anything()]);
  });
});
