import { env } from 'cloudflare:workers';
import { webhookId } from '../../src/domain/ids.ts';
import { ADMIN_TOKEN, startRelay, video } from '../support/relay.ts';
import type { Answer, Relay } from '../support/relay.ts';
import { exampleOf, operationAt } from './answers.ts';
import type { Ask } from './answers.ts';
import type { Document } from './json-schema.ts';

const HOOK = 'https://hooks.example.com/42';
const OVERLOADED = 'D1_ERROR: D1 DB is overloaded. Requests queued for too long.';

/** A relay with a task that has ended, one that runs, a client, and one that was revoked. */
export async function setStage() {
  const relay = await startRelay({ timeScale: 0, keepsResults: true });
  relay.receiver('hooks.example.com');
  const document: Document = await (await relay.request('/openapi.json')).json();
  const client = await relay.client({ keep_results: false });
  const revoked = (await relay.client()).id;
  await relay.admin().delete(`/admin/clients/${revoked}`);
  const me = relay.as(client.key);
  const post = async (prompt: string): Promise<Answer> =>
    await me.post('/v1/tasks', video(prompt, { callback_url: HOOK }));
  const ended: string = (await post('a fox')).body.id;
  await relay.tick();
  const running: string = (await post('[never]')).body.id;
  const subscriptions = await makeSubscriptions(relay, client.key);
  return { relay, document, client, revoked, ended, running, subscriptions };
}

/** A client's and an operator's, of no event of this stage. */
async function makeSubscriptions(relay: Relay, key: string) {
  const body = { url: `${HOOK}/standing`, events: ['callback.failed'] };
  const mine: string = (await relay.as(key).post('/v1/subscriptions', body)).body.id;
  const operators: string = (await relay.admin().post('/admin/subscriptions', body)).body.id;
  return { mine, operators };
}

export type Stage = Awaited<ReturnType<typeof setStage>>;

/** Brings about one status of a route: what to ask, over what its owner would ask; what has to happen before, happens. */
type Way = (stage: Stage) => Partial<Ask> | Promise<Partial<Ask>>;

const fails =
  (status: 401 | 402): Way =>
  async ({ relay }) => {
    await relay.fault({ endpoint: 'createTask', kind: 'status', status });
    return {};
  };
const ofRunning: Way = ({ running }) => ({ id: running });
const ofRevoked: Way = ({ revoked }) => ({ id: revoked });
const ofBuiltIn: Way = () => ({ id: video().model });
const ofOwnModel: Way = async ({ relay, document }) => {
  await relay.admin().put('/admin/models/nova-1', exampleOf(document, 'PUT /admin/models/{id}'));
  return { id: 'nova-1' };
};
const misspelt: Way = () => ({ query: '?limit=0' });
/** The key was used before, for this body. */
const usedKey =
  (header: string, bodyOf: (stage: Stage) => unknown, path = '/v1/tasks'): Way =>
  async (stage) => {
    const body = bodyOf(stage);
    const headers = { [header]: `key of ${JSON.stringify(body).length}` };
    await stage.relay.as(stage.client.key).post(path, body, headers);
    return { headers };
  };

/** As many as may be are active, and the one that is asked for is not among them. */
const tooManySubscriptions =
  (path: string): Way =>
  async (stage) => {
    const { relay, client, subscriptions } = stage;
    const isAdmin = path.startsWith('/admin');
    const owner = isAdmin ? relay.admin() : relay.as(client.key);
    const id = isAdmin ? subscriptions.operators : subscriptions.mine;
    await env.DB.prepare(`update subscriptions set state = 'stopped'`).run();
    for (let i = 0; i < 20; i++) await owner.post(path, { url: `${HOOK}/${i}`, events: ['callback.failed'] });
    return { id };
  };
/** None but the two of the stage. */
const fewSubscriptions: Way = async ({ subscriptions: { mine, operators } }) => {
  await env.DB.prepare('delete from subscriptions where id not in (?1, ?2)').bind(mine, operators).run();
  return {};
};
const knownSubscription =
  (path: string): Way =>
  async (stage) => {
    const { relay, client, document } = stage;
    await fewSubscriptions(stage);
    const owner = path.startsWith('/admin') ? relay.admin() : relay.as(client.key);
    await owner.post(path, exampleOf(document, `POST ${path}`));
    return {};
  };

