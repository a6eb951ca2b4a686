import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { isPassing } from './chaos.ts';
import type { Chaos } from './chaos.ts';
import type { Draw } from './draw.ts';
import { currentInvocation } from './invocation.ts';
import type { Invocation } from './invocation.ts';
import { currentOperation } from './operation.ts';
import type { Timeline } from './timeline.ts';
import type { Trace } from './trace.ts';

const MIGRATIONS = join(import.meta.dirname, '..', 'migrations');
const SCHEMA = readdirSync(MIGRATIONS)
  .filter((name) => name.endsWith('.sql'))
  .sort()
  .map((name) => readFileSync(join(MIGRATIONS, name), 'utf8'))
  .join('\n');

type Row = Record<string, unknown>;

interface Result {
  readonly success: true;
  readonly results: Row[];
  readonly meta: { readonly changes: number };
}

interface World {
  readonly timeline: Timeline;
  readonly chaos: Chaos;
  readonly trace: Trace;
  /** Requests that one invocation may make; each one more fails. */
  readonly d1Requests: number;
  /** Called as an invocation asks. */
  readonly onD1Request: (by: Invocation) => void;
}

/** Cloudflare's words. */
const TOO_MANY = 'Too many API requests by single worker invocation.';

/** A D1 database over SQLite in memory: each statement takes its time, and may fail before or after it was carried out. */
export class SimulatedD1 {
  /** Whether anything was changed since it was last asked. */
  isTouched = false;
  /** Errors of SQLite itself: a statement that Ringback should not have sent. */
  readonly mistakes: string[] = [];
  private readonly sqlite = new DatabaseSync(':memory:');
  private readonly prepared = new Map<string, StatementSync>();
  /** Operations that were carried out, by name and caller: those that faults are meant for have to be among them. */
  readonly operations = new Set<string>();
  private readonly world: World;

  constructor(world: World, draw: Draw) {
    this.world = world;
    // SQLite's own would be different in each run.
    this.sqlite.function('random', () => draw.between(0, 2 ** 31));
    this.sqlite.exec(SCHEMA);
  }

  prepare(sql: string): SimulatedStatement {
    return new SimulatedStatement(this, sql, []);
  }

  async batch(statements: readonly SimulatedStatement[]): Promise<Result[]> {
    return await this.perform(() => {
      this.sqlite.exec('begin');
      try {
        const results = statements.map((statement) => this.execute(statement));
        this.sqlite.exec('commit');
        return results;
      } catch (error) {
        this.sqlite.exec('rollback');
        throw error;
      }
    });
  }

  /** Reads past Ringback: for those who look on. */
  look(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.statement(sql).all(...values);
  }

  /** Gives its memory back at once, of which the garbage collector knows nothing. */
  close(): void {
    this.prepared.clear();
    this.sqlite.close();
  }

  async perform<T>(carryOut: () => T): Promise<T> {
    const { timeline, chaos, trace, d1Requests, onD1Request } = this.world;
    // Before anything is waited for: the stack tells who asks.
    const operation = currentOperation();
    const name = `${operation.name} by ${operation.by}`;
    const invocation = currentInvocation();
    await invocation.whileAlive();
    invocation.d1Requests++;
    onD1Request(invocation);
    if (invocation.d1Requests > d1Requests) throw new Error(TOO_MANY);
    this.operations.add(name);
    const { fate, error } = chaos.request(operation);
    if (fate !== 'fine') trace.add(`${invocation.name}  D1 ${name}: ${fate} ${error}`);
    if (error !== '' && !isPassing(error)) invocation.isRefused = true;
    if (fate === 'dies-before') invocation.kill();
    await invocation.whileAlive();
    // On its way: it arrives although its sender may be gone by then.
    await timeline.pass(chaos.latencyMs());
    if (fate === 'fails-before') return await this.fail(error, invocation);
    const value = this.carryOut(name, carryOut);
    if (fate === 'dies-after') invocation.kill();
    await timeline.pass(chaos.latencyMs());
    await invocation.whileAlive();
    if (fate === 'fails-after') throw new Error(error);
    return value;
  }

  execute({ sql, values }: SimulatedStatement): Result {
    const before = this.totalChanges();
    const results = this.statement(sql).all(...values);
    const changes = this.totalChanges() - before;
    if (changes > 0) this.isTouched = true;
    return { success: true, results, meta: { changes } };
  }

  private totalChanges(): number {
    return Number(this.statement('select total_changes() as n').get()?.['n'] ?? 0);
  }

  private carryOut<T>(name: string, carryOut: () => T): T {
    const { trace } = this.world;
    try {
      const value = carryOut();
      trace.add(`${currentInvocation().name}  D1 ${name} ${summary(value)}`);
      return value;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.mistakes.push(`${name}: ${message}`);
      throw new Error(`D1_ERROR: ${message}: SQLITE_ERROR`, { cause: error });
    }
  }

  private async fail(error: string, invocation: { whileAlive(): Promise<void> }): Promise<never> {
    await invocation.whileAlive();
    throw new Error(error);
  }

  private statement(sql: string): StatementSync {
    const known = this.prepared.get(sql);
    if (known !== undefined) return known;
    const prepared = this.sqlite.prepare(sql);
    this.prepared.set(sql, prepared);
    return prepared;
  }
}

class SimulatedStatement {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
  private readonly db: SimulatedD1;

  constructor(db: SimulatedD1, sql: string, values: readonly SQLInputValue[]) {
    this.db = db;
    this.sql = sql;
    this.values = values;
  }

  bind(...values: SQLInputValue[]): SimulatedStatement {
    return new SimulatedStatement(this.db, this.sql, values);
  }

  async all(): Promise<Result> {
    return await this.db.perform(() => this.db.execute(this));
  }

  async run(): Promise<Result> {
    return await this.all();
  }

  async first(column?: string): Promise<unknown> {
    const [row] = (await this.all()).results;
    if (row === undefined) return null;
    return column === undefined ? row : (row[column] ?? null);
  }
}

function summary(value: unknown): string {
  const results = Array.isArray(value) ? value : [value];
  const sum = (of: (result: Result) => number) =>
    results.reduce((total: number, result: Result) => total + of(result), 0);
  return `${sum(({ results: rows }) => rows.length)} rows, ${sum(({ meta }) => meta.changes)} changed`;
}
