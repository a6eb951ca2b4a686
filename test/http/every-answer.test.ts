import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import worker from '../../src/index.ts';
import { ADMIN_TOKEN, RELAY, startRelay, video } from '../support/relay.ts';
import { checked, operationAt, routesIn } from './answers.ts';
import type { Ask } from './answers.ts';
import { deviations } from './json-schema.ts';
import type { Document } from './json-schema.ts';
import { askFor, setStage } from './ways.ts';

const HOOK = 'https://hooks.example.com/42';
const MAX_MS = 60_000;

async function start(options: { vars?: Record<string, string> } = {}) {
  const relay = await startRelay({ timeScale: 0, ...options });
  const document: Document = await (await relay.request('/openapi.json')).json();
  return { relay, document };
}

/** What changes the stage comes after what does not, and the broken database last. */
function order(status: number): number {
  return status === 503 ? 2 : Number(status < 300);
}

// What is logged here is no news.
beforeEach(() => {
  for (const how of ['log', 'error'] as const) vi.spyOn(console, how).mockImplementation(() => undefined);
});

it('notices a value that is none of its schema: a type, a format, a key that is missing or one too many', async () => {
  const { document } = await start();
  const faults = (value: unknown) => deviations(document, { $ref: '#/components/schemas/Attempt' }, value);
  const at = '2026-11-22T15:00:00.000Z';
  const attempt = { number: 1, at, status: null, duration_ms: 5, outcome: 'retry', detail: '' };
  const next_attempt_at = at;
  expect(faults({ ...attempt, next_attempt_at })).toEqual([]);
  expect(faults(attempt)).not.toEqual([]);
  for (const wrong of [{ number: '1' }, { at: 'today' }, { outcome: 'lost' }, { more: 1 }])
    expect(faults({ ...attempt, next_attempt_at, ...wrong })).not.toEqual([]);
});

describe('every answer is what the document says:', () => {
  it(
    'of each operation with each of its statuses, none of which cannot be brought about',
    async () => {
      const { document } = await start();
      const wrong: unknown[] = [];
      let count = 0;
      for (const route of routesIn(document)) {
        const stage = await setStage();
        const statuses = Object.keys(operationAt(document, route).responses).map(Number);
        for (const status of statuses.toSorted((a, b) => order(a) - order(b))) {
          const answer = await checked(stage.relay, document, route, await askFor(stage, route, status));
          if (answer.status !== status || answer.found.length > 0) wrong.push({ wanted: status, ...answer });
          count++;
        }
      }
      expect(wrong).toEqual([]);
      expect(count).toBeGreaterThan(130);
    },
    MAX_MS,
  );

  it('of tasks in every state', async () => {
    const { relay, document } = await start();
    relay.receiver('hooks.example.com', [{ status: 410 }]);
    const { key: token } = await relay.client({ max_active_tasks: 1 });
    const me = relay.as(token);
    const extra = { callback_url: HOOK, metadata: { row: '42', n: 1, yes: true, no: null } };
    const posted: string[] = [];
    for (const prompt of ['a fox', '[fail]', '[never]', 'waits']) {
      posted.push((await me.post('/v1/tasks', video(prompt, extra))).body.id);
      if (prompt !== '[never]') await relay.tick();
    }
    const canceled = (await me.post('/v1/tasks', video())).body.id;
    await me.post(`/v1/tasks/${canceled}/cancel`);
    const states = new Set<string>();
    for (const id of [...posted, canceled]) {
      states.add((await me.get(`/v1/tasks/${id}`)).body.state);
      const paths = ['', '/result', '/attempts'].map((path) => `GET /v1/tasks/{id}${path}`);
      for (const route of paths)
        expect(await checked(relay, document, route, { token, id })).toMatchObject({ found: [] });
      const record = { token, query: `?taskId=${id}` };
      expect(await checked(relay, document, 'GET /api/v1/jobs/recordInfo', record)).toMatchObject({
        found: [],
      });
    }
    expect([...states].toSorted()).toEqual(['canceled', 'failed', 'queued', 'running', 'succeeded']);
    expect(await checked(relay, document, 'GET /v1/tasks', { token })).toMatchObject({ found: [] });
    expect(await checked(relay, document, 'GET /v1/client', { token })).toMatchObject({ found: [] });
  });

  it.each<[string, number, Ask]>([
    ['POST /v1/callbacks/test', 200, { body: { url: 'https://127.0.0.1/' } }],
    ['POST /v1/callbacks/test', 200, { body: { url: 'https://nobody.example.com/' } }],
    ['POST /v1/tasks', 202, { body: video('[slow:30]'), headers: { Prefer: 'wait=1' } }],
    ['POST /admin/clients', 201, { token: ADMIN_TOKEN, body: { name: 'x', callback_jwt: true } }],
    ['GET /admin/stats', 200, { token: ADMIN_TOKEN }],
  ])('of %s, asked in other ways', async (route, status, ask) => {
    const { relay, document } = await start();
    const { key } = await relay.client();
    await relay.tick();
    expect(await checked(relay, document, route, { token: key, ...ask })).toEqual({
      route,
      status,
      found: [],
    });
  });

  it('of the uptime check: no cron, and no configuration', async () => {
    const { relay, document } = await start();
    await relay.as((await relay.client()).key).post('/v1/tasks', video('[never]'));
    relay.clock.advance(600_000);
    const route = 'GET /healthz';
    expect(await checked(relay, document, route, {})).toEqual({ route, status: 503, found: [] });
    const request = new Request<unknown, IncomingRequestCfProperties>(`${RELAY}/healthz`);
    const answer = await worker.fetch(request, { ...env, ADMIN_TOKEN: 'short' }, createExecutionContext());
    const { content = {} } = operationAt(document, route).responses[answer.status] ?? {};
    const schema = content[answer.headers.get('content-type') ?? '']?.schema;
    expect(schema).toBeDefined();
    expect(deviations(document, schema ?? {}, await answer.json())).toEqual([]);
  });
});
