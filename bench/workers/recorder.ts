/** What a database was asked. */
export interface Asked {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** A database that answers nothing, and remembers what it was asked. */
export function recorder(asked: Asked[], db: D1Database): D1Database {
  const answer = { results: [], success: true, meta: { changes: 0 } };
  const statement = (sql: string, values: readonly unknown[]): unknown => {
    const note = async (): Promise<unknown> => {
      asked.push({ sql, values });
      return answer;
    };
    return {
      bind: (...bound: unknown[]) => statement(sql, bound),
      all: note,
      run: note,
      first: async () => {
        await note();
        return null;
      },
      note,
    };
  };
  return new Proxy(db, {
    get: (target, property): unknown => {
      if (property === 'prepare') return (sql: string) => statement(sql, []);
      if (property === 'batch')
        return async (statements: { note: () => Promise<unknown> }[]) =>
          await Promise.all(statements.map(({ note }) => note()));
      return Reflect.get(target, property);
    },
  });
}
