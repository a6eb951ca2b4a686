import type { QueueReason } from '../domain/task.ts';
import { firstTaskIdAt } from '../domain/ids.ts';
import { CLOCKED } from './lane-rules.ts';
import { figuresReader } from './overview-figures.ts';

/** Unfinished tasks that wait or run, by the upstream key that they belong to. Epoch ms. */
export interface OpenGroup {
  readonly accountId: string;
  readonly state: 'accepting' | 'queued' | 'running';
  readonly queueReason: QueueReason | null;
  readonly count: number;
  readonly withCallback: number;
  readonly oldestCreatedAt: number;
  /** What upstream last refused or failed to do for one of them, in words. */
  readonly problem: string | null;
}

/** A receiver's host whose breaker is open, for one client or several: breakers are a client's own. Epoch ms. */
export interface OpenBreaker {
  readonly host: string;
  /** The clients whom it does not answer. */
  readonly clientNames: readonly string[];
  /** How many of their callbacks and events wait for it; up to 10,000 of each client. */
  readonly waiting: number;
  /** When it is tried next. */
  readonly openUntil: number;
  readonly silences: number;
  readonly silentSince: number | null;
}

/** Callbacks that have not got through yet, of one host and with one last answer. */
export interface RetriedGroup {
  readonly host: string;
  /** Null where there was no answer. */
  readonly lastStatus: number | null;
  /** They wait until its breaker closes: what they last met was no answer at all. */
  readonly isShut: boolean;
  readonly count: number;
  /** Whose they are. */
  readonly clientNames: readonly string[];
  /** The newest of them. */
  readonly taskId: string;
}

export interface PendingCallbacks {
  readonly count: number;
  readonly retried: readonly RetriedGroup[];
}

export interface PausedKey {
  readonly accountId: string;
  readonly submitPausedUntil: number;
  readonly pollPausedUntil: number;
}

/** Rows in hand are counted up to here: nobody tells 10,000 from more at a glance. */
const MAX_OPEN_ROWS = 10_000;
const MAX_LISTED = 20;
/** Receivers that do not take what they are sent: all of them, as far as anybody reads. */
const MAX_RECEIVERS = 100;

/** A standing address that is not told, or not for the moment. */
export interface TroubledSubscription {
  readonly id: string;
  readonly clientId: string;
  readonly clientName: string;
  readonly host: string;
  readonly state: 'active' | 'stopped';
  readonly stoppedReason: string | null;
  /** Epoch ms. */
  readonly failingSince: number | null;
}

const OPEN_COLUMNS = 'account_id, state, queue_reason, callback_url, created_at, problem';
/** What has a clock, and what waits without one: of each an index has nothing else. */
const ALL_OPEN = `select ${OPEN_COLUMNS} from tasks where ${CLOCKED}
  union all select ${OPEN_COLUMNS} from tasks where state = 'queued' and due_at is null`;
/** One row, which is put into groups here: SQL would read each once more to group them. */
const OPEN = `select json_group_array(json_array(account_id, state, queue_reason, callback_url is not null, created_at, problem)) as rows
  from (select * from (%rows) limit ${MAX_OPEN_ROWS})`;
type OpenRow = readonly [string, OpenGroup['state'], QueueReason | null, number, number, string | null];

/** One attempt in vain is nothing yet: many receivers listen a moment later. */
const PENDING = `select *, sum(count) over () as total from (
    select isRetried, iif(isRetried, lanes.host, null) as host, iif(isRetried, status, null) as lastStatus,
      isRetried and coalesce(r.open_until, 0) > ?1 as isShut, sum(lanes.count) as count, max(lanes.newest) as taskId,
      json_group_array(distinct coalesce(c.name, lanes.client_id)) as clientNames
    from (select client_id, host, last_status as status, attempts > 1 as isRetried, count(*) as count, max(task_id) as newest
      from (select client_id, host, last_status, attempts, task_id from deliveries
        where state = 'pending' and kind = 'callback' %scope limit ${MAX_OPEN_ROWS})
      group by 1, 2, 3, 4) as lanes
    left join receivers as r on r.host = lanes.host and r.client_id = lanes.client_id
    left join clients as c on c.id = lanes.client_id
    group by 1, 2, 3, 4)
  order by isRetried desc, count desc, host, lastStatus limit ${MAX_RECEIVERS}`;

type RetriedRow = Omit<RetriedGroup, 'isShut' | 'clientNames'> & {
  isShut: number;
  clientNames: string;
  isRetried: number;
  total: number;
};
type BreakerRow = Omit<OpenBreaker, 'clientNames'> & { clientNames: string };

function namesOf(json: string): string[] {
  return JSON.parse(json) as string[];
}

