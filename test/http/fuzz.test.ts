import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Draw } from '../../simulation/draw.ts';
import { ADMIN_TOKEN, startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';
import { deviations } from './json-schema.ts';
import type { Document, Operation } from './json-schema.ts';
import { mutate } from './mutations.ts';
import type { FuzzRequest } from './mutations.ts';
import { bodyOf } from './samples.ts';

const SEED = 1;
/** All operations, one after the other, so often. */
const ROUNDS = 90;
const MAX_MUTATIONS = 3;
const MAX_MS = 60_000;

const EXPECTED_5XX = new Set([502, 503]);

interface Route {
  readonly method: string;
  readonly template: string;
  readonly operation: Operation;
}

/** A relay with tasks in several states, and who may do what there. */
async function start() {
  const relay = await startRelay({ timeScale: 0 });
  relay.receiver('hooks.example.com');
  const document: Document = await (await relay.request('/openapi.json')).json();
  const { key } = await relay.client();
  // Clients that are changed and revoked are others than the one that asks.
  const victims = [(await relay.client()).id, (await relay.client()).id];
  const me = relay.as(key);
  const hook = { callback_url: 'https://hooks.example.com/42' };
  const tasks = [(await me.post('/v1/tasks', video('a fox', hook))).body.id];
  await relay.tick();
  for (const prompt of ['[never]', '[never] two']) {
    tasks.push((await me.post('/v1/tasks', video(prompt, hook))).body.id);
  }
  const routes = Object.entries(document.paths).flatMap(([template, operations]) =>
    Object.entries(operations).map(([method, operation]): Route => ({ method, template, operation })),
  );
  return { relay, document, routes, ids: { tasks, victims }, key };
}

type Started = Awaited<ReturnType<typeof start>>;

/** A request that the operation would take, or nearly: with the right key, another, or none. */
function requestFor(
  { document, ids, key }: Started,
  { method, template, operation }: Route,
  draw: Draw,
): FuzzRequest {
  const isAdmin = template.startsWith('/admin');
  const [first, ...rest] = isAdmin ? ids.victims : ids.tasks;
  const token = draw.pick([
    isAdmin ? ADMIN_TOKEN : key,
    isAdmin ? ADMIN_TOKEN : key,
    isAdmin ? key : ADMIN_TOKEN,
    null,
  ]);
  const body = bodyOf(document, operation, draw);
  return {
    method: method.toUpperCase(),
    path: template.replace('{id}', draw.pick([first, ...rest])),
    query: template.endsWith('/recordInfo') ? `?taskId=${draw.pick([first, ...rest])}` : '',
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body,
    raw: null,
    isAtHome: true,
  };
}

/** Sends it; null where no client could send such a request at all. */
async function send(relay: Relay, request: FuzzRequest): Promise<Response | null> {
  const { method, path, query, headers, body, raw } = request;
  const mayHaveBody = method !== 'GET' && method !== 'HEAD';
  const sent = raw ?? (body === undefined ? null : JSON.stringify(body));
  let init: RequestInit;
  try {
    init = { method, headers: new Headers(headers), ...(mayHaveBody ? { body: sent } : {}) };
  } catch {
    return null;
  }
  return await relay.request(path + query, init);
}

/** What is wrong with an answer, or null. */
async function problemOf(
  { document }: Started,
  route: Route,
  request: FuzzRequest,
  answer: Response,
): Promise<string | null> {
  const { status } = answer;
  const text = await answer.text();
  const described = route.operation.responses[String(status)];
  if (status >= 500 && !(EXPECTED_5XX.has(status) && described !== undefined))
    return `answered ${status}: ${text}`;
  if (!request.isAtHome || request.method === 'HEAD') return null;
  if (described === undefined) return `${status} is not in the document`;
  const type = answer.headers.get('content-type') ?? '';
  const schema = described.content?.[type]?.schema;
  if (schema === undefined) return described.content === undefined ? null : `${status} comes as ${type}`;
  return deviations(document, schema, type.includes('json') ? JSON.parse(text) : text)[0] ?? null;
}

// Refused secrets and failing callbacks are logged; here they are no news.
beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});

describe('requests made from the document, and then made wrong,', () => {
  it(
    'are answered as the document says, and never with a 5xx that is not in it',
    async () => {
      const started = await start();
      const draw = new Draw(SEED, 'fuzz');
      const found: string[] = [];
      const statuses = new Map<number, number>();
      for (let round = 0; round < ROUNDS; round++) {
        for (const route of started.routes) {
          const request = requestFor(started, route, draw);
          const times = draw.between(1, MAX_MUTATIONS);
          for (let i = 0; i < times; i++) mutate(request, draw);
          const answer = await send(started.relay, request);
          if (answer === null) continue;
          statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
          const problem = await problemOf(started, route, request, answer);
          if (problem !== null)
            found.push(`${JSON.stringify(request).slice(0, 600)} → ${problem.slice(0, 300)}`);
        }
      }
      expect(found).toEqual([]);
      const sent = Array.from(statuses.values()).reduce((sum, count) => sum + count, 0);
      expect(sent).toBeGreaterThanOrEqual(1_500);
      // It came past the sign-in and the validation, and was refused by each of them too.
      expect(Array.from(statuses.keys())).toEqual(
        expect.arrayContaining([200, 202, 400, 401, 404, 409, 413, 415, 422]),
      );
      expect(Object.keys({})).toEqual([]);
      expect('polluted' in {}).toBe(false);
      const after = await started.relay.as(started.key).post('/v1/tasks', video('still at work'));
      expect(after.status).toBe(202);
    },
    MAX_MS,
  );
});
