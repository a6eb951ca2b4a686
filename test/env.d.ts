import type { D1Migration } from 'cloudflare:test';

declare global {
  namespace Cloudflare {
    interface Env {
      /** The migrations, read by vitest.config.ts. */
      TEST_MIGRATIONS: D1Migration[];
      /** A bucket that a test binds as RESULTS where it keeps results. */
      TEST_RESULTS: R2Bucket;
    }
  }
}
