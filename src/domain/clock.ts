/** Time, handed in: the engine never reads it from anywhere else, so tests and simulations own it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Calls `then` after `ms`, once; what it returns takes that back, and does nothing where it is over. */
  after(ms: number, then: () => void): () => void;
  /** Resolves after `ms`, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** `2026-11-22T15:00:00.000Z`, the one way in which an instant is written on the wire. */
export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
