import { version } from '../../package.json';
import { createCallbackSender } from '../delivery/sender.ts';
import type { CallbackSender } from '../delivery/sender.ts';
import { createFileKeeper } from '../files/keeper.ts';
import type { FileKeeper } from '../files/keeper.ts';
import type { ResultsBinding } from '../files/bucket.ts';
import { createInbox } from '../delivery/inbox.ts';
import { createNameCheck } from '../delivery/name-check.ts';
import { createSecrets } from '../sealing/secrets.ts';
import type { Secrets } from '../sealing/secrets.ts';
import { createUpstream } from '../upstream/client.ts';
import { readConfig } from '../config.ts';
import type { Config } from '../config.ts';
import type { Clock } from '../domain/clock.ts';
import type { Upstream } from '../domain/upstream.ts';
import type { Stores } from '../engine/deps.ts';
import { Learning, LearningMemory } from '../engine/learning.ts';
import { Asking } from '../engine/asking.ts';
import { KnownClients } from '../engine/known-clients.ts';
import { RefusedPosts } from '../engine/refused-posts.ts';
import { KnownModels } from '../engine/known-models.ts';
import { PollCounts } from '../engine/poll-counts.ts';
import { Seals } from '../engine/seals.ts';
import { createSend } from '../delivery/send.ts';
import { createSendSigned } from '../delivery/send-signed.ts';
import { UpstreamWatch } from '../engine/upstream-watch.ts';
import { createUpstreamKeys } from '../engine/upstream-keys.ts';
import { createDurationStore } from '../store/durations.ts';
import { createInboxStore } from '../store/inbox.ts';

/** The world outside of the Worker, as far as tests replace it. */
export interface World {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly random: () => number;
}

/** What all requests and ticks of an isolate share: it knows no database. */
export interface Isolate {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: () => number;
  readonly secrets: Secrets;
  readonly upstream: Upstream;
  readonly pollCounts: PollCounts;
  readonly asking: Asking;
  readonly upstreamWatch: UpstreamWatch;
  readonly knownClients: KnownClients;
  readonly knownModels: KnownModels;
  readonly refusedPosts: RefusedPosts;
  readonly send: CallbackSender;
  readonly learned: LearningMemory;
  readonly openedKeys: Map<string, string>;
  readonly seals: Seals;
  /** Null where no bucket is bound. */
  readonly files: FileKeeper | null;
}

const USER_AGENT = `Ringback/${version}`;

/** Throws `ConfigError` where the configuration is missing or malformed. */
export function createIsolate(
  env: Omit<Env, 'WAKE_UPS'> & ResultsBinding,
  { fetch, clock, random }: World,
): Isolate {
  const config = readConfig(env);
  const secrets = createSecrets(config.masterKey, config.previousMasterKey);
  const { callbackDnsUrl: resolverUrl, callbackTimeoutMs: timeoutMs } = config;
  const checkName = resolverUrl === null ? null : createNameCheck({ resolverUrl, fetch, clock });
  const { allowPrivateCallbacks: allowPrivate, keepMaxBytes: maxBytes } = config;
  const { RESULTS: bucket } = env;
  const source = { fetch, clock, allowPrivate, checkName, userAgent: USER_AGENT, maxBytes };
  return {
    config,
    clock,
    random,
    secrets,
    files: bucket === undefined ? null : createFileKeeper(bucket, source, randomBytes),
    upstream: createUpstream({ baseUrl: config.upstreamUrl, fetch, clock }),
    pollCounts: new PollCounts(),
    asking: new Asking(),
    upstreamWatch: new UpstreamWatch(),
    knownClients: new KnownClients(clock),
    knownModels: new KnownModels(clock),
    refusedPosts: new RefusedPosts(),
    send: createCallbackSender({
      fetch,
      clock,
      timeoutMs,
      allowPrivate,
      checkName,
    }),
    learned: new LearningMemory(config.pollMinMs),
    openedKeys: new Map(),
    seals: new Seals(secrets, clock),
  };
}

/** The engine's parts over one database: the isolate's own, or one whose requests are counted for an invocation. */
export function engineParts(isolate: Isolate, db: D1Database, stores: Stores) {
  const { config, clock, random, secrets, upstream, asking, pollCounts, send, learned, openedKeys } = isolate;
  const { clients } = stores;
  const inbox = createInbox({ secrets, store: createInboxStore(db), clock, randomBytes });
  const sendSigned = createSendSigned({
    secrets,
    send: inbox.before(send),
    clock,
    userAgent: USER_AGENT,
  });
  const operatorKey = config.upstreamApiKey;
  return {
    config,
    clock,
    random,
    secrets,
    upstream,
    asking,
    upstreamWatch: isolate.upstreamWatch,
    pollCounts,
    seals: isolate.seals,
    files: isolate.files,
    stores,
    inbox,
    sendSigned,
    send: createSend(secrets, sendSigned),
    learning: new Learning(createDurationStore(db), { clock, pollMinMs: config.pollMinMs, memory: learned }),
    ...createUpstreamKeys({ clients, secrets, operatorKey, opened: openedKeys }),
  };
}

export function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}
