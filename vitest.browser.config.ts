import { defineConfig } from 'vitest/config';

// CI counts what passed: it says where to write it.
const results = process.env['TEST_RESULTS'];

// In plain Node: Ringback, the sandbox and the inbox are started as `npm run dev` starts them, and looked at in Chromium.
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    globalSetup: 'test/browser/stack.ts',
    // One stack, one browser at a time: two cores are few.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', ...(results === undefined ? [] : ['json' as const])],
    ...(results === undefined ? {} : { outputFile: `${results}/browser.json` }),
  },
});