/** What the console's overview shows: what is in hand by index, what was by a bounded window. */
export function createOverviewStore(db: D1Database) {
  return {
    /** Tasks without an end; a client's own, no older than `taskTimeoutMs`, or everybody's. */
    async open(clientId: string | null, now: number, taskTimeoutMs: number): Promise<OpenGroup[]> {
      const rows =
        clientId === null
          ? ALL_OPEN
          : `select ${OPEN_COLUMNS} from tasks where client_id = ?1 and id >= ?2 and completed_at is null`;
      const statement = db.prepare(OPEN.replace('%rows', rows));
      const bound =
        clientId === null ? statement : statement.bind(clientId, firstTaskIdAt(now - taskTimeoutMs));
      return openGroups(JSON.parse((await bound.first<string>('rows')) ?? '[]') as OpenRow[]);
    },

    /** Callbacks on their way, up to 10,000; and of those that were tried more than once in vain, the most alike. */
    async pendingCallbacks(clientId: string | null, now: number): Promise<PendingCallbacks> {
      const { results } = await db
        .prepare(PENDING.replace('%scope', clientId === null ? '' : 'and client_id = ?2'))
        .bind(now, ...(clientId === null ? [] : [clientId]))
        .all<RetriedRow>();
      const retried = results.filter(({ isRetried }) => isRetried === 1);
      return {
        count: results[0]?.total ?? 0,
        retried: retried.map(({ host, lastStatus, isShut, count, taskId, clientNames }) => ({
          host,
          lastStatus,
          isShut: isShut === 1,
          count,
          taskId,
          clientNames: namesOf(clientNames),
        })),
      };
    },

    /** Those that do not answer, longest first. */
    async openBreakers(now: number): Promise<OpenBreaker[]> {
      const { results } = await db
        .prepare(
          `select host, json_group_array(distinct coalesce(clients.name, client_id)) as clientNames,
             min(open_until) as openUntil, max(silences) as silences, min(silent_since) as silentSince,
             sum((select count(*) from (select 1 from deliveries as d where d.state = 'pending'
               and d.client_id = receivers.client_id and d.host = receivers.host limit ${MAX_OPEN_ROWS}))) as waiting
           from receivers left join clients on clients.id = client_id
           where open_until > ?1 group by host order by silentSince limit ${MAX_RECEIVERS}`,
        )
        .bind(now)
        .all<BreakerRow>();
      return results.map((row) => ({ ...row, clientNames: namesOf(row.clientNames) }));
    },

    ...trouble(db),

    /** Upstream keys that upstream told to wait. */
    async pausedKeys(now: number): Promise<PausedKey[]> {
      const { results } = await db
        .prepare(
          `select id as accountId, submit_paused_until as submitPausedUntil, poll_paused_until as pollPausedUntil
           from upstream_keys where max(submit_paused_until, poll_paused_until) > ?1 limit ${MAX_LISTED}`,
        )
        .bind(now)
        .all<PausedKey>();
      return results;
    },

    /** Volume, outcomes and latency over a window. */
    figures: figuresReader(db),
  };
}

function openGroups(rows: readonly OpenRow[]): OpenGroup[] {
  const groups = Map.groupBy(rows, ([accountId, state, reason]) =>
    JSON.stringify([accountId, state, reason]),
  );
  return Array.from(groups.values(), (mine): OpenGroup => {
    const [[accountId, state, queueReason] = ['', 'running', null] as const] = mine;
    return {
      accountId,
      state,
      queueReason,
      count: mine.length,
      withCallback: mine.filter(([, , , hasCallback]) => hasCallback === 1).length,
      oldestCreatedAt: Math.min(...mine.map(([, , , , createdAt]) => createdAt)),
      problem: mine.find(([, , , , , problem]) => problem !== null)?.[5] ?? null,
    };
  });
}

/** What does not work, beside callbacks. */
function trouble(db: D1Database) {
  return {
    /** Standing addresses that were stopped, or fail: of a client, or of everybody, the operator's own too. */
    async troubledSubscriptions(clientId: string | null): Promise<TroubledSubscription[]> {
      const { results } = await db
        .prepare(
          `select s.id, s.client_id as clientId, coalesce(c.name, s.client_id) as clientName, s.host, s.state,
             s.stopped_reason as stoppedReason, s.failing_since as failingSince
           from subscriptions as s indexed by subscriptions_troubled left join clients as c on c.id = s.client_id
           where ${clientId === null ? '?1 is null' : 's.client_id = ?1'} and (s.state = 'stopped' or s.failing_since is not null)
           order by s.id desc limit ${MAX_LISTED}`,
        )
        .bind(clientId)
        .all<TroubledSubscription>();
      return results;
    },

    /** Upstream keys whose credits are used up, as upstream last said. */
    async exhaustedKeys(): Promise<string[]> {
      const { results } = await db
        .prepare(`select id from upstream_keys where exhausted_at is not null limit ${MAX_LISTED}`)
        .all<{ id: string }>();
      return results.map(({ id }) => id);
    },
  };
}

export type OverviewStore = ReturnType<typeof createOverviewStore>;
