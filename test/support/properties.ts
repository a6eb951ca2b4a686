import * as fc from 'fast-check';

/** The same examples in every run: a test that fails is one that has been changed, or whose subject has. */
const SEED = 20_261_122;
const EXAMPLES = 300;

/** Holds for all of these, or fails with the smallest example for which it does not. */
export function holdsForAll<T>(
  arbitrary: fc.Arbitrary<T>,
  check: (value: T) => void,
  examples = EXAMPLES,
): void {
  // An expectation gives something back, and fast-check would take it for a verdict.
  const property = fc.property(arbitrary, (value) => {
    check(value);
  });
  fc.assert(property, { seed: SEED, numRuns: examples });
}

/** The same for a check that takes its time. */
export async function holdsForAllInTime<T>(
  arbitrary: fc.Arbitrary<T>,
  check: (value: T) => Promise<void>,
  examples = EXAMPLES,
): Promise<void> {
  await fc.assert(fc.asyncProperty(arbitrary, check), { seed: SEED, numRuns: examples });
}
