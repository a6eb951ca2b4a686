import type { PollSlots } from '../domain/schedule/key-lanes.ts';
import type { CallSlots } from '../domain/schedule/receiver-lanes.ts';
import type { Wants } from '../domain/schedule/wants.ts';
import type { Client } from '../domain/client.ts';
import type { Abandoned, UpstreamKey } from '../domain/upstream-key.ts';
import { CLIENT_JSON, clientOf } from './client-row.ts';
import { completionStatements, fitting } from './complete.ts';
import type { Completed, Completion } from './complete.ts';
import { leaseDeliveries, leasedDelivery } from './fetch-deliveries.ts';
import type { LeasedDelivery } from './fetch-deliveries.ts';
import {
  abandonedOf,
  callSlotsOf,
  grantCalls,
  grantPolls,
  leaseAbandoned,
  pausedAmong,
  pollSlotsOf,
} from './fetch-lanes.ts';
import { ANYTHING_HERE, outlookAt, outlookOf } from './fetch-outlook.ts';
import type { StoredOutlook } from './fetch-outlook.ts';
import { leaseQueued } from './fetch-queue.ts';
import { endedAmong, keyOf, leaseDueTasks, leasedTask, overdueTasks } from './fetch-tasks.ts';
import type { DueTasks, LeasedTask } from './fetch-tasks.ts';
import { retried } from './retry.ts';
import { Together } from './together.ts';
import type { Patience } from './retry.ts';

/** What was due, and is leased to whoever asked. */
export interface Fetched extends StoredOutlook {
  readonly tasks: readonly LeasedTask[];
  /** Those that were next in a queue. */
  readonly queued: readonly LeasedTask[];
  /** Queued tasks whose deadline is over: leased to nobody. */
  readonly overdue: readonly LeasedTask[];
  readonly deliveries: readonly LeasedDelivery[];
  readonly abandoned: readonly { readonly abandoned: Abandoned; readonly key: UpstreamKey | null }[];
  /** Keys whose polls somebody paused. */
  readonly paused: readonly UpstreamKey[];
  readonly pollSlots: readonly PollSlots[];
  readonly callSlots: readonly CallSlots[];
  readonly ended: readonly string[];
}

export interface Exchanged {
  readonly completed: Completed;
  /** The clients of the callbacks that were leased with their tasks' ends, by id. */
  readonly clients: ReadonlyMap<string, Client>;
  /** Null where nothing was asked for. */
  readonly fetched: Fetched | null;
}

function dueTasks({ tasks: most, leases, aheadMs }: Wants, now: number): DueTasks {
  const { poll: pollLease, submit: submitLease, copy: copyLease } = leases;
  return { now, most, pollLease, submitLease, copyLease, aheadMs };
}

// oxlint-disable-next-line typescript/no-explicit-any -- each statement of a batch has rows of its own shape
type Rows = readonly D1Result<any>[];

const CLIENTS = `select id, ${CLIENT_JSON} as json from clients as c where id in (select value from json_each(?1))`;

/** Outcomes into D1 and due work out of it, in one request and one transaction. */
export function createExchangeStore(
  db: D1Database,
  patience: Patience,
  { isShared = false }: { readonly isShared?: boolean } = {},
) {
  const ask = async (completion: Completion, wants: Wants | null, isRepeated = false): Promise<Exchanged> => {
    const completing = completionStatements(db, completion);
    const clientIds = new Set(
      completion.outcomes.flatMap(({ task }) =>
        task?.callbackLease === undefined ? [] : [task.task.clientId],
      ),
    );
    const clients =
      clientIds.size > 0 ? [db.prepare(CLIENTS).bind(JSON.stringify(Array.from(clientIds)))] : [];
    const fetching = wants === null ? null : fetchOf(db, wants, completion.now);
    const statements = [...completing.statements, ...clients, ...(fetching?.statements ?? [])];
    if (statements.length === 0)
      return { completed: completing.read([], false), clients: new Map(), fetched: null };
    const answers: Rows = await db.batch([...statements]);
    const written = completing.statements.length;
    const rows: { id: string; json: string }[] = clients.length > 0 ? (answers[written]?.results ?? []) : [];
    return {
      completed: completing.read(answers, isRepeated),
      clients: new Map(rows.map(({ id, json }) => [id, clientOf(json)])),
      fetched: fetching?.read(answers.slice(written + clients.length)) ?? null,
    };
  };
  const together = isShared ? togetherWritten(ask, patience) : null;
  return {
    /** How many outcomes, from the first, one exchange takes: one at the least, and no more than `most`. */
    fitting,

    /** Whether anything is stored that anybody has to act on, now or later: a look in small, for while there is nothing. */
    async hasAnything(): Promise<boolean> {
      return (await db.prepare(`select ${ANYTHING_HERE} as here`).first<number>('here')) === 1;
    },

    /**
     * Writes first, so that what it frees is found by the look behind it. Tried again where D1 says that its error passes: what
     * was leased by a try whose answer was lost stays leased, to nobody, until that lease is over.
     */
    async exchange(completion: Completion, wants: Wants | null): Promise<Exchanged> {
      return await retried(patience, async (tries) =>
        together === null || wants !== null || tries > 1 || completion.outcomes.length !== 1
          ? await ask(completion, wants, tries > 1)
          : await together.ask(completion),
      );
    },
  };
}

