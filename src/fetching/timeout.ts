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
  const late = Promise.withResolvers<never>();
  const stop = clock.after(ms, () => {
    const error = new TimeoutError(`no answer within ${ms} ms`);
    late.reject(error);
    aborting.abort(error);
  });
  try {
    return await Promise.race([operation(aborting.signal), late.promise]);
  } finally {
    stop();
  }
}
