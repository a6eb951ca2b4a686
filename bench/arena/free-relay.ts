import { setTimeout as sleep } from 'node:timers/promises';
import { generateSecrets } from '../../scripts/secrets.ts';
import { clientShape } from '../../scripts/shapes.ts';
import type { InvocationCount } from '../workers/shapes.ts';
import { bundle } from './bundle.ts';
import { taskOf, type Job } from './contender.ts';
import { migrate } from './migrate.ts';
import { COMPATIBILITY_DATE, startWorkerd } from './runtime.ts';
import { UPSTREAM_KEY } from './upstream.ts';

const RELAY = 'http://relay.test';
const QUEUE = 'wake-ups';
const CRON_EVERY_MS = 60_000;

/** Ringback with the settings of the Free plan, its cron and its queue. */
export interface FreeRelay {
  readonly post: (job: Job) => Promise<void>;
  readonly invocations: () => Promise<InvocationCount[]>;
  readonly stop: () => Promise<void>;
}

export async function startFreeRelay(upstream: URL, hasQueue: boolean): Promise<FreeRelay> {
  const secrets = generateSecrets();
  const { miniflare, stop } = await startWorkerd({
    modules: true,
    script: await bundle('bench/workers/free.ts'),
    compatibilityDate: COMPATIBILITY_DATE,
    compatibilityFlags: ['nodejs_als'],
    d1Databases: { DB: 'free' },
    ...(hasQueue ? { queueProducers: { WAKE_UPS: QUEUE }, queueConsumers: { [QUEUE]: CONSUMER } } : {}),
    ratelimits: {
      CLIENT_RATE: { namespace_id: '1001', simple: { limit: 1_000_000, period: 10 } },
      SIGN_IN_FAILURES: { namespace_id: '1002', simple: { limit: 120, period: 60 } },
    },
    bindings: {
      ...secrets,
      UPSTREAM_URL: upstream.href,
      UPSTREAM_API_KEY: UPSTREAM_KEY,
      ALLOW_PRIVATE_CALLBACKS: 'true',
    },
  });
  await migrate(miniflare);
  const call = async (path: string, token: string, body?: object): Promise<unknown> => {
    const response = await miniflare.dispatchFetch(RELAY + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 300)}`);
    return JSON.parse(text);
  };
  const { key } = clientShape.parse(await call('/admin/clients', secrets.ADMIN_TOKEN, { name: 'free' }));
  const stopping = new AbortController();
  const crons = fireCrons(async () => {
    await (await miniflare.dispatchFetch(`${RELAY}/cdn-cgi/local/scheduled`)).text();
  }, stopping.signal);
  return {
    post: async (job) => {
      await call('/v1/tasks', key, { ...taskOf(job), callback_url: job.callbackUrl });
    },
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own Worker's answer
    invocations: async () => (await call('/counted', '')) as InvocationCount[],
    stop: async () => {
      stopping.abort();
      await stop();
      await crons;
    },
  };
}

/** As `wrangler.toml` has it. */
const CONSUMER = { maxBatchSize: 1, maxBatchTimeout: 0, maxRetries: 0 };

async function fireCrons(fire: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    void fire().catch((error: unknown) => {
      if (!signal.aborted) process.stderr.write(`${String(error)}\n`);
    });
    await sleep(CRON_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}