/** The statements that bring what is wanted, and how to read their answers. */
function fetchOf(db: D1Database, wants: Wants, now: number) {
  const { leases } = wants;
  const look = {
    now,
    most: wants.deliveries,
    lease: leases.delivery,
    after: wants.after,
    full: wants.full,
  };
  const statements = {
    ...(wants.overdue ? { overdue: overdueTasks(db, now) } : {}),
    ...(wants.abandoned ? { abandoned: leaseAbandoned(db, now, leases.submit) } : {}),
    ...(wants.tasks > 0 ? { tasks: leaseDueTasks(db, dueTasks(wants, now)) } : {}),
    ...(wants.queued > 0
      ? { queued: leaseQueued(db, { now, most: wants.queued, submitLease: leases.submit }) }
      : {}),
    ...(wants.deliveries > 0 ? { deliveries: leaseDeliveries(db, look) } : {}),
    ...(wants.polls.length > 0 ? { polls: grantPolls(db, wants.polls, now) } : {}),
    ...(wants.calls.length > 0 ? { calls: grantCalls(db, wants.calls, now) } : {}),
    ...(wants.keys.length > 0 ? { paused: pausedAmong(db, wants.keys, now) } : {}),
    ...(wants.held.length > 0 ? { ended: endedAmong(db, wants.held) } : {}),
    outlook: outlookAt(db, now, wants.after),
  };
  const names = Object.keys(statements);
  return {
    statements: Object.values(statements),
    read: (answers: Rows) => {
      const of = (name: string) => answers[names.indexOf(name)]?.results ?? [];
      return fetchedOf(of, wants);
    },
  };
}

/** What single requests have to write, as one writing: each finds its own outcome in the answer. */
function togetherWritten(
  ask: (completion: Completion, wants: null) => Promise<Exchanged>,
  { sleep }: Patience,
): Together<Completion, Exchanged> {
  return new Together({
    ask: async (each) => {
      const outcomes = each.flatMap((one) => one.outcomes);
      const receivers = each.flatMap((one) => one.receivers);
      const now = Math.max(...each.map((one) => one.now));
      const exchanged = await ask({ outcomes, receivers, now }, null);
      return each.map(() => exchanged);
    },
    // Of two outcomes of one task one is written, and either has to know whether it was its own.
    keyOf: ({ outcomes: [outcome] }) => outcome?.task?.task.id ?? null,
    sleep,
  });
}

// oxlint-disable-next-line typescript/no-explicit-any -- each statement of a batch has rows of its own shape
function fetchedOf(of: (name: string) => any[], wants: Wants): Fetched {
  return {
    ...outlookOf(of('outlook')[0]),
    tasks: of('tasks').map(leasedTask),
    queued: of('queued').map(leasedTask),
    overdue: of('overdue').map(leasedTask),
    deliveries: of('deliveries').flatMap((row) => leasedDelivery(row) ?? []),
    abandoned: of('abandoned').map(abandonedOf),
    paused: of('paused').flatMap(({ key_json: json }: { key_json: string }) => keyOf(json) ?? []),
    pollSlots: of('polls').flatMap((row) => pollSlotsOf(row, wants.polls) ?? []),
    callSlots: of('calls').flatMap((row) => callSlotsOf(row, wants.calls) ?? []),
    ended: of('ended').map(({ id }: { id: string }) => id),
  };
}

export type ExchangeStore = ReturnType<typeof createExchangeStore>;
