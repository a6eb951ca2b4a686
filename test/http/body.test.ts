import { describe, expect, it } from 'vitest';

import { ADMIN_TOKEN, startRelay, video } from '../support/relay.ts';

const KIB = 1_024;
const encoder = new TextEncoder();

describe('a body is read as JSON', () => {
  it.each([
    'application/json',
    'Application/JSON',
    'application/json;charset=utf-8',
    'application/json; charset="utf-8"',
    'application/json ; charset=utf-8',
    'application/json;',
    'application/vnd.api+json',
    'application/cloudevents1+json',
  ])('that comes as %s', async (type) => {
    const relay = await startRelay();
    const { key } = await relay.client();
    const answer = await relay.as(key).post('/v1/estimates', video(), { 'content-type': type });
    expect(answer).toMatchObject({ status: 200, body: { credits: 400 } });
  });

  it('up to 256 KiB of it', async () => {
    const relay = await startRelay();
    const { key } = await relay.client();
    const body = JSON.stringify(video());
    expect((await relay.as(key).post('/v1/estimates', body.padEnd(256 * KIB))).status).toBe(200);
  });
});

async function send(route: [string, string, string], type: string | null, body: string | ReadableStream) {
  const [method, path, who] = route;
  const relay = await startRelay();
  const { key } = await relay.client();
  const headers = new Headers({ authorization: `Bearer ${who === 'admin' ? ADMIN_TOKEN : key}` });
  if (type !== null) headers.set('content-type', type);
  const response = await relay.request(path, { method, headers, body });
  const answer: Record<string, unknown> = await response.json();
  return { status: response.status, body: answer, calls: relay.simulator.snapshot().calls.createTask };
}

describe('on every route that takes a body', () => {
  const routes: [string, string, string][] = [
    ['POST', '/v1/tasks', 'client'],
    ['POST', '/v1/estimates', 'client'],
    ['POST', '/api/v1/jobs/createTask', 'client'],
    ['POST', '/admin/clients', 'admin'],
    ['PATCH', '/admin/clients/client_1', 'admin'],
  ];

  describe.each(routes)('%s %s', (...route) => {
    const isEnvelope = route[1].startsWith('/api/');
    const refusal = (status: number) => ({
      status,
      body: isEnvelope ? { code: status, data: null } : { status },
      calls: {},
    });

    it.each(['', '{', "{'model':'x'}", '{"model":"x",}', 'model=x'])('400: %j is not JSON', async (body) => {
      expect(await send(route, 'application/json', body)).toMatchObject(refusal(400));
    });

    const takesForms = route[1] === '/v1/tasks';
    it.each([
      'text/plain',
      'text/json',
      ...(takesForms ? [] : ['application/x-www-form-urlencoded']),
      'multipart/form-data; boundary=x',
      'application/jsonp',
      'application/json-seq',
    ])('415: %s is not the content type of JSON', async (type) => {
      expect(await send(route, type, '{}')).toMatchObject(refusal(415));
    });

    it('415: nor is none at all', async () => {
      const body = new Blob([encoder.encode('{}')]).stream();
      expect(await send(route, null, body)).toMatchObject(refusal(415));
    });

    it('413: a body of more than 256 KiB, told before it is read', async () => {
      const body = '{'.padEnd(256 * KIB + 1);
      expect(await send(route, 'application/json', body)).toMatchObject(refusal(413));
    });

    it('413: or told only while it comes', async () => {
      const pages = Array.from({ length: 257 }, () => encoder.encode(' '.repeat(KIB)));
      const body = new ReadableStream({
        pull(controller) {
          const page = pages.pop();
          if (page === undefined) controller.close();
          else controller.enqueue(page);
        },
      });
      expect(await send(route, 'application/json', body)).toMatchObject(refusal(413));
    });
  });
});
