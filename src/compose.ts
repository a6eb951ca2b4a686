import { version } from '../package.json';
import { createCallbackSender } from './adapters/callback.ts';
import { createInbox } from './adapters/inbox.ts';
import { createNameCheck } from './adapters/name-check.ts';
import { createSecrets } from './adapters/secrets.ts';
import { createUpstream } from './adapters/upstream.ts';
import { readConfig } from './config.ts';
import type { Clock } from './domain/clock.ts';
import { sealedFor } from './domain/sealed-for.ts';
import { createCallBack } from './engine/call-back.ts';
import { Asking } from './engine/asking.ts';
import { Learning } from './engine/learning.ts';
import { createSendSigned } from './engine/send-signed.ts';
import { createUpstreamKeys } from './engine/upstream-keys.ts';
import type { Services } from './http/services.ts';
import { createCallbackStore } from './store/callbacks.ts';
import { createClientStore } from './store/clients.ts';
import { createInboxStore } from './store/inbox.ts';
import { createLoadStore } from './store/load.ts';
import { createOverviewStore } from './store/overview.ts';
import { createTaskSearch } from './store/task-search.ts';
import { createStatsStore } from './store/stats.ts';
import { createTaskStore } from './store/tasks.ts';
import { createTickStore } from './store/ticks.ts';
import { createDurationStore } from './store/durations.ts';
import { createDueStore } from './store/due.ts';
import { createOutcomeStore } from './store/outcomes.ts';
import { createQueueStore } from './store/queue.ts';
import { createErasureStore } from './store/erasures.ts';
import { createSpendingStore } from './store/spending.ts';
import { createRetentionStore } from './store/retention.ts';
import { createSealedStore } from './store/sealed.ts';
import { createWakeWorkers } from './wake-up.ts';
import type { WakeUpBinding } from './wake-up.ts';

/** The world outside of the Worker, as far as tests replace it. */
export interface World {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly random: () => number;
}

const realWorld: World = {
  fetch: (input, init) => fetch(input, init),
  clock: { now: () => Date.now(), sleep },
  random: () => Math.random(),
};

/** Puts everything together. Throws `ConfigError` where the configuration is missing or malformed. */
export function createServices(env: Env & WakeUpBinding, world: World = realWorld): Services {
  const config = readConfig(env);
  const { fetch, clock, random } = world;
  const secrets = createSecrets(config.masterKey, config.previousMasterKey);
  const patience = { sleep: async (ms: number) => await clock.sleep(ms), random };
  const clients = createClientStore(env.DB, patience);
  const send = createCallbackSender({
    fetch,
    clock,
    timeoutMs: config.callbackTimeoutMs,
    allowPrivate: config.allowPrivateCallbacks,
    checkName:
      config.callbackDnsUrl === null
        ? null
        : createNameCheck({ resolverUrl: config.callbackDnsUrl, fetch, clock }),
  });
  const inbox = createInbox({ secrets, store: createInboxStore(env.DB), clock, randomBytes });
  const sendSigned = createSendSigned({
    secrets,
    send: inbox.before(send),
    clock,
    userAgent: `Ringback/${version}`,
  });
  const { callBack, tellFailure } = createCallBack(clients, secrets, sendSigned);
  return {
    config,
    clock,
    random,
    secrets,
    callBack,
    tellFailure,
    sendSigned,
    stores: {
      clients,
      tasks: createTaskStore(env.DB, patience),
      due: createDueStore(env.DB),
      outcomes: createOutcomeStore(env.DB, patience),
      callbacks: createCallbackStore(env.DB, patience),
      load: createLoadStore(env.DB),
      queue: createQueueStore(env.DB),
      ticks: createTickStore(env.DB, patience),
      sealed: createSealedStore(env.DB, patience),
      retention: createRetentionStore(env.DB),
      erasures: createErasureStore(env.DB, patience),
      spending: createSpendingStore(env.DB, patience),
    },
    wakeWorkers: createWakeWorkers(env),
    asking: new Asking(),
    learning: new Learning(createDurationStore(env.DB), clock, config.pollMinMs),
    stats: createStatsStore(env.DB),
    upstream: createUpstream({ baseUrl: config.upstreamUrl, fetch, clock }),
    upstreamKey: createUpstreamKeys(clients, secrets, config.upstreamApiKey),
    fingerprints: secrets.fingerprints,
    sealHeaders: async (task, headers) =>
      Object.keys(headers).length === 0
        ? null
        : await secrets.seal(JSON.stringify(headers), sealedFor.callbackHeaders(task)),
    randomBytes,
    inbox,
    overview: createOverviewStore(env.DB),
    searchTasks: createTaskSearch(env.DB),
    rates: { client: env.CLIENT_RATE, failedSignIn: env.SIGN_IN_FAILURES },
  };
}

function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done);
  });
}
