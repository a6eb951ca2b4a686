import { createUpstreamApp } from '../../sandbox/upstream/app.ts';
import { lognormal, seededRandom } from '../../sandbox/upstream/random.ts';
import { UpstreamSimulator } from '../../sandbox/upstream/simulator.ts';
import { runCron } from '../../src/engine/cron.ts';
import { createApp } from '../../src/http/app.ts';
import { createServices } from '../../src/compose.ts';
import { Effects } from '../../test/support/effects.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { Meter, meteredDb } from './meter.ts';
import type { Cost, CostAnswer, CostRequest } from './shapes.ts';

const START = Date.UTC(2026, 10, 22, 15);
const MINUTE_MS = 60_000;
const PURGED_AFTER_MS = 40 * 24 * 60 * MINUTE_MS;
const UPSTREAM = 'https://upstream.test';
const RELAY = 'https://relay.test';
const HOOK = 'https://hooks.example.com/hook';
const MEDIAN_SECONDS = 90;
const SPREAD = 0.4;
/** From one post to the next, and how many within a minute's tick. */
const APART_MS = 2_000;
const POSTS_A_MINUTE = 25;
const OWN_KEY = { UPSTREAM_API_KEY: 'sk-cost-unlimited' };
const MODEL = 'seedance-2.0-reference-to-video';

/** The relay on a clock that jumps, its HTTP surface and its cron metered apart, as they are isolates of their own. */
function startRelay(env: Env) {
  const effects = new Effects();
  const clock = new FakeClock(START, () => effects.isBusy);
  const random = seededRandom(7);
  const simulator = new UpstreamSimulator({ now: () => clock.now(), random });
  const upstream = createUpstreamApp({ simulator, sleep: (ms) => effects.asleep(clock.sleep(ms)) });
  const network = async (request: Request, meter: Meter): Promise<Response> => {
    const { origin, pathname } = new URL(request.url);
    if (origin === UPSTREAM) {
      meter.fetched(pathname.endsWith('createTask') ? 'create' : 'poll');
      return await upstream.fetch(request);
    }
    meter.fetched('callback');
    await request.text();
    return new Response('ok');
  };
  const servicesWith = (meter: Meter) =>
    createServices(
      {
        ...env,
        ...OWN_KEY,
        UPSTREAM_URL: UPSTREAM,
        SUBREQUEST_BUDGET: '9000',
        DB: meteredDb(env.DB, meter, effects),
      },
      {
        fetch: async (input, init) =>
          await effects.run('fetch', () => network(new Request(input, init), meter)),
        clock,
        random,
      },
    );
  const posts = new Meter();
  const ticks = new Meter();
  const app = createApp(servicesWith(posts));
  const cron = servicesWith(ticks);
  const context = { waitUntil: () => undefined, passThroughOnException: () => undefined, props: {} };
  const post = async (path: string, token: string, body: unknown, key?: string): Promise<unknown> => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    const response = await app.request(RELAY + path, init, env, context);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return await response.json();
  };
  return { clock, random, posts, ticks, cron, post };
}

/** Takes tasks through their whole life, and counts what it costs. */
async function measure(env: Env, request: CostRequest): Promise<CostAnswer> {
  const { clock, random, posts, ticks, cron, post } = startRelay(env);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the relay's own answer
  const client = (await post('/admin/clients', env.ADMIN_TOKEN, { name: 'cost' })) as { key: string };
  let posted = 0;
  let most: Pick<Cost, 'statements' | 'trips'> = { statements: 0, trips: 0 };
  const postOne = async (): Promise<void> => {
    await clock.sleep(APART_MS);
    const seconds = lognormal(MEDIAN_SECONDS, SPREAD, random).toFixed(2);
    const input = { prompt: `[slow:${seconds}] a fox`, resolution: '720p', duration: 5 };
    const body = { model: MODEL, input, callback_url: HOOK, metadata: { row: '42' } };
    await post('/v1/tasks', client.key, body, request.hasKey ? `row-${posted}` : undefined);
    posted++;
  };
  /** One cron invocation, with so many posts meanwhile, and the time until the next. */
  const minute = async (count: number): Promise<void> => {
    const startedAt = clock.now();
    const before = ticks.total();
    const posting = (async () => {
      for (let i = 0; i < count; i++) await postOne();
    })();
    await Promise.all([posting, runCron(cron)]);
    const { statements, trips } = ticks.total();
    most = {
      statements: Math.max(most.statements, statements - before.statements),
      trips: Math.max(most.trips, trips - before.trips),
    };
    clock.advance(Math.max(0, startedAt + MINUTE_MS - clock.now()));
  };
  const isIdle = async (): Promise<boolean> =>
    (await env.DB.prepare('select count(*) as n from tasks where due_at is not null').first('n')) === 0;
  const carry = async (count: number): Promise<void> => {
    for (let left = count; left > 0 || !(await isIdle());) {
      const mayPost = !request.isAlone || (await isIdle());
      const now = Math.min(left, mayPost ? (request.isAlone ? 1 : POSTS_A_MINUTE) : 0);
      await minute(now);
      left -= now;
    }
  };
  const reset = (): void => {
    posts.reset();
    ticks.reset();
    most = { statements: 0, trips: 0 };
  };
  await carry(request.warmUp);
  reset();
  await carry(request.tasks);
  const counted = {
    tasks: request.tasks,
    posts: posts.counts(),
    ticks: ticks.counts(),
    mostStatements: most.statements,
    mostTrips: most.trips,
  };
  reset();
  await minute(0);
  const idleMinute = ticks.counts();
  reset();
  clock.advance(PURGED_AFTER_MS);
  while ((await cron.stores.retention.purge(clock.now(), clock.now())).deleted > 0);
  return { ...counted, idleMinute, purge: ticks.counts() };
}

export default {
  async fetch(request, env): Promise<Response> {
    return Response.json(await measure(env, await request.json<CostRequest>()));
  },
} satisfies ExportedHandler<Env>;
