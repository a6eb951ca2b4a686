import { firstTaskIdAt } from '../domain/ids.ts';
import { callbackIdOf } from './task-reads.ts';

const HOUR_MS = 3_600_000;
/** Behind, no more tasks than this are summed at once, and an hour at least. */
const MAX_TASKS = 5_000;

/** Tasks that became the same: state, state of the callback, error, how late the callback was in ms (rounded), how many. */
export type SumGroup = readonly [
  state: string,
  callback: string | null,
  error: string | null,
  ms: number | null,
  n: number,
];

/** How far hours are summed: those that began before `until`, and which of them were not settled then. Epoch ms. */
export interface HoursMade {
  readonly until: number;
  readonly unsettled: readonly number[];
}

/** How late callbacks were is kept to 1 %, so that an hour of any number of tasks is a short row. Below a second, to 10 ms. */
export function roundedMs(ms: string): string {
  return `(case when ${ms} < 1000 then ${ms} / 10 * 10 when ${ms} < 10000 then ${ms} / 100 * 100
    when ${ms} < 100000 then ${ms} / 1000 * 1000 when ${ms} < 1000000 then ${ms} / 10000 * 10000 else ${ms} / 100000 * 100000 end)`;
}

/** Of tasks with ids from `?1` to below `?2`. Of all together too, under ''. May be carried out twice. */
const MAKE = `with seen as (
    select cast(tasks.created_at / ${HOUR_MS} as integer) * ${HOUR_MS} as hour, tasks.client_id as client, tasks.state as state,
      d.state as callback, error_code as error, ${roundedMs('(d.delivered_at - d.occurred_at)')} as ms, count(*) as n
    from tasks left join deliveries as d on d.id = ${callbackIdOf('tasks.id')}
    where tasks.id >= ?1 and tasks.id < ?2 group by 1, 2, 3, 4, 5, 6),
  each as (select client as scope, hour, state, callback, error, ms, n from seen
    union all select '', hour, state, callback, error, ms, sum(n) from seen group by 2, 3, 4, 5, 6)
  insert into hour_sums (client_id, hour, tasks, is_settled)
  select scope, hour, json_group_array(json_array(state, callback, error, ms, n)),
    min(state in ('succeeded', 'failed', 'canceled') and coalesce(callback, '') <> 'pending')
  from each where true group by scope, hour
  on conflict (client_id, hour) do update set tasks = excluded.tasks, is_settled = excluded.is_settled
    where tasks <> excluded.tasks or is_settled <> excluded.is_settled`;

/** Told by the heartbeat, so that nobody asks for it. */
export const HOURS_MADE_JSON = `(select json_object('until', hours_until, 'unsettled', json((select json_group_array(hour) from hour_sums
  where is_settled = 0 and client_id = ''))) from sums_made) as hours`;

/** Sums of hours that are over, for the console's charts. */
export function createHourSumStore(db: D1Database) {
  const make = (from: number, to: number) => db.prepare(MAKE).bind(firstTaskIdAt(from), firstTaskIdAt(to));
  return {
    /** As far as one run sums the hours from `from` to `to`: the same, or the end of an earlier hour. */
    async reach(from: number, to: number): Promise<number> {
      const next = await db
        .prepare(
          'select created_at as at from tasks where id >= ?1 and id < ?2 order by id limit 1 offset ?3',
        )
        .bind(firstTaskIdAt(from), firstTaskIdAt(to), MAX_TASKS)
        .first<number>('at');
      return next === null ? to : Math.max(from + HOUR_MS, next - (next % HOUR_MS));
    },

    /** Sums hours from `from` to below `until`, and those that are named, anew. Forgets what is older than `keptSince`. */
    async make(
      { from, until, again }: { from: number; until: number; again: readonly number[] },
      keptSince: number,
    ): Promise<void> {
      await db.batch([
        ...(from < until ? [make(from, until)] : []),
        ...again.map((hour) => make(hour, hour + HOUR_MS)),
        db.prepare('delete from hour_sums where hour < ?1').bind(keptSince),
        db.prepare('update sums_made set hours_until = ?1 where hours_until < ?1').bind(until),
      ]);
    },
  };
}

export type HourSumStore = ReturnType<typeof createHourSumStore>;
