/**
 * Where a sandbox keeps what it must not forget. A Durable Object is evicted after seconds without a request, so what is
 * in memory is written through to a ledger and read back at the start. `ctx.storage.kv` of a SQLite-backed Durable
 * Object is one; without one everything lives in memory, which is what tests want.
 */
export interface Ledger {
  list<T>(options: { prefix: string }): Iterable<[string, T]>;
  put(key: string, value: unknown): void;
  delete(key: string): unknown;
}

/** A ledger that remembers nothing: the memory of its user is all there is. */
export const noLedger: Ledger = {
  list: () => [],
  put: () => undefined,
  delete: () => undefined,
};
