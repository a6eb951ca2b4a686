import { NEXT_DELIVERY, NEXT_PAIR } from './fetch-deliveries.ts';
import { NEXT_TASK } from './fetch-lanes.ts';
import { ANY_QUEUED } from './fetch-queue.ts';
import { CLOCKED } from './lane-rules.ts';

const ANY_ABANDONED = 'exists (select 1 from abandoned)';

/** What is to come, behind what a look has taken. One statement: each costs the isolate as much as many rows do. */
const OUTLOOK = `select ${ANY_QUEUED} as hasQueue, ${ANY_ABANDONED} as hasAbandoned,
  exists (select 1 from deliveries where state = 'pending' and leased_until <= ?1) as hasDeliveries,
  (${NEXT_TASK}) as nextTaskAt, (${NEXT_DELIVERY}) as nextDeliveryAt, (${NEXT_PAIR}) as nextPair`;

/** Whether anything is stored that anybody has to act on, now or later. */
export const ANYTHING_HERE = `exists (select 1 from tasks where ${CLOCKED}) or ${ANY_QUEUED}
  or exists (select 1 from deliveries where state = 'pending') or ${ANY_ABANDONED}`;

interface OutlookRow {
  readonly hasQueue: number;
  readonly hasAbandoned: number;
  readonly hasDeliveries: number;
  readonly nextTaskAt: number | null;
  readonly nextDeliveryAt: number | null;
  readonly nextPair: string | null;
}

/** What a look tells of what is to come. */
export interface StoredOutlook {
  readonly hasQueue: boolean;
  readonly hasAbandoned: boolean;
  /** Deliveries wait, for now or for later, that nobody has. */
  readonly hasDeliveries: boolean;
  /** When the next row comes due that is not due yet; null where there is none. Epoch ms. */
  readonly nextDueAt: number | null;
  /** The pair of client and host behind which the next look at deliveries goes on. */
  readonly after: readonly [string, string];
}

/** The outlook of a look that began behind this pair of client and host. */
export function outlookAt(
  db: D1Database,
  now: number,
  after: readonly [string, string],
): D1PreparedStatement {
  return db.prepare(OUTLOOK).bind(now, null, null, ...after);
}

/** The row of `outlookAt`. */
export function outlookOf(row: OutlookRow): StoredOutlook {
  const nextDueAt = Math.min(row.nextTaskAt ?? Infinity, row.nextDeliveryAt ?? Infinity);
  return {
    hasQueue: row.hasQueue === 1,
    hasAbandoned: row.hasAbandoned === 1,
    hasDeliveries: row.hasDeliveries === 1,
    nextDueAt: nextDueAt === Infinity ? null : nextDueAt,
    after: row.nextPair === null ? ['', ''] : (JSON.parse(row.nextPair) as [string, string]),
  };
}
