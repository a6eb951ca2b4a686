/**
 * The same database; `onRequest` is called as a request goes out to it, whatever becomes of that. The platform counts each, and a
 * batch as one.
 */
export function countedDb(db: D1Database, onRequest: () => void): D1Database {
  const counted: Pick<D1Database, 'prepare' | 'batch'> = {
    prepare: (sql) => new CountedStatement(db.prepare(sql), onRequest).asStatement,
    batch: async (statements) => {
      onRequest();
      return await db.batch(statements.map(originalOf));
    },
  };
  // Nobody here asks it in another way.
  return counted as D1Database;
}

/** A plain object and no `Proxy`: one exchange prepares a dozen. */
class CountedStatement {
  readonly original: D1PreparedStatement;
  private readonly onRequest: () => void;

  constructor(original: D1PreparedStatement, onRequest: () => void) {
    this.original = original;
    this.onRequest = onRequest;
  }

  /** What callers see: the methods of a statement, and no more. */
  get asStatement(): D1PreparedStatement {
    return this as unknown as D1PreparedStatement;
  }

  bind(...values: unknown[]): D1PreparedStatement {
    return new CountedStatement(this.original.bind(...values), this.onRequest).asStatement;
  }

  async first(...column: [string]): Promise<unknown> {
    this.onRequest();
    return await this.original.first(...column);
  }

  async all(): Promise<unknown> {
    this.onRequest();
    return await this.original.all();
  }

  async run(): Promise<unknown> {
    this.onRequest();
    return await this.original.run();
  }

  async raw(...options: [{ columnNames: true }]): Promise<unknown> {
    this.onRequest();
    return await this.original.raw(...options);
  }
}

/** A batch takes statements of the database's own. */
function originalOf(statement: D1PreparedStatement): D1PreparedStatement {
  return statement instanceof CountedStatement ? statement.original : statement;
}
