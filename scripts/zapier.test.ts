import { expect, it } from 'vitest';
import { checkZapierApp, hasZapierTools } from './integrations/zapier.ts';

/** Half a minute of it installs Zapier's tools; elsewhere `npm run integration:zapier` does that once. */
const TIMEOUT_MS = 240_000;

it.skipIf(!hasZapierTools() && process.env['CI'] === undefined)(
  "Zapier's app passes Zapier's own checks, and does what it says against a Ringback on the simulator",
  { timeout: TIMEOUT_MS },
  async () => {
    const { validated, tested } = await checkZapierApp();
    expect(validated).toContain('structurally sound');
    expect(tested).toMatch(/pass [1-9]\d*\n.*fail 0/);
  },
);
