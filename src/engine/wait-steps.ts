/** From one look into D1 to the next, for a request that waits: in ms. */
export interface WaitSteps {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * Steps that double up to the longest, so that a request that waits for long asks D1 rarely: on the Free plan it may ask
 * 50 times in all.
 */
export function waitSteps({ firstMs, longestMs }: WaitSteps): { nextMs: () => number } {
  let next = firstMs;
  return {
    nextMs: () => {
      const step = next;
      next = Math.min(longestMs, next * 2);
      return step;
    },
  };
}
