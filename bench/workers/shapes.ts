/** What something cost. */
export interface Cost {
  /** Rows, as D1 itself counts them for the bill: each index entry is one. */
  written: number;
  read: number;
  statements: number;
  /** Requests to D1: a batch is one. */
  trips: number;
  fetches: number;
}

/** By what it was spent on: the kind of a statement, or where a fetch went. */
export type Counts = Record<string, Cost>;

export interface CostRequest {
  readonly tasks: number;
  /** Tasks before those that are counted: the statistic of durations and the receiver's host are known by then. */
  readonly warmUp: number;
  readonly hasKey: boolean;
  /** Each posted when the one before it is done, instead of side by side. */
  readonly isAlone: boolean;
}

export interface CostAnswer {
  readonly tasks: number;
  /** By the requests that post, and by the cron. */
  readonly posts: Counts;
  readonly ticks: Counts;
  readonly idleMinute: Counts;
  readonly purge: Counts;
  /** The most of one cron invocation: D1 statements, and requests to D1. */
  readonly mostStatements: number;
  readonly mostTrips: number;
}

/** Tasks of one client, and the crons that bring them to their ends. */
export interface MinutesRequest {
  /** `SUBREQUEST_BUDGET`. */
  readonly budget: string;
  /** When each is posted, and how long it takes upstream. */
  readonly tasks: readonly { readonly atMs: number; readonly seconds: number }[];
  readonly minutes: number;
}

export interface MinutesAnswer {
  /** The most requests to D1 of one cron invocation. */
  readonly mostTrips: number;
  /** From each task's end upstream to its callback. */
  readonly lateMs: readonly number[];
}

/** Rows that stand there when a look is made. */
export interface StockRequest {
  readonly running: number;
  /** Whether those that run are due. */
  readonly isDue: boolean;
  /** Behind a key whose slots are full. */
  readonly queued: number;
  /** Callbacks to one host. */
  readonly pending: number;
  /** It answers; or its breaker is open; or it answered 500, and they wait for their schedules. */
  readonly receiver: 'well' | 'dead' | 'failing';
  readonly clients: number;
  /** Running tasks that the invocation polls from memory. */
  readonly held: number;
}

export interface LookAnswer {
  readonly counts: Counts;
  readonly tookMs: number;
}

/** What a page of the console read. */
export interface PageAnswer {
  readonly read: number;
  /** The same by kind of statement. */
  readonly statements: readonly { readonly kind: string; readonly read: number }[];
}

/** How SQLite carries a statement out. */
export interface Plan {
  readonly sql: string;
  readonly steps: readonly string[];
}

export function noCost(): Cost {
  return { written: 0, read: 0, statements: 0, trips: 0, fetches: 0 };
}

export function plus(a: Cost, b: Cost): Cost {
  return {
    written: a.written + b.written,
    read: a.read + b.read,
    statements: a.statements + b.statements,
    trips: a.trips + b.trips,
    fetches: a.fetches + b.fetches,
  };
}

/** What one invocation asked for. */
export interface InvocationCount {
  readonly kind: 'request' | 'cron' | 'leg';
  readonly fetches: number;
  readonly d1Requests: number;
  /** Rows. */
  readonly written: number;
}
