import { firstTaskIdAt } from '../domain/ids.ts';
import { dayOf, daysFrom, daysOf, firstUnsummedDay, startOfDay, USAGE_SPANS } from '../domain/usage.ts';
import type { Usage } from '../domain/usage.ts';
import { bounded } from './load.ts';
import { openUsage } from './usage.ts';

/** What was used in a span: parts that add up to each of its days, and others to each client and model. */
export interface SpannedUsage {
  /** With `day`. */
  readonly days: readonly Usage[];
  /** With `client_id`, `client_name` and `model`. */
  readonly lines: readonly Usage[];
}

const SUMS = ['succeeded', 'failed', 'canceled', 'credits'];
const OF_SUMS = SUMS.map((sum) => `${bounded(`sum(${sum})`)} as ${sum}`).join(', ');
const ALL_TASKS = 'succeeded + failed + canceled as tasks, succeeded, failed, canceled, credits';
const CHANGED = SUMS.map((sum) => `${sum} = excluded.${sum}`).join(', ');

const SPANS = `insert into usage_spans (days, client_id, model, client_name, ${SUMS.join(', ')})
  select value ->> 'days', client_id, model, max(client_name), ${OF_SUMS}
  from json_each(?1) join usage on day >= value ->> 'from' and day < ?2 group by 1, 2, 3`;
/** Of all together under ''. What is as it was is not written. */
const DAYS = `insert into usage_days (client_id, day, ${SUMS.join(', ')})
  select scope, day, ${OF_SUMS} from (select client_id as scope, day, ${SUMS.join(', ')} from usage where day < ?1
    union all select '', day, ${SUMS.join(', ')} from usage where day < ?1)
  where true group by scope, day
  on conflict (client_id, day) do update set ${CHANGED} where ${SUMS.map((sum) => `${sum} <> excluded.${sum}`).join(' or ')}`;

const LINES = `select client_id, client_name, model, ${ALL_TASKS} from usage_spans where days = ?2`;
const BY_DAY = `select day, ${ALL_TASKS} from usage_days where client_id = ?1 and day >= ?2 and day < ?3`;
const RECENT = `select day, client_id, client_name, model, ${ALL_TASKS} from usage
  where day in (select value from json_each(?2))`;

/** What ended just now was of days that are summed already: the sums are to be made anew. `before` is its first instant, epoch ms. */
export function usageSumsAreOld(db: D1Database, before: number): D1PreparedStatement {
  return db.prepare(`update sums_made set usage_until = '' where usage_until > ?1`).bind(dayOf(before));
}

/** Told by the heartbeat, so that nobody asks for it. */
export const USAGE_UNTIL = '(select usage_until from sums_made) as usageUntil';

/** Sums of usage for the console, which would otherwise read a row for each day, client and model. */
export function createUsageSumStore(db: D1Database) {
  return {
    /** Makes the sums of all days before yesterday. Reads all usage. */
    async make(now: number): Promise<void> {
      const today = dayOf(now);
      const until = firstUnsummedDay(now);
      const spans = USAGE_SPANS.map((days) => ({ days, from: daysFrom(today, 1 - days) }));
      await db.batch([
        db.prepare('delete from usage_spans'),
        db.prepare(SPANS).bind(JSON.stringify(spans), until),
        db.prepare(DAYS).bind(until),
        db.prepare('delete from usage_days where day < ?1').bind(spans.at(-1)?.from ?? ''),
        db.prepare('update sums_made set usage_until = ?1').bind(until),
      ]);
    },

    /**
     * What was used in one of `USAGE_SPANS`, of a client or of all (null); null where the sums are not up to date.
     *
     * @param oldestOpen no task from before that instant (epoch ms) is without an end.
     */
    async read(
      { clientId, days, now }: { clientId: string | null; days: number; now: number },
      oldestOpen: number,
    ): Promise<SpannedUsage | null> {
      const until = firstUnsummedDay(now);
      const isMade = db.prepare('select 1 as made from sums_made where usage_until = ?1').bind(until);
      if ((await isMade.first('made')) === null) return null;
      const today = dayOf(now);
      const from = daysFrom(today, 1 - days);
      const first = Math.max(startOfDay(from) ?? 0, clientId === null ? 0 : oldestOpen);
      const [lines, byDay, recent, open] = await db.batch<Usage>([
        db.prepare(ofClient(LINES, clientId)).bind(clientId, days),
        db.prepare(BY_DAY).bind(clientId ?? '', from, until),
        db
          .prepare(ofClient(RECENT, clientId))
          .bind(clientId, JSON.stringify(daysOf({ from: until, to: today }))),
        db.prepare(openUsage(clientId)).bind(null, clientId, firstTaskIdAt(first), 'task_~'),
      ]);
      const later = [...(recent?.results ?? []), ...(open?.results ?? [])];
      return {
        days: [...(byDay?.results ?? []), ...later],
        lines: [...(lines?.results ?? []), ...later],
      };
    },
  };
}

function ofClient(sql: string, clientId: string | null): string {
  return `${sql} and ${clientId === null ? '?1 is null' : 'client_id = ?1'}`;
}

export type UsageSumStore = ReturnType<typeof createUsageSumStore>;
