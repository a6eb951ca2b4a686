import { ANYTHING_HERE } from './fetch-outlook.ts';
import { REVOKED_WITH_QUEUE } from './open-tasks.ts';
import {
  forgetAlerts,
  forgetInbox,
  forgetRefusals,
  forgetUnused,
  purgedOf,
  purgeStatement,
} from './retention.ts';
import type { Purged, PurgeLimits } from './retention.ts';
import { HOURS_MADE_JSON } from './hour-sums.ts';
import type { HoursMade } from './hour-sums.ts';
import { SWEEP_JSON } from './kept.ts';
import type { SweepState } from './kept.ts';
import { USAGE_UNTIL } from './usage-sums.ts';
import { retried } from './retry.ts';
import type { Patience } from './retry.ts';
import { SAMPLES } from './sealed.ts';
import type { SealSample } from './sealed.ts';

/** What a tick forgets as it begins. Epoch ms; null is not yet. */
export interface Tidying extends PurgeLimits {
  readonly refusedBefore: number;
  readonly inboxBefore: number | null;
  readonly unusedBefore: number | null;
  readonly spentBefore: number;
}

/** What a tick is told as it begins. */
export interface Begun {
  /** Nothing is stored that anybody has to act on, now or later. */
  readonly isEmpty: boolean;
  /** What is to be opened to see whether the master key is the right one. */
  readonly samples: readonly SealSample[];
  /** Null without tidying. */
  readonly purged: Purged | null;
  /** Revoked clients that still have tasks waiting here. */
  readonly revoked: readonly string[];
  /** How far kept files have been compared with their tasks. */
  readonly sweep: SweepState | null;
  /** How far the hours are summed for the console. */
  readonly hours: HoursMade | null;
  /** The first day whose usage is not summed for it; null where that was not asked. */
  readonly usageUntil: string | null;
}

const BEAT = `insert into ticks (id, started_at) values (1, ?1) on conflict (id) do update set started_at = ?1
  returning (select json_group_array(json_object('place', place, 'id', id, 'sealed', sealed, 'count', count))
    from (${SAMPLES})) as samples, (${ANYTHING_HERE}) as here, ${SWEEP_JSON}, ${HOURS_MADE_JSON}, ${USAGE_UNTIL}`;

/** JSON, but for `here` and `usageUntil`. */
interface Beat {
  readonly samples?: string | null;
  readonly here?: number;
  readonly sweep?: string | null;
  readonly hours?: string | null;
  readonly usageUntil?: string | null;
}

/** What one tick leaves behind for the next, and for those who watch. */
export function createTickStore(db: D1Database, patience: Patience) {
  return {
    /** Notes that a tick begins, forgets what is old, and says what else has to be done: one request. */
    async started(at: number, tidying: Tidying | null): Promise<Begun> {
      const statements = [
        db.prepare(BEAT).bind(at),
        ...(tidying === null ? [] : tidyingStatements(db, tidying)),
      ];
      // oxlint-disable-next-line typescript/no-explicit-any -- each statement of a batch has rows of its own shape
      const [beat, purged, revoked] = await retried(patience, async () => await db.batch<any>(statements));
      const { samples, here, sweep, hours, usageUntil = null }: Beat = beat?.results[0] ?? {};
      return {
        isEmpty: here === 0,
        samples: samples ? (JSON.parse(samples) as SealSample[]) : [],
        purged: purged === undefined ? null : purgedOf(purged.results),
        revoked: revoked?.results.map(({ id }: { id: string }) => id) ?? [],
        sweep: sweep ? (JSON.parse(sweep) as SweepState) : null,
        hours: hours ? (JSON.parse(hours) as HoursMade) : null,
        usageUntil,
      };
    },

    /** Adds a count to the report of the last tick; a tick that finishes later brings its own. */
    async counted(name: string, count: number): Promise<void> {
      await db
        .prepare(`update ticks set counts = json_set(coalesce(counts, '{}'), '$.' || ?1, ?2) where id = 1`)
        .bind(name, count)
        .run();
    },

    /** Notes that the tick that began at `startedAt` has ended. Epoch ms. */
    async finished(at: number, startedAt: number, counts: object): Promise<void> {
      const beat = db
        .prepare(`update ticks set finished_at = ?1, finished_started_at = ?2, counts = ?3 where id = 1`)
        .bind(at, startedAt, JSON.stringify(counts));
      await retried(patience, async () => await beat.run());
    },
  };
}

function tidyingStatements(db: D1Database, tidying: Tidying): readonly D1PreparedStatement[] {
  const { inboxBefore, unusedBefore, refusedBefore, spentBefore } = tidying;
  return [
    purgeStatement(db, tidying),
    db.prepare(REVOKED_WITH_QUEUE),
    forgetRefusals(db, refusedBefore),
    forgetAlerts(db, tidying.endedBefore),
    ...(inboxBefore === null ? [] : [forgetInbox(db, inboxBefore)]),
    ...(unusedBefore === null ? [] : forgetUnused(db, unusedBefore, spentBefore)),
  ];
}

export type TickStore = ReturnType<typeof createTickStore>;
