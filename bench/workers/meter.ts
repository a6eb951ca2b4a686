import type { Effects } from '../../test/support/effects.ts';
import { noCost, plus } from './shapes.ts';
import type { Cost, Counts } from './shapes.ts';

/** Adds up what D1 says of its own statements, and outgoing fetches, by kind. */
export class Meter {
  private all: Counts = {};

  ran(sql: string, meta: D1Meta, trips: number): void {
    const cost = this.costOf(kindOf(sql));
    cost.statements++;
    cost.trips += trips;
    cost.written += meta.rows_written;
    cost.read += meta.rows_read;
  }

  fetched(where: string): void {
    this.costOf(`fetch ${where}`).fetches++;
  }

  counts(): Counts {
    return structuredClone(this.all);
  }

  total(): Cost {
    return Object.values(this.all).reduce(plus, noCost());
  }

  reset(): void {
    this.all = {};
  }

  private costOf(kind: string): Cost {
    return (this.all[kind] ??= noCost());
  }
}

/** What a statement does to its rows where one table has several of its kind. */
const PURPOSES: readonly (readonly [string, RegExp])[] = [
  ['lease', /set leased_until = (iif|\?)|set state = 'accepting', due_at/],
  ['release', /set leased_until = v\./],
  ['outcome', /next\.value|first_attempt = coalesce/],
];

/** A statement by its verb and its table, behind what `with` gives names to. */
function kindOf(sql: string): string {
  const outside = outermost(sql);
  const [verb = ''] = /\b(?:select|insert|update|delete)\b/i.exec(outside) ?? [];
  const table = /(?:into|update|from|join)\s+(?!json_each|pairs)(\w+)/i.exec(outside)?.[1] ?? '';
  // All of it stands in parentheses: by the first table there.
  const inside = table === '' ? /\b(?:from|join)\s+(?!json_each|select\b)(\w+)/i.exec(sql)?.[1] : undefined;
  const [purpose] = PURPOSES.find(([, pattern]) => pattern.test(outside)) ?? [];
  return [
    verb,
    table,
    inside === undefined ? '' : `(of ${inside})`,
    purpose === undefined ? '' : `(${purpose})`,
  ]
    .filter(Boolean)
    .join(' ');
}

/** The statement without what stands in parentheses. */
function outermost(sql: string): string {
  let depth = 0;
  let text = '';
  for (const letter of sql) {
    if (letter === ')') depth--;
    if (depth === 0) text += letter;
    if (letter === '(') depth++;
  }
  return text;
}

/** The same database, with each statement metered and an effect of the clock's. `first` tells nothing, so it is `all`. */
export function meteredDb(db: D1Database, meter: Meter, effects: Effects): D1Database {
  const known = new WeakMap<object, { sql: string; statement: D1PreparedStatement }>();
  const all = async <T>(sql: string, statement: D1PreparedStatement): Promise<D1Result<T>> => {
    const result = await effects.run('statement', async () => await statement.all<T>());
    meter.ran(sql, result.meta, 1);
    return result;
  };
  const first = async (sql: string, statement: D1PreparedStatement, column?: string): Promise<unknown> => {
    const [row = null] = (await all<Record<string, unknown>>(sql, statement)).results;
    return column === undefined || row === null ? row : row[column];
  };
  const metered = (sql: string, statement: D1PreparedStatement): D1PreparedStatement => {
    const proxy = new Proxy(statement, {
      get(target, property) {
        if (property === 'bind') return (...values: unknown[]) => metered(sql, target.bind(...values));
        if (property === 'first') return async (column?: string) => await first(sql, target, column);
        if (property === 'all' || property === 'run') return async () => await all(sql, target);
        return Reflect.get(target, property);
      },
    });
    known.set(proxy, { sql, statement });
    return proxy;
  };
  return new Proxy(db, {
    get(target, property) {
      if (property === 'prepare') return (sql: string) => metered(sql, target.prepare(sql));
      if (property !== 'batch') return Reflect.get(target, property);
      return async (statements: D1PreparedStatement[]) => {
        const asked = statements.map((proxy) => known.get(proxy) ?? { sql: '', statement: proxy });
        const results = await effects.run(
          'batch',
          async () => await target.batch(asked.map(({ statement }) => statement)),
        );
        for (const [index, { meta }] of results.entries())
          meter.ran(asked[index]?.sql ?? '', meta, index === 0 ? 1 : 0);
        return results;
      };
    },
  });
}
