import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Response, type V4WorkerOptions } from 'miniflare';
import { generateSecrets } from '../../scripts/secrets.ts';
import { clientShape } from '../../scripts/shapes.ts';
import { bundle } from './bundle.ts';
import { taskOf, type Arena, type Contender, type Job } from './contender.ts';
import { COMPATIBILITY_DATE, startWorkerd, type Workerd } from './runtime.ts';
import { migrate } from './migrate.ts';
import { UPSTREAM_KEY } from './upstream.ts';

const RELAY = 'http://relay.test';
const NAME = 'relay';
export const DATABASE = 'ringback';
const QUEUE = 'wake-ups';
const TICK_SECONDS = 55;
const CRON_EVERY_MS = 60_000;
/** What fits the Paid plan. */
const SUBREQUEST_BUDGET = 9_000;

/** Ringback in workerd over a migrated D1. */
export interface Relay extends Workerd {
  readonly adminToken: string;
  readonly call: (path: string, token: string, body?: unknown) => Promise<unknown>;
  /** One cron invocation, to its end. */
  readonly tick: () => Promise<void>;
  /** One worker's invocation, as the queue would call it, to its end. */
  readonly work: () => Promise<void>;
}

interface RelayOptions {
  readonly vars?: Record<string, string>;
  readonly hasQueue?: boolean;
  readonly isServed?: boolean;
  readonly keepsResults?: boolean;
}

/**
 * @param keepsResults whether it has a bucket that result files are copied into.
 * @param hasQueue whether it may call workers.
 * @param isServed whether those are called; else the bench does what it likes about them.
 */
export async function startRelay({ upstream, folder }: Arena, options: RelayOptions = {}): Promise<Relay> {
  const { hasQueue = false, isServed = false, keepsResults = false } = options;
  const secrets = generateSecrets();
  const ours = {
    ...(await workerOf({ upstream, secrets, vars: options.vars ?? {} })),
    ...(hasQueue ? { queueProducers: { WAKE_UPS: QUEUE } } : {}),
    ...(keepsResults ? { r2Buckets: { RESULTS: 'results' } } : {}),
  };
  const work = async (): Promise<void> => {
    const message = { id: randomUUID(), timestamp: new Date(), body: {}, attempts: 1 };
    await worker.queue(QUEUE, [message]);
  };
  let isStopped = false;
  const workUnlessStopped = async (): Promise<void> => {
    await work().catch((error: unknown) => {
      if (!isStopped) process.stderr.write(`${String(error)}\n`);
    });
  };
  const workerd = await startWorkerd({
    resourcePersistencePath: folder,
    workers: isServed ? [ours, callerOf(workUnlessStopped)] : [ours],
  });
  const stop = async (): Promise<void> => {
    isStopped = true;
    await workerd.stop();
  };
  const { miniflare } = workerd;
  await migrate(miniflare);
  // Once: Miniflare asks workerd for it in a way that stops this process, and for ever where workerd waits for this process.
  const worker = await miniflare.getWorker(NAME);
  // Past the emulation's own front, as a post comes in on Cloudflare.
  const origin = await miniflare.unsafeGetDirectURL(NAME);
  const call: Relay['call'] = async (path, token, body) => {
    const response = await fetch(new URL(path, origin), {
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
  return { ...workerd, stop, adminToken: secrets.ADMIN_TOKEN, call, tick, work };
}

/** Ringback's own Worker. */
async function workerOf({
  upstream,
  secrets,
  vars,
}: {
  upstream: URL;
  secrets: Record<string, string>;
  vars: Record<string, string>;
}): Promise<V4WorkerOptions> {
  return {
    name: NAME,
    modules: true,
    script: await bundle('src/index.ts'),
    compatibilityDate: COMPATIBILITY_DATE,
    compatibilityFlags: ['global_fetch_strictly_public'],
    unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
    d1Databases: { DB: DATABASE },
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
  };
}

/** A Worker that takes wake-ups out of the queue at once, for this process to work: the local emulation works one at a time. */
function callerOf(work: () => Promise<void>): V4WorkerOptions {
  return {
    name: 'caller',
    modules: true,
    script: `export default { queue: ({ messages }, { BENCH }) => BENCH.fetch('http://bench.test/' + messages.length) }`,
    compatibilityDate: COMPATIBILITY_DATE,
    queueConsumers: { [QUEUE]: { maxBatchSize: 100, maxBatchTimeout: 0 } },
    serviceBindings: {
      BENCH: ({ url }) => {
        const count = Number(new URL(url).pathname.slice(1));
        for (let nth = 0; nth < count; nth++) void work();
        return new Response();
      },
    },
  };
}

/** Ringback with its cron and its workers, as on the Paid plan. */
export const relay: Contender = {
  name: 'Ringback',
  start: async (arena) => {
    const running = await startRelay(arena, { hasQueue: true, isServed: true });
    const created = await running.call('/admin/clients', running.adminToken, { name: 'bench' });
    const { key } = clientShape.parse(created);
    const stopping = new AbortController();
    const crons = fireCrons(running, stopping.signal);
    return {
      pids: [running.pid],
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
