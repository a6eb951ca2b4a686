import type { SimulatedBucket } from './bucket.ts';
import type { SimulatedD1 } from './database.ts';
import type { Invocation } from './invocation.ts';
import type { Ledger, Send } from './ledger.ts';
import type { Outgoing } from './network.ts';
import type { Plan } from './plan.ts';
import type { RunningTask } from './upstream.ts';

/** What the invariants need of a row of `tasks`. */
export interface Row {
  readonly id: string;
  readonly client_id: string;
  readonly account_id: string;
  readonly upstream_task_id: string | null;
  readonly revision: number;
  readonly state: string;
  readonly queue_reason: string | null;
  readonly created_at: number;
  readonly deadline_at: number;
  readonly due_at: number | null;
  readonly leased_until: number;
  readonly submitted_at: number | null;
  readonly completed_at: number | null;
  readonly recorded_at: number | null;
  readonly result_json: string | null;
  readonly error_code: string | null;
  readonly keeping: string | null;
  readonly kept: string | null;
  readonly callback_url: string | null;
}

/** And of a row of `deliveries`. */
export interface DeliveryRow {
  readonly id: string;
  readonly task_id: string;
  readonly client_id: string;
  readonly kind: string;
  readonly subscription_id: string | null;
  readonly event: string;
  readonly url: string;
  readonly host: string;
  readonly state: string;
  readonly revision: number;
  readonly created_at: number;
  readonly due_at: number | null;
  readonly leased_until: number;
  readonly attempts: number;
  readonly last_status: number | null;
  readonly last_attempt_at: number | null;
}

/** An upstream key's lane. */
export interface KeyRow {
  readonly id: string;
  readonly submit_paused_until: number;
  readonly poll_paused_until: number;
  readonly poll_interval_ms: number | null;
  readonly active_limit: number | null;
  readonly refused_at: number | null;
  readonly failing_until: number;
  readonly ended_since_refusal: number;
}

/** A task that ended here while upstream runs it. */
export interface AbandonedRow {
  readonly account_id: string;
  readonly upstream_task_id: string;
  readonly client_id: string;
  readonly until: number;
}

/** And of one of `subscriptions`. */
export interface SubscriptionRow {
  readonly id: string;
  readonly client_id: string;
  readonly state: string;
  readonly active_since: number;
}

/** One line of the attempt log. */
export interface LoggedAttempt {
  readonly number: number;
  readonly at: number;
  readonly status: number | null;
  readonly durationMs: number;
  readonly outcome: string;
  readonly nextAttemptAt: number | null;
}

/** What stands in D1, read as it is asked for. */
interface Stored {
  readonly rows: ReadonlyMap<string, Row>;
  readonly deliveries: ReadonlyMap<string, DeliveryRow>;
  readonly keys: ReadonlyMap<string, KeyRow>;
  readonly subscriptions: ReadonlyMap<string, SubscriptionRow>;
  readonly abandoned: readonly AbandonedRow[];
  /** The attempt log of a delivery, oldest first. */
  readonly attemptsOf: (deliveryId: string) => readonly LoggedAttempt[];
}

/** All that there is to see: what stands in D1, and what the world saw. */
export interface Sight extends Stored {
  readonly plan: Plan;
  readonly ledger: Ledger;
  /** `max_active_tasks` by client id. */
  readonly activeLimits: ReadonlyMap<string, number>;
  readonly signingSecrets: ReadonlyMap<string, string>;
  /** Null where no results are kept. */
  readonly bucket: SimulatedBucket | null;
  /** What upstream runs now. */
  readonly runningUpstream: () => readonly RunningTask[];
  /** True time, epoch ms. */
  readonly trueNow: number;
  /** By Ringback's clock, epoch ms. */
  readonly relayNow: number;
  /** How far two readings of Ringback's clocks may be apart, beside the time that passed: 0 without clock steps. */
  readonly toleranceMs: number;
  /** Since when nothing goes wrong any more, in true time; null before. */
  readonly calmSince: number | null;
}

/**
 * Something that always holds. Each check gives a sentence about what is wrong, or null. Stateful ones are made anew for
 * each seed.
 */
export interface Invariant {
  readonly name: string;
  /** After each step in which something was written. */
  readonly afterStep?: (sight: Sight) => string | null;
  /** Once it is calm, every few seconds: for what has to happen in time. */
  readonly inTheCalm?: (sight: Sight) => string | null;
  /** As an invocation sends anything. */
  readonly onFetch?: (sight: Sight, by: Invocation, request: Outgoing) => string | null;
  /** As an invocation asks D1 anything. */
  readonly onD1Request?: (sight: Sight, by: Invocation) => string | null;
  /** As a callback or a notice goes out, before it is entered in the ledger. */
  readonly onSend?: (sight: Sight, send: Send) => string | null;
  /** When all has come to rest. */
  readonly atEnd?: (sight: Sight) => string | null;
}

export function isEnded({ state }: Pick<Row, 'state'>): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'canceled';
}

/** Whether upstream runs it, as far as is known here: where its files are copied, it has ended there. */
export function isRunning({ state, keeping }: Pick<Row, 'state' | 'keeping'>): boolean {
  return state === 'running' && keeping === null;
}

/** The delivery that tells a task's end; undefined where there is none. */
export function callbackOf(
  { deliveries }: Pick<Sight, 'deliveries'>,
  taskId: string,
): DeliveryRow | undefined {
  return deliveries.get(`msg_${taskId.slice('task_'.length)}`);
}

/** What stands in D1 now, read as it is asked for. */
export function look(db: SimulatedD1, rest: Omit<Sight, keyof Stored>): Sight {
  return {
    ...rest,
    get rows() {
      return keep(this, 'rows', byId<Row>(db, 'tasks'));
    },
    get deliveries() {
      return keep(this, 'deliveries', byId<DeliveryRow>(db, 'deliveries'));
    },
    get keys() {
      return keep(this, 'keys', byId<KeyRow>(db, 'upstream_keys'));
    },
    get subscriptions() {
      return keep(this, 'subscriptions', byId<SubscriptionRow>(db, 'subscriptions'));
    },
    get abandoned() {
      return keep(this, 'abandoned', db.look('select * from abandoned') as unknown as AbandonedRow[]);
    },
    attemptsOf: (deliveryId) => attemptsOf(db, deliveryId),
  };
}

function byId<R extends { id: string }>(db: SimulatedD1, table: string): ReadonlyMap<string, R> {
  return new Map(
    (db.look(`select * from ${table} order by id`) as unknown as R[]).map((row) => [row.id, row]),
  );
}

/** Read once, however often it is looked at. */
function keep<T>(sight: object, name: string, value: T): T {
  Object.defineProperty(sight, name, { value });
  return value;
}

const ATTEMPTS = `select number, at, status, duration_ms as durationMs, outcome, next_attempt_at as nextAttemptAt
  from delivery_attempts where delivery_id = ? order by number`;

/** A first attempt that succeeded stands in the delivery's own row. */
function attemptsOf(db: SimulatedD1, deliveryId: string): readonly LoggedAttempt[] {
  const [own] = db.look('select first_attempt as text from deliveries where id = ?', deliveryId);
  const first = typeof own?.['text'] === 'string' ? [JSON.parse(own['text']) as LoggedAttempt] : [];
  return [...first, ...(db.look(ATTEMPTS, deliveryId) as unknown as LoggedAttempt[])];
}

/** The first sentence that a check gives. */
export function firstOf<T>(items: Iterable<T>, check: (item: T) => string | null): string | null {
  for (const item of items) {
    const words = check(item);
    if (words !== null) return words;
  }
  return null;
}
