/**
 * Errors of D1 that pass by themselves (https://developers.cloudflare.com/d1/observability/debug-d1/#error-list): the
 * statement may or may not have been carried out, so only idempotent ones are tried again.
 */
const PASSING = [
  'Network connection lost',
  'storage caused object to be reset',
  'reset because its code was updated',
  'Cannot resolve D1 DB due to transient issue',
];
const MAX_TRIES = 5;
const FIRST_DELAY_MS = 50;

/** How a store waits between two tries. */
export interface Patience {
  readonly sleep: (ms: number) => Promise<void>;
  /** In [0, 1). */
  readonly random: () => number;
}

/** Runs an idempotent statement, again up to 5 times where D1 says that its error passes; jittered, at most 1.6 s in all. */
export async function retried<T>({ sleep, random }: Patience, statement: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await statement();
    } catch (error) {
      if (tries >= MAX_TRIES || !passes(error)) throw error;
      await sleep(Math.round(FIRST_DELAY_MS * 2 ** tries * (0.5 + random() / 2)));
    }
  }
}

function passes(error: unknown): boolean {
  const message = error instanceof Error ? error.message : String(error);
  return PASSING.some((words) => message.includes(words));
}
