import type { SimulatedD1 } from './database.ts';
import type { Invocation } from './invocation.ts';
import type { Ledger, Send } from './ledger.ts';
import type { Plan } from './plan.ts';

/** What the invariants need of a row of `tasks`. */
export interface Row {
  readonly id: string;
  readonly client_id: string;
  readonly account_id: string;
  readonly upstream_task_id: string | null;
  readonly revision: number;
  readonly state: string;
  readonly created_at: number;
  readonly deadline_at: number;
  readonly due_at: number | null;
  readonly submitted_at: number | null;
  readonly completed_at: number | null;
  readonly result_json: string | null;
  readonly error_code: string | null;
  readonly callback_url: string | null;
  readonly callback_state: string | null;
  readonly attempts: number;
  readonly notice_state: string | null;
}

const ROWS = `select id, client_id, account_id, upstream_task_id, revision, state, result_json, created_at, deadline_at, due_at, submitted_at, completed_at, error_code,
  callback_url, callback_state, attempts, notice_state from tasks`;

/** One line of the attempt log. */
export interface LoggedAttempt {
  readonly task_id: string;
  readonly number: number;
  readonly at: number;
  readonly status: number | null;
  readonly duration_ms: number;
  readonly outcome: string;
  readonly next_attempt_at: number | null;
}

/** All that there is to see: what stands in D1, and what the world saw. */
export interface Sight {
  readonly plan: Plan;
  readonly ledger: Ledger;
  readonly rows: ReadonlyMap<string, Row>;
  readonly attemptsOf: (taskId: string) => readonly LoggedAttempt[];
  /** `max_active_tasks` by client id. */
  readonly activeLimits: ReadonlyMap<string, number>;
  readonly signingSecrets: ReadonlyMap<string, string>;
  /** By the relay's clock, epoch ms. */
  readonly relayNow: number;
  /** How far two readings of the relay's clocks may be apart, beside the time that passed: 0 without clock steps. */
  readonly toleranceMs: number;
}

/**
 * Something that always holds. Each check gives a sentence about what is wrong, or null. Stateful ones are made anew for
 * each seed.
 */
export interface Invariant {
  readonly name: string;
  /** After each step in which something was written. */
  readonly afterStep?: (sight: Sight) => string | null;
  /** As an invocation sends anything. */
  readonly onFetch?: (sight: Sight, by: Invocation) => string | null;
  /** As an invocation asks D1 anything. */
  readonly onD1Request?: (sight: Sight, by: Invocation) => string | null;
  /** As a callback or a notice goes out, before it is entered in the ledger. */
  readonly onSend?: (sight: Sight, send: Send) => string | null;
  /** When all has come to rest. */
  readonly atEnd?: (sight: Sight) => string | null;
}

export function isEnded({ state }: Row): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'canceled';
}

/** What stands in D1 now, read as it is asked for. */
export function look(db: SimulatedD1, rest: Omit<Sight, 'rows' | 'attemptsOf'>): Sight {
  let rows: Sight['rows'] | null = null;
  return {
    ...rest,
    get rows() {
      rows ??= new Map((db.look(ROWS) as unknown as Row[]).map((row) => [row.id, row]));
      return rows;
    },
    attemptsOf: (taskId) =>
      db.look(
        'select * from attempts where task_id = ? order by number',
        taskId,
      ) as unknown as LoggedAttempt[],
  };
}

/** The first sentence that a check gives. */
export function firstOf<T>(items: Iterable<T>, check: (item: T) => string | null): string | null {
  for (const item of items) {
    const words = check(item);
    if (words !== null) return words;
  }
  return null;
}