/** One that nothing else needs. */
const ownSubscription =
  (path: string): Way =>
  async (stage) => {
    await fewSubscriptions(stage);
    const owner = path.startsWith('/admin') ? stage.relay.admin() : stage.relay.as(stage.client.key);
    return { id: (await owner.post(path, { url: `${HOOK}/deleted` })).body.id };
  };

/** What a subscription was told, and the subscription is gone. */
const ofDeletedSubscription: Way = async ({ relay, client }) => {
  const me = relay.as(client.key);
  const made = await me.post('/v1/subscriptions', { url: `${HOOK}/gone`, events: ['task.canceled'] });
  const { body } = await me.post('/v1/tasks', video('[never]'));
  await me.post(`/v1/tasks/${body.id}/cancel`);
  await me.delete(`/v1/subscriptions/${made.body.id}`);
  return { id: (await me.get(`/v1/tasks/${body.id}/deliveries`)).body.data[0].id };
};

/** Its owner cancels and erases it while upstream is asked for it. */
const erasedMeanwhile: Way = ({ relay, client }) => {
  const { upstream } = relay.services;
  const create = upstream.create.bind(upstream);
  const me = relay.as(client.key);
  upstream.create = async (request) => {
    upstream.create = create;
    await me.post(`/v1/tasks/${request.requestId}/cancel`);
    await me.delete(`/v1/tasks/${request.requestId}`);
    return await create(request);
  };
  return {};
};

/** A kept file, asked for with these headers. */
const ofFile =
  (headers: Record<string, string> = {}): Way =>
  async () => {
    const path = `task_${'0'.repeat(26)}/1/${'x'.repeat(32)}/a-fox.mp4`;
    await env.TEST_RESULTS.put(path, 'a fox', { httpMetadata: { contentType: 'video/mp4' } });
    return { path: `/files/${path}`, headers };
  };
const FILE = '/files/{task}/{n}/{capability}/{name}';

