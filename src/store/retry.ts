import { databaseTrouble } from '../domain/database-trouble.ts';
import { TogetherError } from './together.ts';

const MAX_TRIES = 5;
const FIRST_DELAY_MS = 50;
const MAX_TRIES_TILL_KNOWN = 9;
const LONGEST_DELAY_MS = 1_000;

/** How a store waits between two tries. */
export interface Patience {
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** In [0, 1). */
  readonly random: () => number;
}

/**
 * Runs an idempotent statement, again up to 5 times where D1 says that its error passes; jittered, at most 1.6 s in all. It
 * may have been carried out all the same, so nothing else may be handed in. Reads need it not: D1 repeats those by itself
 * (https://developers.cloudflare.com/d1/best-practices/retry-queries/). Nor is an overloaded database asked more often.
 */
export async function retried<T>(patience: Patience, statement: (tries: number) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await statement(tries);
    } catch (error) {
      // What others asked beside it may be what failed: once more at once, alone.
      if (error instanceof TogetherError) continue;
      if (tries >= MAX_TRIES || databaseTrouble(error) !== 'passing') throw error;
      await pause(patience, tries);
    }
  }
}

/**
 * The same for what a caller is to be told the truth about: once a try may have been carried out without an answer, it goes on, some
 * five seconds at the most, whatever D1 says then. Rejects at once where nothing can have happened.
 */
export async function retriedTillKnown<T>(
  patience: Patience,
  statement: (tries: number) => Promise<T>,
): Promise<T> {
  let mayBeDone = false;
  for (let tries = 1; ; tries++) {
    try {
      return await statement(tries);
    } catch (error) {
      if (error instanceof TogetherError) {
        mayBeDone = true;
        continue;
      }
      const trouble = databaseTrouble(error);
      mayBeDone ||= trouble === null || trouble === 'passing' || trouble === 'other';
      // What D1 does not say may be a bug: once more is enough.
      if (!mayBeDone || tries >= (trouble === null ? 2 : MAX_TRIES_TILL_KNOWN)) throw error;
      await pause(patience, tries);
    }
  }
}

async function pause({ sleep, random }: Patience, tries: number): Promise<void> {
  const delayMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** tries);
  await sleep(Math.round(delayMs * (0.5 + random() / 2)));
}
