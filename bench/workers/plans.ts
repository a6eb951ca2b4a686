import { createCallbackStore } from '../../src/store/callbacks.ts';
import { createDueStore } from '../../src/store/due.ts';
import { createLoadStore } from '../../src/store/load.ts';
import { createOutcomeStore } from '../../src/store/outcomes.ts';
import { createQueueStore } from '../../src/store/queue.ts';
import { createSpendingStore } from '../../src/store/spending.ts';
import { createTaskStore } from '../../src/store/tasks.ts';
import { createRetentionStore } from '../../src/store/retention.ts';
import { createTickStore } from '../../src/store/ticks.ts';
import type { Plan } from './shapes.ts';

interface Asked {
  readonly sql: string;
  readonly values: readonly unknown[];
}

const NOW = Date.UTC(2026, 10, 22, 15);
const patience = { sleep: async () => undefined, random: () => 0 };
const ACCOUNT = 'operator';

/** A database that answers nothing, and remembers what it was asked. */
function recorder(asked: Asked[], db: D1Database): D1Database {
  const answer = { results: [], success: true, meta: { changes: 0 } };
  const statement = (sql: string, values: readonly unknown[]): unknown => {
    const note = async (): Promise<unknown> => {
      asked.push({ sql, values });
      return answer;
    };
    return {
      bind: (...bound: unknown[]) => statement(sql, bound),
      all: note,
      run: note,
      first: async () => {
        await note();
        return null;
      },
      note,
    };
  };
  return new Proxy(db, {
    get: (target, property): unknown => {
      if (property === 'prepare') return (sql: string) => statement(sql, []);
      if (property === 'batch')
        return async (statements: { note: () => Promise<unknown> }[]) =>
          await Promise.all(statements.map(({ note }) => note()));
      return Reflect.get(target, property);
    },
  });
}

/** Asks the stores what the engine asks them in a tick and in a post, with a task that is there. */
async function askEverything(db: D1Database, asked: Asked[]): Promise<void> {
  const [task] = (
    await createTaskStore(db, patience).list({ clientId: null, state: null, limit: 1, cursor: null })
  ).tasks;
  if (task === undefined) throw new Error('There is no task.');
  const watched = recorder(asked, db);
  const hosts = {
    closed: ['x'],
    paced: ['x'],
    takesUnknown: true,
    takesSilent: true,
    takesSlow: true,
    takesNotice: true,
  };
  const due = createDueStore(watched);
  await due.look({ now: NOW, limits: { upstream: 100, callback: 24 }, polls: 100, hosts, held: [task.id] });
  await due.claim([{ task, until: NOW }]);
  const queue = createQueueStore(watched);
  await queue.ahead(task).catch(() => undefined);
  await queue.lineOfKey(task).catch(() => undefined);
  await queue.aheadOfOwn(task);
  await createOutcomeStore(watched, patience).settle({
    settlements: [
      {
        task,
        attempt: {
          number: 1,
          at: NOW,
          status: 200,
          durationMs: 1,
          outcome: 'delivered',
          detail: 'delivered',
          nextAttemptAt: null,
        },
      },
    ],
    pauses: [{ accountId: ACCOUNT, what: 'poll', until: NOW, intervalMs: 100 }],
    wakes: [{ accountId: ACCOUNT, clientId: task.clientId, isEnd: true }],
    learned: [
      { accountId: ACCOUNT, what: 'refused' },
      { accountId: ACCOUNT, what: 'taken' },
    ],
    hosts: new Map([
      ['x', { answeredAt: NOW, silences: 0, silentSince: null, openUntil: null, openings: 0, isSlow: false }],
    ]),
    now: NOW,
  });
  const tasks = createTaskStore(watched, patience);
  for (const dailyCredits of [null, 5_000]) {
    await tasks.insert(task, { dailyCredits, active: { max: 5, held: task } });
  }
  await createSpendingStore(watched, patience).recount(task.clientId, NOW);
  await tasks.byKey(task.clientId, 'key');
  await tasks.get(task.id, null);
  for (const state of [null, 'queued'] as const) {
    await tasks.list({ clientId: task.clientId, state, limit: 20, cursor: null });
  }
  await createCallbackStore(watched, patience).failed(task.clientId, { since: NOW, until: NOW }, 200);
  await createLoadStore(watched).isFull(task, 5);
  await createRetentionStore(watched).purge(NOW, NOW);
  await createTickStore(watched, patience).pulse();
}

export default {
  async fetch(_request, env): Promise<Response> {
    const asked: Asked[] = [];
    await askEverything(env.DB, asked);
    const plans: Plan[] = [];
    for (const { sql, values } of asked) {
      const explained = env.DB.prepare(`explain query plan ${sql}`).bind(...values);
      const { results } = await explained.all<{ detail: string }>();
      plans.push({ sql, steps: results.map(({ detail }) => detail) });
    }
    return Response.json(plans);
  },
} satisfies ExportedHandler<Env>;
