import type { Clock } from '../domain/clock.ts';

/** What is thrown into an operation that took too long. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

/**
 * Runs `operation` with a signal that aborts after `ms`; rejects with `TimeoutError` then, whether or not the operation
 * heeds the signal. Like `AbortSignal.timeout`, on a clock that tests can own.
 */
export async function withTimeout<T>(
  clock: Clock,
  ms: number,
  operation: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const aborting = new AbortController();
  const settled = new AbortController();
  const late = clock.sleep(ms, settled.signal).then(() => {
    const error = new TimeoutError(`no answer within ${ms} ms`);
    if (!settled.signal.aborted) aborting.abort(error);
    throw error;
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([operation(aborting.signal), late]);
  } finally {
    settled.abort();
  }
}
