import { fromBase64 } from './domain/base64.ts';
import { weaknessOfBytes, weaknessOfText } from './domain/weak-secret.ts';
import { Fault, isUrl, readVariables, refuseUnless, seconds, wholeNumber } from './variables.ts';
import type { Rule } from './variables.ts';

const DAY_SECONDS = 86_400;
const MIN_ADMIN_TOKEN_LENGTH = 24;
const MASTER_KEY_BYTES = 32;
/** What can stand in a header. */
const PRINTABLE = /^[!-~]+$/;
const MAX_DELAYS = 100;
const MAX_DELAY_DAYS = 30;
/** The most that one turn takes: a result that is fetched again, two look-ups, the callback. */
const MAX_FETCHES_OF_TURN = 4;
/** The Free plan's outgoing fetches in one invocation: who sets more has the Paid plan. */
const FREE_SUBREQUESTS = 50;
/** What `limits.subrequests` can be (https://developers.cloudflare.com/changelog/post/2026-02-11-subrequests-limit/). */
const MAX_SUBREQUESTS = 10_000_000;
/** Requests to D1 in one invocation (https://developers.cloudflare.com/d1/platform/limits/, read 2026-11-22). */
const FREE_D1_REQUESTS = 50;
const PAID_D1_REQUESTS = 1_000;

const ADMIN_TOKEN_REMEDY = 'make one with openssl rand -base64 32';
/** A weak one may have sealed something already. */
const MASTER_KEY_REMEDY =
  'make one with openssl rand -base64 32, and set this one as MASTER_KEY_PREVIOUS where it was in use';

/** @param remedy behind the words of what is wrong. */
function masterKey(text: string, remedy = ''): string {
  const key = text.trim();
  const isRight = fromBase64(key)?.length === MASTER_KEY_BYTES;
  refuseUnless(isRight, `must be ${MASTER_KEY_BYTES} bytes in base64${remedy}`);
  return key;
}

function refuseWeak(weakness: string | null, remedy: string): void {
  refuseUnless(weakness === null, `${weakness}: ${remedy}`);
}

