import { createUpstreamApp } from '../../sandbox/upstream/app.ts';
import { seededRandom } from '../../sandbox/upstream/random.ts';
import { UpstreamSimulator } from '../../sandbox/upstream/simulator.ts';
import { createApp } from '../../src/http/app.ts';
import { createServices } from '../../src/wiring/compose.ts';
import { Effects } from '../../test/support/effects.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { Meter, meteredDb } from './meter.ts';

const START = Date.UTC(2026, 10, 22, 15);
const UPSTREAM = 'https://upstream.test';
const RELAY = 'https://relay.test';
const HOOK = 'https://hooks.example.com/hook';
const MODEL = 'seedance-2.0-reference-to-video';
const OWN_KEY = { UPSTREAM_API_KEY: 'sk-cost-unlimited' };

/** Ringback on a clock that jumps, its HTTP surface and its cron metered apart, as they are isolates of their own. */
export function startRelay(env: Env, subrequestBudget = '9000') {
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
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Ringback's own callback
    const { completed_at: endedAt } = (await request.json()) as { completed_at: string };
    lateMs.push(clock.now() - Date.parse(endedAt));
    return new Response('ok');
  };
  const servicesWith = (meter: Meter) =>
    createServices(
      {
        ...env,
        ...OWN_KEY,
        UPSTREAM_URL: UPSTREAM,
        SUBREQUEST_BUDGET: subrequestBudget,
        DB: meteredDb(env.DB, meter, effects),
      },
      {
        fetch: async (input, init) =>
          await effects.run('fetch', () => network(new Request(input, init), meter)),
        clock,
        random,
      },
    );
  /** From each task's end upstream to its callback. */
  const lateMs: number[] = [];
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
  /** Posts a task that takes so long upstream. */
  const postTask = async (key: string, seconds: number, idempotencyKey?: string): Promise<void> => {
    const input = { prompt: `[slow:${seconds.toFixed(2)}] a fox`, resolution: '720p', duration: 5 };
    const body = { model: MODEL, input, callback_url: HOOK, metadata: { row: '42' } };
    await post('/v1/tasks', key, body, idempotencyKey);
  };
  const client = async (): Promise<string> => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Ringback's own answer
    const { key } = (await post('/admin/clients', env.ADMIN_TOKEN, { name: 'cost' })) as { key: string };
    return key;
  };
  return { clock, random, posts, ticks, lateMs, cron, client, postTask };
}
