import { describe, expect, it } from 'vitest';
import { runSeed } from './run-seed.ts';

/** Few enough for every run of the tests; `npm run simulate` runs as many as one likes. */
const SEEDS = [
  ...Array.from({ length: 20 }, (_, index) => index + 1),
  // Two posts whose order in D1 was not that of their ids ran at once, past the limit of their client.
  354,
  491,
];
const MAX_MS = 120_000;

describe('the relay in a world where everything fails', () => {
  it.each(SEEDS)(
    'keeps every promise under seed %i',
    async (seed) => {
      const { violation, callbacks } = await runSeed(seed, null);
      expect(violation, `npm run simulate -- --seed ${seed}`).toBeNull();
      expect(callbacks).toBeGreaterThan(0);
    },
    MAX_MS,
  );
});

describe('a seed', () => {
  it('is the same run each time, and another one than every other seed', async () => {
    const digests = [];
    for (const seed of [7, 8, 7]) digests.push((await runSeed(seed, null)).digest);
    expect(digests[2]).toBe(digests[0]);
    expect(digests[1]).not.toBe(digests[0]);
  });

  it('runs in a world in which things do go wrong', async () => {
    const reports = [];
    for (const seed of [2, 3, 4]) reports.push(await runSeed(seed, null));
    expect(reports.reduce((sum, { faults }) => sum + faults, 0)).toBeGreaterThan(10);
  });
});
