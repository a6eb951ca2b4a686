import { applyD1Migrations, createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { createUpstreamApp } from '../../sandbox/upstream/app.ts';
import type { FaultInput } from '../../sandbox/upstream/faults.ts';
import { seededRandom } from '../../sandbox/upstream/random.ts';
import { UpstreamSimulator } from '../../sandbox/upstream/simulator.ts';
import { runCron, runLeg, runWorker } from '../../src/engine/cron.ts';
import { createServices } from '../../src/wiring/compose.ts';
import { createSurfaces } from '../../src/wiring/surfaces.ts';
import { legOf } from '../../src/wiring/wake-up.ts';
import { FakeQueue } from './queue.ts';
import type { Sent } from './queue.ts';
import { Effects, watchedBucket, watchedDb } from './effects.ts';
import type { Kill, Trouble } from './effects.ts';
import { FakeClock } from './fake-clock.ts';
import { Receiver } from './receiver.ts';
import type { ScriptedAnswer } from './receiver.ts';

const START = Date.UTC(2026, 10, 22, 15);
const UPSTREAM = 'https://upstream.test';
export const RELAY = 'https://relay.test';
export const ADMIN_TOKEN = 'test-admin-token-of-24-chars-or-more';

export interface RelayOptions {
  /** Variables of the deployment, over those of `wrangler.toml`. */
  readonly vars?: Record<string, string>;
  /** Multiplies the sandbox's durations; a task of five seconds of video takes about 90 s at 1. */
  readonly timeScale?: number;
  /** With a queue that further invocations are called by: `relay.queue` keeps the messages. */
  readonly hasQueue?: boolean;
  /** With a bucket that results are kept in. */
  readonly keepsResults?: boolean;
  /** Starts over the database as it is, instead of an empty one. */
  readonly keepsData?: boolean;
}

/** A client of Ringback, as the operator made it. */
export interface TestClient {
  readonly id: string;
  readonly key: string;
  readonly signing_secret: string;
}

async function emptyTables(): Promise<void> {
  const tables = [
    'delivery_attempts',
    'deliveries',
    'attempts',
    'tasks',
    'abandoned',
    'receivers',
    'paces',
    'clients',
    'accounts',
    'hosts',
    'refusals',
    'ticks',
    'durations',
    'inbox_callbacks',
    'erased_credits',
    'spent_credits',
    'resealing',
    'client_stock',
    'subscriptions',
    'events',
    'refused_hours',
    'upstream_keys',
    'models',
    'usage',
    'audit',
    'ended_sessions',
    'refused_posts',
    'hour_sums',
    'usage_spans',
    'usage_days',
  ];
  await env.DB.batch([
    ...tables.map((table) => env.DB.prepare(`delete from ${table}`)),
    env.DB.prepare(`insert into upstream_keys (id) values ('operator')`),
    env.DB.prepare(`update kept_totals set bytes = 0, tasks = 0, sweep_after = null, swept_at = 0`),
    env.DB.prepare(`update sums_made set hours_until = 0, usage_until = ''`),
    env.DB.prepare('update catalog set version = version + 1'),
  ]);
}

async function emptyBucket(): Promise<void> {
  const { objects } = await env.TEST_RESULTS.list();
  await env.TEST_RESULTS.delete(objects.map(({ key }) => key));
}

/** Test files share a runtime with its database, which is migrated by the first of them. */
let isMigrated = false;

async function prepareDatabase(keepsData: boolean): Promise<void> {
  if (!isMigrated || keepsData) await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
  isMigrated = true;
  if (!keepsData) await emptyTables();
  if (!keepsData) await emptyBucket();
}

/** The runtime's limiter, as if this relay were the only one there: what others counted does not count here. */
function ownRate(limiter: RateLimit): RateLimit {
  const own = crypto.randomUUID();
  return { limit: async ({ key }) => await limiter.limit({ key: `${own} ${key}` }) };
}

/** Ringback over a real, migrated and empty D1; its network is the sandbox and scripted receivers, its clock a fake. */
export async function startRelay(options: RelayOptions = {}) {
  await prepareDatabase(options.keepsData === true);
  const rates = { CLIENT_RATE: ownRate(env.CLIENT_RATE), SIGN_IN_FAILURES: ownRate(env.SIGN_IN_FAILURES) };
  let effects = new Effects();
  const clock = new FakeClock(START, () => effects.isBusy);
  const random = seededRandom(7);
  const simulator = new UpstreamSimulator({
    now: () => clock.now(),
    random,
    timeScale: options.timeScale ?? 1,
  });
  const upstream = createUpstreamApp({ simulator, sleep: (ms) => effects.asleep(clock.sleep(ms)) });
  const receivers = new Map<string, Receiver>();

  const network = async (request: Request): Promise<Response> => {
    if (request.url.startsWith(UPSTREAM)) return await upstream.fetch(request);
    const receiver = receivers.get(new URL(request.url).host);
    if (receiver === undefined) throw new TypeError('Network connection lost.');
    return await receiver.answer(request, clock, effects);
  };
  const control = async (what: 'faults' | 'keys', body: unknown): Promise<void> => {
    const answer = await upstream.request(`/_sandbox/${what}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(await answer.text());
  };
  const queue = new FakeQueue(clock);
  const boot = ({ kill = null, trouble, vars: changed = {} }: Restart) => {
    effects = new Effects(kill, trouble);
    const mine = effects;
    const vars = {
      UPSTREAM_URL: UPSTREAM,
      UPSTREAM_API_KEY: 'sk-sandbox-enterprise',
      ...options.vars,
      ...changed,
    };
    const services = createServices(
      {
        ...env,
        ...vars,
        ...rates,
        ADMIN_TOKEN,
        DB: watchedDb(env.DB, mine),
        WAKE_UPS: options.hasQueue ? queue.binding : undefined,
        ...(options.keepsResults ? { RESULTS: watchedBucket(env.TEST_RESULTS, mine) } : {}),
      },
      {
        fetch: async (input, init) => {
          const request = new Request(input, init);
          return await mine.run(`${request.method} ${new URL(request.url).pathname}`, () => network(request));
        },
        clock,
        random,
      },
    );
    return { services, app: createSurfaces(services) };
  };
  let running = boot({});
  const request: SendRequest = async (path, init = {}) =>
    await running.app.request(RELAY + path, init, env, createExecutionContext());

  const relay = {
    clock,
    simulator,
    get effects() {
      return effects;
    },
    get services() {
      return running.services;
    },
    /** The process is gone; another one starts over the same data. */
    restart: (restart: Restart = {}) => {
      running = boot(restart);
    },
    /** A receiver at this host, answering by script. */
    receiver: (host: string, script?: ScriptedAnswer[]) => {
      const receiver = new Receiver(script);
      receivers.set(host, receiver);
      return receiver;
    },
    /** Makes the sandbox misbehave. */
    fault: async (fault: FaultInput) => await control('faults', fault),
    /** The limits and credits of an upstream key. */
    upstreamKey: async (settings: Record<string, unknown>) => await control('keys', settings),
    request,
    queue,
    /** What a message starts, to its end, as soon as it is to come. */
    work: async ({ body, at }: Sent = { body: {}, at: 0 }) => {
      if (at > clock.now()) await clock.sleep(at - clock.now());
      const leg = legOf(body);
      await (leg === null ? runWorker(running.services) : runLeg(running.services, leg));
    },
    /** One cron invocation, to its end. */
    tick: async () => await runCron(running.services),
    /** Cron invocations, a minute apart, until `isDone` or `minutes` are over. */
    tickUntil: async (isDone: () => Promise<boolean>, minutes = 10) => {
      for (let i = 0; i < minutes && !(await isDone()); i++) {
        const startedAt = clock.now();
        await runCron(running.services);
        clock.advance(Math.max(0, startedAt + 60_000 - clock.now()));
      }
    },
    as: (key: string) => caller(request, key),
    admin: () => caller(request, ADMIN_TOKEN),
    client: async (body: Record<string, unknown> = {}): Promise<TestClient> =>
      (await caller(request, ADMIN_TOKEN).post('/admin/clients', { name: 'test', ...body })).body,
  };
  return relay;
}

/** How the next process starts: killed at an effect of its own, with effects that fail, or with other variables. */
export interface Restart {
  readonly kill?: Kill | null;
  readonly trouble?: Trouble;
  readonly vars?: Record<string, string>;
}

type SendRequest = (path: string, init?: RequestInit) => Promise<Response>;

export type Relay = Awaited<ReturnType<typeof startRelay>>;

/** An answer, read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into bodies of every shape
  readonly body: any;
}

function caller(request: SendRequest, token: string) {
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await request(path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer: Answer = {
      status: response.status,
      headers: response.headers,
      body: text && JSON.parse(text),
    };
    return answer;
  };
  return {
    get: (path: string, headers?: Record<string, string>) => call('GET', path, undefined, headers),
    post: (path: string, body?: unknown, headers?: Record<string, string>) =>
      call('POST', path, body, headers),
    patch: (path: string, body: unknown) => call('PATCH', path, body),
    put: (path: string, body: unknown) => call('PUT', path, body),
    delete: (path: string) => call('DELETE', path),
  };
}

/** Five seconds of video in 720p: 400 credits. */
export function video(prompt = 'a fox in the snow', extra: Record<string, unknown> = {}) {
  return {
    model: 'seedance-2.0-reference-to-video',
    input: { prompt, resolution: '720p', duration: 5 },
    ...extra,
  };
}
