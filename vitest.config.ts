import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

// Wrangler takes the required secrets from here, and looks nothing up on the network.
process.env['ADMIN_TOKEN'] = 'test-admin-token-of-24-chars-or-more';
process.env['MASTER_KEY'] = 'Rk3vW8mTq1zYc6Bn0xJdLhG5sPfUeA9oi7Kt2QyNrXE=';
process.env['CLOUDFLARE_CF_FETCH_ENABLED'] = 'false';

// CI counts what passed: it says where to write it.
const results = process.env['TEST_RESULTS'];

/** Pure rules: they know no database, and answer within seconds. Which headers can be sent is for the platform to say. */
const RULES = [
  'test/domain/**/*.test.ts',
  'test/properties/!(parsers).test.ts',
  'test/sandbox/**/*.test.ts',
  'test/upstream/**/*.test.ts',
  'test/security.test.ts',
];

export default defineConfig({
  test: {
    // Ringback logs what it does; of interest only where a test fails.
    silent: 'passed-only',
    testTimeout: 20_000,
    reporters: ['default', ...(results === undefined ? [] : ['json' as const])],
    ...(results === undefined ? {} : { outputFile: `${results}/unit.json` }),
    // Files share a process, or a runtime with its database: nothing is started, loaded or migrated for each of them. So a file
    // begins with rows of its own (`startRelay` empties the tables), and leaves nothing replaced.
    isolate: false,
    // Each waits for its database half of the time.
    maxWorkers: '100%',
    restoreMocks: true,
    projects: [
      { extends: true, test: { name: 'rules', include: RULES } },
      {
        extends: true,
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              r2Buckets: ['TEST_RESULTS'],
              bindings: { TEST_MIGRATIONS: await readD1Migrations('migrations') },
            },
          })),
        ],
        test: { name: 'workerd', include: ['test/**/*.test.ts'], exclude: ['test/browser/**', ...RULES] },
      },
      // Its D1 is SQLite in the same thread: thousands of statements a second, each of which can fail.
      { extends: true, test: { name: 'node', include: ['simulation/**/*.test.ts'] } },
      { extends: true, test: { name: 'scripts', include: ['scripts/**/*.test.ts'] } },
    ],
  },
});