/** Each variable with its rule; `src/variables.ts` says what a rule is. */
const VARIABLES = {
  /** Base URL of the polling API; a path is kept, a trailing slash is not. */
  UPSTREAM_URL: (url = 'https://aigptimage.com') => {
    refuseUnless(isUrl(url, ['http:', 'https:']), 'must be an http(s) URL');
    refuseUnless(!/[?#@]/.test(url), 'must have no query, fragment or user');
    return url.replace(/\/+$/, '');
  },
  /** The operator's upstream key; without it each client brings its own. */
  UPSTREAM_API_KEY: (key) => {
    const isRight = key === undefined || PRINTABLE.test(key);
    refuseUnless(isRight, 'must be printable without spaces: leave it out where clients bring their own');
    return key;
  },
  /** Bearer token of `/admin/*`. */
  ADMIN_TOKEN: (token) => {
    if (token === undefined) throw new Fault('is not set: wrangler secret put ADMIN_TOKEN');
    refuseUnless(
      token.length >= MIN_ADMIN_TOKEN_LENGTH,
      `must have at least ${MIN_ADMIN_TOKEN_LENGTH} characters`,
    );
    refuseUnless(PRINTABLE.test(token), 'must be printable without spaces: it is sent in a header');
    refuseWeak(weaknessOfText(token), ADMIN_TOKEN_REMEDY);
    return token;
  },
  /** Seals every stored secret: 32 bytes in base64 (`openssl rand -base64 32`). */
  MASTER_KEY: (text) => {
    if (text === undefined)
      throw new Fault('is not set: wrangler secret put MASTER_KEY (openssl rand -base64 32)');
    const key = masterKey(text, ' (openssl rand -base64 32)');
    refuseWeak(weaknessOfBytes(fromBase64(key) ?? new Uint8Array()), MASTER_KEY_REMEDY);
    return key;
  },
  /** While `MASTER_KEY` is being replaced: the one before, which still opens what it sealed; a weak one too, to get rid of it. */
  MASTER_KEY_PREVIOUS: (text) => (text === undefined ? undefined : masterKey(text)),
  /** Development only: lifts the scheme, address, port and own-host rules for callback URLs. */
  ALLOW_PRIVATE_CALLBACKS: (text = 'false') => {
    refuseUnless(text === 'true' || text === 'false', 'must be true or false');
    return text === 'true';
  },
  /**
   * Asked for the addresses of a callback's host before each attempt, by DNS over HTTPS in its JSON format, such as
   * https://cloudflare-dns.com/dns-query; nobody is, unless it is set.
   */
  CALLBACK_DNS_URL: (url) => {
    const isRight = url === undefined || isUrl(url, ['https:']);
    refuseUnless(isRight, 'must be an https URL: https://cloudflare-dns.com/dns-query');
    return url;
  },
  /** How long one cron invocation keeps working, in seconds. */
  TICK_SECONDS: seconds(1, 900, 55),
  /**
   * Outgoing fetches that one invocation may make: 45 stays below the Free plan's 50, 9000 below the Paid plan's usual 10,000. Above
   * that `[limits]` in wrangler.toml has to allow more.
   */
  SUBREQUEST_BUDGET: wholeNumber(1, MAX_SUBREQUESTS, 45),
  /** A task with no end by then fails with `timed_out`; in seconds. */
  TASK_TIMEOUT_SECONDS: seconds(1, 30 * DAY_SECONDS, DAY_SECONDS),
  /** One delivery attempt, in seconds. */
  CALLBACK_TIMEOUT_SECONDS: seconds(1, 100, 15),
  /** Delays after each failed attempt, in seconds, with ±20 % jitter: N delays make N + 1 attempts. In ms. */
  RETRY_DELAYS_SECONDS: (list = '5,30,300,1800,7200,18000,36000,50400,72000,86400') => {
    const isList = /^\s*\d+(\.\d+)?(\s*,\s*\d+(\.\d+)?)*\s*$/.test(list);
    refuseUnless(isList, 'must be seconds, separated by commas: 5,30,300');
    const delaysMs = list.split(',').map((item) => Number(item) * 1_000);
    const isShort = delaysMs.every((ms) => ms <= MAX_DELAY_DAYS * DAY_SECONDS * 1_000);
    refuseUnless(isShort, `has a delay of more than ${MAX_DELAY_DAYS} days`);
    refuseUnless(delaysMs.length <= MAX_DELAYS, `must have at most ${MAX_DELAYS} delays`);
    return delaysMs;
  },
  /** No task is polled more often, in seconds. */
  POLL_MIN_SECONDS: seconds(1, 3_600, 3),
  /** A result file above so many megabytes (10^6 bytes) is not kept; R2 takes up to 5 TB in one file. */
  KEEP_MAX_MB: wholeNumber(1, 5_000_000, 500),
  /** Ended tasks older than this are purged, in days. */
  RETENTION_DAYS: wholeNumber(1, 3_650, 30),
  /** A subscription whose every delivery has failed for so long is stopped, in seconds. */
  SUBSCRIPTION_STOP_SECONDS: seconds(1, 365 * DAY_SECONDS, 5 * DAY_SECONDS),
  /** The key of tasks' metadata whose values the console finds by index, such as `order_id`; of tasks that are posted from then on. */
  SEARCH_METADATA_KEY: (key) => {
    const isRight = key === undefined || /^[\w.-]{1,100}$/.test(key);
    refuseUnless(isRight, 'must be a key of metadata: 1 to 100 letters, digits, "_", "." and "-"');
    return key;
  },
} as const satisfies Record<string, Rule<unknown>>;

/** The configuration, checked: durations in milliseconds. */
export interface Config {
  readonly upstreamUrl: string;
  readonly upstreamApiKey: string | null;
  readonly adminToken: string;
  readonly masterKey: string;
  readonly previousMasterKey: string | null;
  readonly allowPrivateCallbacks: boolean;
  /** Null where no resolver is asked. */
  readonly callbackDnsUrl: string | null;
  readonly tickMs: number;
  readonly subrequestBudget: number;
  /** What D1 lets one invocation ask at the most, on the plan that `SUBREQUEST_BUDGET` tells of; a batch counts as one. */
  readonly d1Requests: number;
  readonly taskTimeoutMs: number;
  readonly callbackTimeoutMs: number;
  readonly retryDelaysMs: readonly number[];
  readonly pollMinMs: number;
  readonly retentionDays: number;
  /** In bytes. */
  readonly keepMaxBytes: number;
  readonly subscriptionStopMs: number;
  /** Null where no value of metadata is found by index. */
  readonly searchMetadataKey: string | null;
}

/** A variable is missing or malformed; `problems` names each, with the remedy, and holds no value. */
export class ConfigError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join(' '));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** Reads the Worker's variables and secrets. Throws `ConfigError` naming every variable at fault. */
export function readConfig(env: object): Config {
  const read = readVariables(VARIABLES, env);
  if ('problems' in read) throw new ConfigError(read.problems);
  const variables = read.values;
  if (variables.CALLBACK_DNS_URL !== undefined && variables.SUBREQUEST_BUDGET < MAX_FETCHES_OF_TURN) {
    const words = `must be at least ${MAX_FETCHES_OF_TURN} where CALLBACK_DNS_URL is set`;
    throw new ConfigError([`SUBREQUEST_BUDGET ${words}.`]);
  }
  return {
    upstreamUrl: variables.UPSTREAM_URL,
    upstreamApiKey: variables.UPSTREAM_API_KEY ?? null,
    adminToken: variables.ADMIN_TOKEN,
    masterKey: variables.MASTER_KEY,
    previousMasterKey: previousKey(variables.MASTER_KEY, variables.MASTER_KEY_PREVIOUS),
    allowPrivateCallbacks: variables.ALLOW_PRIVATE_CALLBACKS,
    tickMs: variables.TICK_SECONDS,
    callbackDnsUrl: variables.CALLBACK_DNS_URL ?? null,
    subrequestBudget: variables.SUBREQUEST_BUDGET,
    d1Requests: variables.SUBREQUEST_BUDGET > FREE_SUBREQUESTS ? PAID_D1_REQUESTS : FREE_D1_REQUESTS,
    taskTimeoutMs: variables.TASK_TIMEOUT_SECONDS,
    callbackTimeoutMs: variables.CALLBACK_TIMEOUT_SECONDS,
    retryDelaysMs: variables.RETRY_DELAYS_SECONDS,
    pollMinMs: variables.POLL_MIN_SECONDS,
    retentionDays: variables.RETENTION_DAYS,
    keepMaxBytes: variables.KEEP_MAX_MB * 1_000_000,
    subscriptionStopMs: variables.SUBSCRIPTION_STOP_SECONDS,
    searchMetadataKey: variables.SEARCH_METADATA_KEY ?? null,
  };
}

/** Set first while a key is being replaced, and then for a moment the same: nothing is replaced yet. */
function previousKey(current: string, previous: string | undefined): string | null {
  return previous === undefined || previous === current ? null : previous;
}
