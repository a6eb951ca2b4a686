import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';

import { ConfigError, readConfig } from '../src/config.ts';

/** A weak key may have sealed something already: it is got rid of as any other. */
const REMEDY =
  'make one with openssl rand -base64 32, and set this one as MASTER_KEY_PREVIOUS where it was in use';

const SECRETS = {
  ADMIN_TOKEN: 'an-admin-token-of-24-chars-or-more',
  MASTER_KEY: 'Rk3vW8mTq1zYc6Bn0xJdLhG5sPfUeA9oi7Kt2QyNrXE=',
};

/** What is wrong with the secrets and these variables. */
function problemsOf(variables: Record<string, unknown>): readonly string[] {
  try {
    readConfig({ ...SECRETS, ...variables });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems;
  }
}

describe('the configuration', () => {
  it('is complete with the two secrets alone', () => {
    expect(readConfig(SECRETS)).toEqual({
      upstreamUrl: 'https://aigptimage.com',
      upstreamApiKey: null,
      adminToken: SECRETS.ADMIN_TOKEN,
      masterKey: SECRETS.MASTER_KEY,
      previousMasterKey: null,
      allowPrivateCallbacks: false,
      callbackDnsUrl: null,
      tickMs: 55_000,
      subrequestBudget: 45,
      d1Requests: 50,
      taskTimeoutMs: 86_400_000,
      callbackTimeoutMs: 15_000,
      retryDelaysMs: [5, 30, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400].map((s) => s * 1_000),
      pollMinMs: 3_000,
      retentionDays: 30,
      keepMaxBytes: 500_000_000,
      subscriptionStopMs: 432_000_000,
      searchMetadataKey: null,
    });
  });

  it('has the same defaults in the code and in wrangler.toml', () => {
    const { UPSTREAM_URL, ALLOW_PRIVATE_CALLBACKS, TICK_SECONDS, SUBREQUEST_BUDGET } = env;
    const { TASK_TIMEOUT_SECONDS, CALLBACK_TIMEOUT_SECONDS, RETRY_DELAYS_SECONDS } = env;
    const { POLL_MIN_SECONDS, RETENTION_DAYS } = env;
    const deployed = {
      UPSTREAM_URL,
      ALLOW_PRIVATE_CALLBACKS,
      TICK_SECONDS,
      SUBREQUEST_BUDGET,
      TASK_TIMEOUT_SECONDS,
      CALLBACK_TIMEOUT_SECONDS,
      RETRY_DELAYS_SECONDS,
      POLL_MIN_SECONDS,
      RETENTION_DAYS,
    };
    expect(Object.values(deployed)).not.toContain(undefined);
    expect(readConfig({ ...SECRETS, ...deployed })).toEqual(readConfig(SECRETS));
  });

  it.each([
    ['UPSTREAM_URL', 'http://127.0.0.1:8788/', 'upstreamUrl', 'http://127.0.0.1:8788'],
    ['UPSTREAM_URL', 'https://proxy.example/up//', 'upstreamUrl', 'https://proxy.example/up'],
    ['UPSTREAM_API_KEY', 'sk-1', 'upstreamApiKey', 'sk-1'],
    ['MASTER_KEY_PREVIOUS', `${'B'.repeat(43)}=\n`, 'previousMasterKey', `${'B'.repeat(43)}=`],
    ['MASTER_KEY_PREVIOUS', SECRETS.MASTER_KEY, 'previousMasterKey', null],
    ['ALLOW_PRIVATE_CALLBACKS', 'true', 'allowPrivateCallbacks', true],
    ['TICK_SECONDS', '2', 'tickMs', 2_000],
    ['SUBREQUEST_BUDGET', '9000', 'subrequestBudget', 9_000],
    ['TASK_TIMEOUT_SECONDS', '60', 'taskTimeoutMs', 60_000],
    ['CALLBACK_TIMEOUT_SECONDS', '1', 'callbackTimeoutMs', 1_000],
    ['RETRY_DELAYS_SECONDS', ' 1, 2.5 ,0', 'retryDelaysMs', [1_000, 2_500, 0]],
    ['POLL_MIN_SECONDS', '1', 'pollMinMs', 1_000],
    ['RETENTION_DAYS', '7', 'retentionDays', 7],
  ])('takes %s = %j', (name, value, field, expected) => {
    expect(readConfig({ ...SECRETS, [name]: value })).toMatchObject({ [field]: expected });
  });
});

it.each([
  ['45', 50],
  ['50', 50],
  ['51', 1_000],
  ['9000', 1_000],
])(
  'a budget of %s fetches tells of a plan with %i requests to D1, whether or not names are looked up',
  (budget, requests) => {
    const vars = { ...SECRETS, SUBREQUEST_BUDGET: budget };
    expect(readConfig(vars).d1Requests).toBe(requests);
    const looksUp = { ...vars, CALLBACK_DNS_URL: 'https://cloudflare-dns.com/dns-query' };
    expect(readConfig(looksUp).d1Requests).toBe(requests);
  },
);

