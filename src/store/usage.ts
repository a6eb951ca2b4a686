import { firstTaskIdAt } from '../domain/ids.ts';
import { daysOf, startOfDay } from '../domain/usage.ts';
import type { Usage, UsageGroup } from '../domain/usage.ts';
import { CLOCKED } from './lane-rules.ts';
import { bounded } from './load.ts';

/** Which usage: of one client, or of all (null), over days such as 2026-11-29, both ends inclusive. */
export interface UsageQuery {
  readonly clientId: string | null;
  readonly from: string;
  readonly to: string;
  readonly by: readonly UsageGroup[];
}

/** What is being written, and was not before: `?1` has the ends, each with its credits. Before they are, in one transaction. */
const COUNT = `insert into usage (day, client_id, model, client_name, succeeded, failed, canceled, credits)
  select date(tasks.created_at / 1000, 'unixepoch'), tasks.client_id, tasks.model, coalesce(max(clients.name), ''),
    sum(next.value ->> 'state' = 'succeeded'), sum(next.value ->> 'state' = 'failed'),
    sum(next.value ->> 'state' = 'canceled'), sum(next.value ->> 'credits')
  from json_each(?1) as next join tasks on tasks.id = next.value ->> 'id'
    left join clients on clients.id = tasks.client_id
  where tasks.revision = (next.value ->> 'revision') - 1 and tasks.completed_at is null
  group by 1, 2, 3
  on conflict (day, client_id, model) do update set client_name = excluded.client_name,
    succeeded = succeeded + excluded.succeeded, failed = failed + excluded.failed,
    canceled = canceled + excluded.canceled, credits = credits + excluded.credits`;

/** An end that is about to be written. */
export interface CountedEnd {
  readonly id: string;
  readonly revision: number;
  readonly state: string;
  readonly credits: number;
}

/** Counts ends: a row for each day, client and model among them, however many they are. May be carried out twice. */
export function countStatement(db: D1Database, ends: readonly CountedEnd[]): D1PreparedStatement {
  return db.prepare(COUNT).bind(JSON.stringify(ends));
}

const COLUMNS = {
  day: 'day',
  client: 'client_id, max(client_name) as client_name',
  model: 'model',
} as const satisfies Record<UsageGroup, string>;
const KEYS = { day: 'day', client: 'client_id', model: 'model' } as const;
const ORDER: readonly UsageGroup[] = ['day', 'client', 'model'];

/** By one seek a day. */
const COUNTED = `select day, client_id, model, client_name, 0 as open, succeeded, failed, canceled, credits
  from usage where %counted`;
/** Tasks that have no end yet. Plus signs keep the range of ids from being taken for the way in: it holds all that have ended too. */
const OPEN = `select date(created_at / 1000, 'unixepoch') as day, client_id, model, '' as client_name,
    1 as open, 0 as succeeded, 0 as failed, 0 as canceled, coalesce(estimated_credits, 0) as credits
  from tasks where %open`;

/** What has a clock, and what waits without one: an index has nothing else. */
const WITHIN = '+id >= ?3 and +id < ?4';
const ALL_OPEN = [`${CLOCKED} and ${WITHIN}`, `state = 'queued' and due_at is null and ${WITHIN}`];
/** A client's own of the time in which a task may be without an end. */
const OWN_OPEN = 'client_id = ?2 and completed_at is null and id >= ?3 and id < ?4';

/** Those of a client, or of all (null), as selects. Bound: ?2 the client, ?3 and ?4 ids from and before which. */
function openOf(clientId: string | null): string[] {
  return (clientId === null ? ALL_OPEN : [OWN_OPEN]).map((which) => OPEN.replace('%open', which));
}

/** The same by day, client and model. */
export function openUsage(clientId: string | null): string {
  return `select day, client_id, client_name, model, count(*) as tasks, 0 as succeeded, 0 as failed, 0 as canceled,
      ${sum('credits')} as credits
    from (${openOf(clientId).join(' union all ')}) where ?1 is null group by day, client_id, model`;
}

function sum(expression: string): string {
  return bounded(`coalesce(sum(${expression}), 0)`);
}

function placeOf({ day = '', client_name: name = '', client_id: id = '', model = '' }: Usage): string {
  return [day, name, id, model].join('\n');
}

/** With the names that clients have now, by which they are told within a day; who is gone keeps the last one. */
export function named(rows: readonly Usage[], names: ReadonlyMap<string, string>): Usage[] {
  return rows
    .map((row) => ({ ...row, client_name: names.get(row.client_id ?? '') ?? row.client_name ?? '' }))
    .toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
}

/** What was used. */
export function createUsageStore(db: D1Database) {
  return {
    /** @param oldestOpen no task from before that instant (epoch ms) is without an end. */
    async read({ clientId, from, to, by }: UsageQuery, oldestOpen: number): Promise<Usage[]> {
      const counted =
        clientId === null
          ? 'day in (select value from json_each(?1)) and ?2 is null'
          : 'day in (select value from json_each(?1)) and client_id = ?2';
      const parts = [COUNTED.replace('%counted', counted), ...openOf(clientId)];
      const groups = ORDER.filter((group) => by.includes(group));
      const statement = `select ${groups.map((group) => `${COLUMNS[group]}, `).join('')}
          ${sum('open + succeeded + failed + canceled')} as tasks, ${sum('succeeded')} as succeeded,
          ${sum('failed')} as failed, ${sum('canceled')} as canceled, ${sum('credits')} as credits
        from (${parts.join(' union all ')})
        group by ${groups.map((group) => KEYS[group]).join(', ')}
        order by ${groups.map((group) => KEYS[group]).join(', ')}`;
      const first = startOfDay(from) ?? 0;
      const end = (startOfDay(to) ?? 0) + 86_400_000;
      const usage = db
        .prepare(statement)
        .bind(
          JSON.stringify(daysOf({ from, to })),
          clientId,
          firstTaskIdAt(Math.max(first, clientId === null ? 0 : oldestOpen)),
          firstTaskIdAt(end),
        );
      if (!groups.includes('client')) return (await usage.all<Usage>()).results;
      const [rows, names] = await db.batch<Usage & { id: string; name: string }>([
        usage,
        db.prepare('select id, name from clients'),
      ]);
      return named(rows?.results ?? [], new Map(names?.results.map(({ id, name }) => [id, name])));
    },
  };
}

export type UsageStore = ReturnType<typeof createUsageStore>;
