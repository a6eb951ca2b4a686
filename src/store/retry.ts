import { databaseTrouble } from '../domain/database-trouble.ts';

const MAX_TRIES = 5;
const FIRST_DELAY_MS = 50;

/** How a store waits between two tries. */
export interface Patience {
  readonly sleep: (ms: number) => Promise<void>;
  /** In [0, 1). */
  readonly random: () => number;
}

/**
 * Runs an idempotent statement, again up to 5 times where D1 says that its error passes; jittered, at most 1.6 s in all. It
 * may have been carried out all the same, so nothing else may be handed in. Reads need it not: D1 repeats those by itself
 * (https://developers.cloudflare.com/d1/best-practices/retry-queries/). Nor is an overloaded database asked more often.
 */
export async function retried<T>({ sleep, random }: Patience, statement: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await statement();
    } catch (error) {
      if (tries >= MAX_TRIES || databaseTrouble(error) !== 'passing') throw error;
      await sleep(Math.round(FIRST_DELAY_MS * 2 ** tries * (0.5 + random() / 2)));
    }
  }
}

/**
 * The same, and once more where nobody knows whether it was carried out, after a timeout, say: for what a caller is to be told the
 * truth about. Rejects where that is not known either.
 */
export async function retriedTillKnown<T>(patience: Patience, statement: () => Promise<T>): Promise<T> {
  try {
    return await retried(patience, statement);
  } catch (error) {
    const trouble = databaseTrouble(error);
    if (trouble !== null && trouble !== 'other') throw error;
    return await retried(patience, statement);
  }
}
