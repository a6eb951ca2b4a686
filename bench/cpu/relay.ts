import type { Miniflare } from 'miniflare';
import { generateSecrets } from '../../scripts/secrets.ts';
import { DATABASE } from '../arena/relay.ts';
import { migrate } from '../arena/migrate.ts';
import { COMPATIBILITY_DATE, startWorkerd } from '../arena/runtime.ts';
import { UPSTREAM_KEY } from '../arena/upstream.ts';
import { EVALUATE, INVOCATIONS, type Built } from './built.ts';
import { SPINNER, SPINNER_SCRIPT, startCalibration } from './calibrate.ts';
import { connectProfiler, type Profiler } from './inspector.ts';
import { spentIn, type Spent } from './spent.ts';

/** Loopback by its name: the console's cookie is kept over http there. */
export const ORIGIN = 'http://localhost';

type Fetch = Awaited<ReturnType<Miniflare['getWorker']>>['fetch'];
type Answer = ReturnType<Fetch>;

/** An isolate that runs crons, by its number; or the one that answers requests. */
export type Isolate = number | 'http';

/** Ringback in workerd, as isolates over one database: requests in one of them, crons in the others, so that each is measured alone. */
export interface MeasuredRelay {
  readonly miniflare: Miniflare;
  readonly adminToken: string;
  /** How many ms of CPU time a sample stood for, each time that was asked. */
  readonly calibrations: readonly number[];
  readonly fetch: (isolate: Isolate, url: string, init?: Parameters<Fetch>[1]) => Answer;
  /** Evaluates the Worker in an isolate, where that is not done yet. */
  readonly evaluate: (isolate: Isolate) => Promise<void>;
  /** How many cron runs and legs an isolate has had. */
  readonly invocations: (isolate: number) => Promise<number>;
  /** One cron invocation, to its end; the legs that it calls follow in the same isolate. */
  readonly tick: (isolate: number) => Promise<void>;
  /** What an isolate runs meanwhile. */
  readonly profiled: (isolate: Isolate, work: () => Promise<unknown>) => Promise<Spent>;
  readonly stop: () => Promise<void>;
}

/**
 * Starts it with the settings of wrangler.toml, which are the Free plan's.
 *
 * @param crons how many isolates there are to run crons in.
 * @param keeping with a bucket for results, and these variables beside.
 */
export async function startMeasured(
  { modules, sources }: Built,
  upstream: URL,
  crons: number,
  keeping: Record<string, string> | null = null,
): Promise<MeasuredRelay> {
  const secrets = generateSecrets();
  const ours = workerOf(modules, { ...secrets, UPSTREAM_URL: upstream.href, ...keeping });
  const bucket = keeping === null ? {} : { r2Buckets: { RESULTS: 'results' } };
  const isolates: readonly Isolate[] = ['http', ...Array(crons).keys()];
  const { miniflare, pid, stop } = await startWorkerd({
    inspectorPort: 0,
    workers: [
      ...isolates.map((isolate) => ({
        ...ours,
        ...bucket,
        ...(isolate === 'http' || keeping !== null ? {} : queueOf(isolate)),
        name: nameOf(isolate),
      })),
      { name: SPINNER, modules: true, script: SPINNER_SCRIPT, compatibilityDate: COMPATIBILITY_DATE },
    ],
  });
  await migrate(miniflare);
  const calibration = await startCalibration(miniflare, pid);
  const calibrations: number[] = [];
  const calibrated = async (): Promise<number> => {
    const ms = await calibration.msPerSample();
    calibrations.push(ms);
    return ms;
  };
  const inspector = await miniflare.getInspectorURL();
  const profilers = new Map<Isolate, Profiler>();
  for (const isolate of isolates) profilers.set(isolate, await connectProfiler(inspector, nameOf(isolate)));
  const worker = async (isolate: Isolate) => await miniflare.getWorker(nameOf(isolate));
  return {
    miniflare,
    adminToken: secrets.ADMIN_TOKEN,
    calibrations,
    fetch: async (isolate, url, init) => await (await worker(isolate)).fetch(url, init),
    evaluate: async (isolate) => {
      const response = await (await worker(isolate)).fetch(ORIGIN + EVALUATE);
      await response.text();
    },
    invocations: async (isolate) => {
      const response = await (await worker(isolate)).fetch(ORIGIN + INVOCATIONS);
      return Number(await response.text());
    },
    tick: async (isolate) => {
      await (await worker(isolate)).scheduled({ cron: '* * * * *' });
    },
    profiled: async (isolate, work) => {
      const profiler = profilers.get(isolate);
      if (profiler === undefined) throw new Error(`There is no isolate ${isolate}.`);
      const before = await calibrated();
      await profiler.start();
      await work();
      const profile = await profiler.stop();
      return spentIn(profile, sources, (before + (await calibrated())) / 2);
    },
    stop: async () => {
      for (const profiler of [calibration, ...profilers.values()]) profiler.close();
      await stop();
    },
  };
}

function nameOf(isolate: Isolate): string {
  return isolate === 'http' ? isolate : `cron-${isolate}`;
}

/** The queue of wrangler.toml, one for each isolate, so that the legs of a cron run are in the isolate that is measured. */
function queueOf(isolate: number) {
  const queue = `wake-ups-${isolate}`;
  return {
    queueProducers: { WAKE_UPS: queue },
    queueConsumers: { [queue]: { maxBatchSize: 1, maxBatchTimeout: 0, maxRetries: 0 } },
  };
}

function workerOf(modules: Built['modules'], vars: Record<string, string>) {
  return {
    modules,
    modulesRoot: '/',
    compatibilityDate: COMPATIBILITY_DATE,
    compatibilityFlags: ['global_fetch_strictly_public'],
    d1Databases: { DB: DATABASE },
    ratelimits: {
      CLIENT_RATE: { namespace_id: '1001', simple: { limit: 1_000_000, period: 10 as const } },
      SIGN_IN_FAILURES: { namespace_id: '1002', simple: { limit: 120, period: 60 as const } },
    },
    bindings: {
      UPSTREAM_API_KEY: UPSTREAM_KEY,
      ALLOW_PRIVATE_CALLBACKS: 'true',
      TICK_SECONDS: '55',
      SUBREQUEST_BUDGET: '45',
      ...vars,
    },
  };
}
