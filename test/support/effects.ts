/** What a process that was killed meets at every further effect. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/** The effect at which something goes wrong, and whether the effect still happens. */
export interface Kill {
  readonly at: number;
  readonly when: 'before' | 'after';
  /** The process dies, unless only this one effect fails and the process lives on. */
  readonly survives?: boolean;
  /** What is said then; that it passes, unless told otherwise. */
  readonly says?: string;
}

/** What an effect fails with, by its name and for as long as the process lives; null where it goes well. */
export type Trouble = (name: string) => Error | null;

/** Counts what a process does to the world (D1 statements and fetches), and kills it at one of them if asked to. */
export class Effects {
  private inFlight = 0;
  private count = 0;
  private isDead = false;
  private hit = false;
  private readonly kill: Kill | null;
  private readonly trouble: Trouble;
  private readonly names: string[] = [];
  /** Rows that statements have written, as D1 says. */
  rowsWritten = 0;
  /** The same as D1 bills it, index entries too. */
  rowsBilled = 0;

  constructor(kill: Kill | null = null, trouble: Trouble = () => null) {
    this.kill = kill;
    this.trouble = trouble;
  }

  get isBusy(): boolean {
    return this.inFlight > 0;
  }

  /** The process dies where it is. */
  die(): void {
    this.isDead = true;
  }

  /** Whether the effect that was to go wrong came. */
  get wasHit(): boolean {
    return this.hit;
  }

  /** What was done so far, by name. */
  get log(): readonly string[] {
    return this.names;
  }

  async run<T>(name: string, effect: () => Promise<T>): Promise<T> {
    if (this.isDead) throw new Killed(name);
    const isLast = ++this.count === this.kill?.at;
    this.names.push(name);
    const trouble = this.trouble(name);
    if (trouble !== null) throw trouble;
    if (isLast) this.hit = true;
    if (isLast && this.kill?.survives !== true) this.isDead = true;
    if (isLast && this.kill?.when === 'before') throw this.failure(name);
    this.inFlight++;
    const result = await effect().finally(() => {
      this.inFlight--;
    });
    this.rowsWritten += sumOf(result, 'changes');
    this.rowsBilled += sumOf(result, 'rows_written');
    if (isLast) throw this.failure(name);
    return result;
  }

  private failure(name: string): Error {
    const { says = 'D1_ERROR: Network connection lost.' } = this.kill ?? {};
    return this.isDead ? new Killed(name) : new Error(`${says} (${name})`);
  }

  /** Sleeping on the clock is not being busy. */
  async asleep<T>(sleeping: Promise<T>): Promise<T> {
    this.inFlight--;
    try {
      return await sleeping;
    } finally {
      this.inFlight++;
    }
  }
}

function sumOf(result: unknown, field: string): number {
  if (Array.isArray(result)) return result.reduce((sum: number, one: unknown) => sum + sumOf(one, field), 0);
  const meta: unknown =
    typeof result === 'object' && result !== null && 'meta' in result ? result.meta : null;
  return typeof meta === 'object' && meta !== null && field in meta ? Number(Reflect.get(meta, field)) : 0;
}

/** The same database, with each statement an effect. */
export function watchedDb(db: D1Database, effects: Effects): D1Database {
  const originals = new WeakMap<object, { name: string; statement: D1PreparedStatement }>();
  const watch = (sql: string, statement: D1PreparedStatement): D1PreparedStatement => {
    const name = sql.trim().split(/\s+/, 3).join(' ');
    const proxy = new Proxy(statement, {
      get(target, property) {
        if (property === 'bind') return (...values: unknown[]) => watch(sql, target.bind(...values));
        const method: unknown = Reflect.get(target, property);
        if (typeof method !== 'function') return method;
        return (...args: unknown[]) => effects.run(name, async () => await method.apply(target, args));
      },
    });
    originals.set(proxy, { name, statement });
    return proxy;
  };
  return new Proxy(db, {
    get(target, property) {
      if (property === 'prepare') return (sql: string) => watch(sql, target.prepare(sql));
      if (property !== 'batch') return Reflect.get(target, property);
      return (statements: D1PreparedStatement[]) => {
        const known = statements.map((proxy) => originals.get(proxy) ?? { name: '', statement: proxy });
        // A batch that only reads is no write.
        const isRead = known.every(({ name }) => name.startsWith('select'));
        return effects.run(
          isRead ? 'select' : 'batch',
          async () => await target.batch(known.map(({ statement }) => statement)),
        );
      };
    },
  });
}

const BUCKET_EFFECTS = new Set<PropertyKey>([
  'put',
  'delete',
  'list',
  'get',
  'head',
  'createMultipartUpload',
]);
const UPLOAD_EFFECTS = new Set<PropertyKey>(['uploadPart', 'complete', 'abort']);

/** The same bucket, with each request an effect. */
export function watchedBucket(bucket: R2Bucket, effects: Effects): R2Bucket {
  const watch = <T extends object>(target: T, names: ReadonlySet<PropertyKey>): T =>
    new Proxy(target, {
      get(object, property) {
        const method: unknown = Reflect.get(object, property);
        if (typeof method !== 'function') return method;
        if (!names.has(property)) return method.bind(object) as unknown;
        return async (...args: unknown[]) => {
          const result = await effects.run(
            `R2 ${String(property)}`,
            async () => await method.apply(object, args),
          );
          return property === 'createMultipartUpload' ? watch(result, UPLOAD_EFFECTS) : result;
        };
      },
    });
  return watch(bucket, BUCKET_EFFECTS);
}