/** Where a status comes about in no way that suits every route. */
const OWN_WAYS: Readonly<Record<string, Readonly<Record<number, Way>>>> = {
  'POST /v1/tasks': {
    200: usedKey('Idempotency-Key', ({ document }) => exampleOf(document, 'POST /v1/tasks')),
    201: () => ({ headers: { Prefer: 'respond-async=no-location' } }),
    402: fails(402),
    404: erasedMeanwhile,
    409: usedKey('Idempotency-Key', () => video('another')),
    502: fails(401),
  },
  'POST /v1/waits': {
    200: usedKey('Idempotency-Key', ({ document }) => exampleOf(document, 'POST /v1/waits'), '/v1/waits'),
    402: fails(402),
    404: erasedMeanwhile,
    409: usedKey('Idempotency-Key', () => video('another')),
    502: fails(401),
  },
  'DELETE /v1/waits/{id}': {
    204: async ({ relay, client }) => ({
      id: (await relay.as(client.key).post('/v1/waits', video('a fox', { callback_url: HOOK }))).body.id,
    }),
  },
  'POST /api/v1/jobs/createTask': {
    402: fails(402),
    404: erasedMeanwhile,
    409: usedKey('X-Request-ID', () => video('another')),
    502: fails(401),
  },
  [`GET ${FILE}`]: {
    200: ofFile(),
    206: ofFile({ range: 'bytes=1-2' }),
    304: ofFile({ 'if-none-match': '*' }),
    416: ofFile({ range: 'bytes=9-' }),
  },
  [`HEAD ${FILE}`]: { 200: ofFile(), 304: ofFile({ 'if-none-match': '*' }) },
  'GET /v1/tasks': { 422: misspelt },
  'GET /admin/tasks': { 422: misspelt },
  'GET /admin/clients': { 422: misspelt },
  'GET /v1/events': { 422: misspelt },
  'GET /admin/events': { 422: misspelt },
  'GET /v1/subscriptions': { 422: misspelt },
  'GET /admin/subscriptions': { 422: misspelt },
  'POST /v1/subscriptions': {
    200: knownSubscription('/v1/subscriptions'),
    201: fewSubscriptions,
    409: tooManySubscriptions('/v1/subscriptions'),
  },
  'POST /admin/subscriptions': {
    200: knownSubscription('/admin/subscriptions'),
    201: fewSubscriptions,
    409: tooManySubscriptions('/admin/subscriptions'),
  },
  'POST /v1/subscriptions/{id}/activate': {
    200: fewSubscriptions,
    409: tooManySubscriptions('/v1/subscriptions'),
  },
  'POST /admin/subscriptions/{id}/activate': {
    200: fewSubscriptions,
    409: tooManySubscriptions('/admin/subscriptions'),
  },
  'POST /v1/deliveries/{id}/redeliver': { 409: ofDeletedSubscription },
  'DELETE /v1/subscriptions/{id}': { 204: ownSubscription('/v1/subscriptions') },
  'DELETE /admin/subscriptions/{id}': { 204: ownSubscription('/admin/subscriptions') },
  'GET /admin/audit': { 422: misspelt },
  'GET /admin/usage': { 422: misspelt },
  'GET /v1/usage': { 422: misspelt },
  'PUT /admin/models/{id}': { 200: ofOwnModel, 201: () => ({ id: 'nova-2' }), 409: ofBuiltIn },
  'DELETE /admin/models/{id}': { 204: ofOwnModel, 409: ofBuiltIn },
  'GET /v1/tasks/{id}/attempts': { 422: misspelt },
  'GET /v1/deliveries/{id}/attempts': { 422: misspelt },
  'DELETE /v1/tasks/{id}': { 409: ofRunning },
  'GET /v1/tasks/{id}/result': { 202: ofRunning },
  'POST /v1/tasks/{id}/cancel': { 200: ofRunning },
  'POST /v1/tasks/{id}/redeliver': { 409: ofRunning },
  'GET /api/v1/jobs/recordInfo': {
    200: ({ ended }) => ({ query: `?taskId=${ended}` }),
    404: () => ({ query: '?taskId=task_0' }),
    422: () => ({}),
  },
  'PATCH /admin/clients/{id}': { 409: ofRevoked },
  'DELETE /admin/clients/{id}': { 422: () => ({ query: '?tasks=keep' }) },
  'POST /admin/clients/{id}/rotate-key': { 409: ofRevoked },
  'POST /admin/clients/{id}/rotate-secret': { 409: ofRevoked },
};

const breakDatabase: Way = ({ relay }) => {
  relay.restart({ trouble: () => new Error(OVERLOADED) });
  return {};
};

/** What suits every route that documents the status. */
const COMMON_WAYS: Readonly<Record<number, Way>> = {
  400: () => ({ body: '{' }),
  401: () => ({ token: 'nobody' }),
  404: () => ({ id: 'nothing' }),
  413: () => ({ body: JSON.stringify('x'.repeat(300_000)) }),
  415: () => ({ headers: { 'content-type': 'text/plain' } }),
  422: () => ({ body: { nothing: 1 } }),
  429: () => ({ isLimited: true }),
  503: breakDatabase,
};

/** Of what the route is about, and whoever asks may see. */
function idFor({ client, ended, subscriptions }: Stage, route: string): string {
  if (route.includes('/admin/subscriptions')) return subscriptions.operators;
  if (route.includes('/v1/subscriptions')) return subscriptions.mine;
  if (route.includes(' /admin/')) return client.id;
  return route.includes(' /v1/deliveries/') ? webhookId(ended) : ended;
}

/** A request of `route` that is to be answered with `status`. */
export async function askFor(stage: Stage, route: string, status: number): Promise<Ask> {
  const isAdmin = route.includes(' /admin/');
  const isOpen = operationAt(stage.document, route).security.length === 0;
  const token = isAdmin ? ADMIN_TOKEN : stage.client.key;
  const way = OWN_WAYS[route]?.[status] ?? COMMON_WAYS[status];
  const ask = {
    ...(isOpen ? {} : { token }),
    id: idFor(stage, route),
    body: exampleOf(stage.document, route),
    ...(await way?.(stage)),
  };
  // An operator is limited only where the sign-in fails.
  return isAdmin && ask.isLimited === true ? { ...ask, token: 'nobody' } : ask;
}
