/** What sends a request: the platform counts each of them, and a batch as one. */
const SENDS = new Set<PropertyKey>(['first', 'all', 'run', 'raw']);

/** The same database; `onRequest` is called as a request goes out to it, whatever becomes of that. */
export function countedDb(db: D1Database, onRequest: () => void): D1Database {
  // A batch takes statements of the database's own.
  const originals = new WeakMap<object, D1PreparedStatement>();
  const counted = (statement: D1PreparedStatement): D1PreparedStatement => {
    const proxy = new Proxy(statement, {
      get(target, property) {
        if (property === 'bind') return (...values: unknown[]) => counted(target.bind(...values));
        const method: unknown = Reflect.get(target, property);
        if (!SENDS.has(property) || typeof method !== 'function') return method;
        return (...args: unknown[]): unknown => {
          onRequest();
          return method.apply(target, args);
        };
      },
    });
    originals.set(proxy, statement);
    return proxy;
  };
  return new Proxy(db, {
    get(target, property) {
      if (property === 'prepare') return (sql: string) => counted(target.prepare(sql));
      if (property !== 'batch') return Reflect.get(target, property);
      return async (statements: D1PreparedStatement[]) => {
        onRequest();
        return await target.batch(statements.map((proxy) => originals.get(proxy) ?? proxy));
      };
    },
  });
}
