import { sealedFor } from '../domain/sealed-for.ts';
import { budgetsOf } from '../engine/budgets.ts';
import type { InvocationDeps } from '../engine/deps.ts';
import { forgetting } from '../engine/known-clients.ts';
import { createModels } from '../engine/known-models.ts';
import type { Services } from '../http/services.ts';
import { SignInWaits } from '../http/sign-in-waits.ts';
import type { ResultsBinding } from '../files/bucket.ts';
import { createIsolate, engineParts, randomBytes } from './isolate.ts';
import type { World } from './isolate.ts';
import { countedDb } from '../store/counted-db.ts';
import { createAuditStore } from '../store/audit.ts';
import { createSessionStore } from '../store/sessions.ts';
import { createMetricsStore } from '../store/metrics.ts';
import { createModelStore } from '../store/models.ts';
import { createOverviewStore } from '../store/overview.ts';
import { createRefusedPostStore } from '../store/refused-posts.ts';
import { createStatsStore } from '../store/stats.ts';
import { createUsageStore } from '../store/usage.ts';
import { createTaskCount, createTaskSearch } from '../store/task-search.ts';
import { createStores } from './stores.ts';
import { createWakeUps } from './wake-up.ts';
import type { WakeUpBinding } from './wake-up.ts';

const realWorld: World = {
  fetch: (input, init) => fetch(input, init),
  clock: { now: () => Date.now(), after, sleep },
  random: () => Math.random(),
};

/** Puts everything together. Throws `ConfigError` where the configuration is missing or malformed. */
export function createServices(
  env: Omit<Env, 'WAKE_UPS'> & WakeUpBinding & ResultsBinding,
  world: World = realWorld,
): Services {
  const { DB: db } = env;
  const isolate = createIsolate(env, world);
  const { config, clock, random, secrets } = isolate;
  const patience = {
    sleep: async (ms: number, signal?: AbortSignal) => await clock.sleep(ms, signal),
    random,
  };
  const wakeUps = createWakeUps(env);

  const startInvocation = (): InvocationDeps => {
    const budgets = budgetsOf(config, clock.now());
    const counted = countedDb(db, () => budgets.d1.take(1));
    return { ...engineParts(isolate, counted, createStores(counted, patience)), wakeUps, budgets };
  };

  const stores = createStores(db, patience, { isShared: true });
  return {
    ...engineParts(isolate, db, {
      ...stores,
      clients: forgetting(stores.clients, isolate.knownClients),
    }),
    wakeUps,
    startInvocation,
    knownClients: isolate.knownClients,
    knownModels: isolate.knownModels,
    models: createModels(createModelStore(db, patience), isolate.knownModels),
    stats: createStatsStore(db),
    usage: createUsageStore(db),
    metrics: createMetricsStore(db),
    refusedPosts: isolate.refusedPosts,
    refusals: createRefusedPostStore(db),
    audits: createAuditStore(db, patience),
    sessions: createSessionStore(db, patience),
    fingerprints: secrets.fingerprints,
    sealHeaders: async (task, headers) =>
      Object.keys(headers).length === 0
        ? null
        : await secrets.seal(JSON.stringify(headers), sealedFor.callbackHeaders(task)),
    randomBytes,
    overview: createOverviewStore(db),
    searchTasks: createTaskSearch(db),
    countTasks: createTaskCount(db),
    signInWaits: new SignInWaits(clock),
    rates: { client: env.CLIENT_RATE, failedSignIn: env.SIGN_IN_FAILURES },
  };
}

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const stop = after(ms, done);
    function done(): void {
      stop();
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done);
  });
}

function after(ms: number, then: () => void): () => void {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
}
