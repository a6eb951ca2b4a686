import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { generateSecrets } from '../../scripts/secrets.ts';
import { clientShape } from '../../scripts/shapes.ts';
import { bundle } from './bundle.ts';
import { taskOf, type Contender, type Job } from './contender.ts';
import { COMPATIBILITY_DATE, startWorkerd, type Workerd } from './runtime.ts';
import { migrate } from './migrate.ts';
import { UPSTREAM_KEY } from './upstream.ts';

const RELAY = 'http://relay.test';
export const DATABASE = 'ringback';
const QUEUE = 'wake-ups';
const TICK_SECONDS = 55;
const CRON_EVERY_MS = 60_000;
/** What fits the Paid plan. */
const SUBREQUEST_BUDGET = 9_000;

/** The relay in workerd over a migrated D1. */
export interface Relay extends Workerd {
  readonly adminToken: string;
  readonly call: (path: string, token: string, body?: unknown) => Promise<unknown>;
  /** One cron invocation, to its end. */
  readonly tick: () => Promise<void>;
  /** One worker's invocation, as the queue would call it, to its end. */
  readonly work: () => Promise<void>;
}

/**
 * @param keepsResults whether it has a bucket that result files are copied into.
 * @param hasQueue whether it may call workers. Nobody consumes the queue: the local emulation calls one at a time, so a
 * bench calls them itself.
 */
export async function startRelay(
  { upstream, folder }: { upstream: URL; folder: string },
  {
    vars = {},
    hasQueue = false,
    keepsResults = false,
  }: { vars?: Record<string, string>; hasQueue?: boolean; keepsResults?: boolean } = {},
): Promise<Relay> {
  const secrets = generateSecrets();
  const workerd = await startWorkerd({
    modules: true,
    script: await bundle('src/index.ts'),
    compatibilityDate: COMPATIBILITY_DATE,
    compatibilityFlags: ['global_fetch_strictly_public'],
    d1Databases: { DB: DATABASE },
    resourcePersistencePath: folder,
    ...(hasQueue ? { queueProducers: { WAKE_UPS: QUEUE } } : {}),
    ...(keepsResults ? { r2Buckets: { RESULTS: 'results' } } : {}),
    ratelimits: {
      CLIENT_RATE: { namespace_id: '1001', simple: { limit: 1_000_000, period: 10 } },
      SIGN_IN_FAILURES: { namespace_id: '1002', simple: { limit: 120, period: 60 } },
    },
    bindings: {
      ...secrets,
      UPSTREAM_URL: upstream.href,
      UPSTREAM_API_KEY: UPSTREAM_KEY,
      ALLOW_PRIVATE_CALLBACKS: 'true',
      TICK_SECONDS: String(TICK_SECONDS),
      SUBREQUEST_BUDGET: String(SUBREQUEST_BUDGET),
      ...vars,
    },
  });
  const { miniflare } = workerd;
  await migrate(miniflare);
  const call: Relay['call'] = async (path, token, body) => {
    const response = await miniflare.dispatchFetch(RELAY + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 300)}`);
    return JSON.parse(text);
  };
  const tick = async (): Promise<void> => {
    const response = await miniflare.dispatchFetch(`${RELAY}/cdn-cgi/local/scheduled`);
    const text = await response.text();
    if (!response.ok) throw new Error(`the cron answered ${response.status}: ${text.slice(0, 300)}`);
  };
  const work = async (): Promise<void> => {
    const worker = await miniflare.getWorker();
    const message = { id: randomUUID(), timestamp: new Date(), body: {}, attempts: 1 };
    await worker.queue(QUEUE, [message]);
  };
  return { ...workerd, adminToken: secrets.ADMIN_TOKEN, call, tick, work };
}

/** The relay with its cron. */
export const relay: Contender = {
  name: 'relay',
  start: async (arena) => {
    const running = await startRelay(arena);
    const created = await running.call('/admin/clients', running.adminToken, { name: 'bench' });
    const { key } = clientShape.parse(created);
    const stopping = new AbortController();
    const crons = fireCrons(running, stopping.signal);
    return {
      pid: running.pid,
      post: async (job: Job) => {
        await running.call('/v1/tasks', key, { ...taskOf(job), callback_url: job.callbackUrl });
      },
      stop: async () => {
        stopping.abort();
        await running.stop();
        await crons;
      },
    };
  },
};

/** As in production: each minute, whether or not the one before is still at work. */
async function fireCrons(running: Relay, signal: AbortSignal): Promise<void> {
  const ticks: Promise<void>[] = [];
  while (!signal.aborted) {
    const tick = running.tick().catch((error: unknown) => {
      if (!signal.aborted) process.stderr.write(`${String(error)}\n`);
    });
    ticks.push(tick);
    await sleep(CRON_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  await Promise.all(ticks);
}
