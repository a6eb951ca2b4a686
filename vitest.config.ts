import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

// Wrangler takes the required secrets from here, and looks nothing up on the network.
process.env['ADMIN_TOKEN'] = 'test-admin-token-of-24-chars-or-more';
process.env['MASTER_KEY'] = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';
process.env['CLOUDFLARE_CF_FETCH_ENABLED'] = 'false';

// CI counts what passed: it says where to write it.
const results = process.env['TEST_RESULTS'];

export default defineConfig({
  plugins: [
    cloudflareTest(async () => ({
      wrangler: { configPath: './wrangler.toml' },
      miniflare: { bindings: { TEST_MIGRATIONS: await readD1Migrations('migrations') } },
    })),
  ],
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/browser/**'],
    reporters: ['default', ...(results === undefined ? [] : ['json' as const])],
    ...(results === undefined ? {} : { outputFile: `${results}/unit.json` }),
  },
});