it('with a resolver, the budget stays what it is, and is enough for one callback with its look-ups', () => {
  const CALLBACK_DNS_URL = 'https://cloudflare-dns.com/dns-query';
  expect(readConfig({ ...SECRETS, CALLBACK_DNS_URL })).toMatchObject({
    callbackDnsUrl: CALLBACK_DNS_URL,
    subrequestBudget: 45,
  });
  expect(readConfig({ ...SECRETS, CALLBACK_DNS_URL, SUBREQUEST_BUDGET: '4' }).subrequestBudget).toBe(4);
  expect(() => readConfig({ ...SECRETS, CALLBACK_DNS_URL, SUBREQUEST_BUDGET: '3' })).toThrow(
    'SUBREQUEST_BUDGET must be at least 4 where CALLBACK_DNS_URL is set.',
  );
});

describe('a configuration that is refused names the variable, and says what it has to be', () => {
  it.each([
    ['ADMIN_TOKEN', undefined, 'is not set: wrangler secret put ADMIN_TOKEN'],
    ['ADMIN_TOKEN', 'x'.repeat(23), 'must have at least 24 characters'],
    ['MASTER_KEY', undefined, 'is not set: wrangler secret put MASTER_KEY (openssl rand -base64 32)'],
    ['MASTER_KEY', '', 'must be 32 bytes in base64 (openssl rand -base64 32)'],
    ['MASTER_KEY', 'c2hvcnQ=', 'must be 32 bytes in base64 (openssl rand -base64 32)'],
    ['MASTER_KEY', 'not base64 at all!', 'must be 32 bytes in base64 (openssl rand -base64 32)'],
    ['MASTER_KEY_PREVIOUS', 'c2hvcnQ=', 'must be 32 bytes in base64'],
    [
      'ADMIN_TOKEN',
      'a'.repeat(24),
      'is one character again and again: make one with openssl rand -base64 32',
    ],
    [
      'ADMIN_TOKEN',
      'replace-me-replace-me-replace-me',
      'is a placeholder, which anybody knows: make one with openssl rand -base64 32',
    ],
    ['MASTER_KEY', btoa('\0'.repeat(32)), `is one character again and again: ${REMEDY}`],
    ['UPSTREAM_URL', 'aigptimage.com', 'must be an http(s) URL'],
    ['UPSTREAM_URL', 'ftp://aigptimage.com', 'must be an http(s) URL'],
    ['UPSTREAM_URL', '', 'must be an http(s) URL'],
    [
      'ADMIN_TOKEN',
      'a token with spaces in its middle',
      'must be printable without spaces: it is sent in a header',
    ],
    ['UPSTREAM_API_KEY', '', 'must be printable without spaces: leave it out where clients bring their own'],
    ['ALLOW_PRIVATE_CALLBACKS', 'yes', 'must be true or false'],
    ['ALLOW_PRIVATE_CALLBACKS', '', 'must be true or false'],
    ['CALLBACK_DNS_URL', 'http://dns.example/', 'must be an https URL: https://cloudflare-dns.com/dns-query'],
    ['TICK_SECONDS', '0', 'must be at least 1'],
    ['TICK_SECONDS', '901', 'must be at most 900'],
    ['TICK_SECONDS', '5s', 'must be a whole number'],
    ['SUBREQUEST_BUDGET', '0', 'must be at least 1'],
    ['SUBREQUEST_BUDGET', '10000001', 'must be at most 10000000'],
    ['TASK_TIMEOUT_SECONDS', '-1', 'must be a whole number'],
    ['TASK_TIMEOUT_SECONDS', '2592001', 'must be at most 2592000'],
    ['CALLBACK_TIMEOUT_SECONDS', '101', 'must be at most 100'],
    ['RETRY_DELAYS_SECONDS', '', 'must be seconds, separated by commas: 5,30,300'],
    ['RETRY_DELAYS_SECONDS', '5,,30', 'must be seconds, separated by commas: 5,30,300'],
    ['RETRY_DELAYS_SECONDS', '5;30', 'must be seconds, separated by commas: 5,30,300'],
    ['RETRY_DELAYS_SECONDS', '2592001', 'has a delay of more than 30 days'],
    ['POLL_MIN_SECONDS', '', 'must be a whole number'],
    ['RETENTION_DAYS', '1.5', 'must be a whole number'],
  ])('%s = %j', (name, value, remedy) => {
    expect(problemsOf({ [name]: value })).toEqual([`${name} ${remedy}.`]);
  });

  it('and every other one at fault', () => {
    const variables = { ADMIN_TOKEN: 'short', TICK_SECONDS: 'x', RETENTION_DAYS: '0' };
    expect(problemsOf(variables).map((problem) => problem.split(' ')[0])).toEqual([
      'ADMIN_TOKEN',
      'TICK_SECONDS',
      'RETENTION_DAYS',
    ]);
  });

  it('in one message', () => {
    expect(() => readConfig({ ...SECRETS, ADMIN_TOKEN: 'short', TICK_SECONDS: 'x' })).toThrow(
      'ADMIN_TOKEN must have at least 24 characters. TICK_SECONDS must be a whole number.',
    );
  });

  it('but never shows its value', () => {
    const secret = 'sw0rdfish';
    const names = Object.keys({ ...SECRETS, ...env }).filter((name) => /^[A-Z_]+$/.test(name));
    const wrong = Object.fromEntries(names.map((name) => [name, secret]));
    const problems = problemsOf(wrong).join('\n');
    expect(problems).toContain('MASTER_KEY');
    expect(problems).toContain('RETRY_DELAYS_SECONDS');
    expect(problems).not.toContain(secret);
  });
});
