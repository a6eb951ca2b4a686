import { env } from 'cloudflare:workers';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { callbackOf } from '../../src/domain/delivery.ts';
import { taskId } from '../../src/domain/ids.ts';
import { UNKNOWN_RECEIVER } from '../../src/domain/receivers/health.ts';
import type { ReceiverHealth } from '../../src/domain/receivers/health.ts';
import { ReceiverLanes } from '../../src/domain/schedule/receiver-lanes.ts';
import { isEnded } from '../../src/domain/task.ts';
import type { EndedTask, Task } from '../../src/domain/task.ts';
import { transition } from '../../src/domain/transition.ts';
import type { TaskEvent } from '../../src/domain/transition.ts';
import { HEALTH_JSON, healthOf } from '../../src/store/receiver-row.ts';
import { storedBytes } from '../../src/store/stock.ts';
import { toRow } from '../../src/store/task-row.ts';
import { accepting, running, sampleTarget, T0 } from '../domain/sample-task.ts';
import { startRelay } from '../support/relay.ts';
import { holdsForAllInTime } from '../support/properties.ts';
import { createExchangeStore } from '../../src/store/exchange.ts';
import { deliveries, emptied, exchanges, keyRow, patience, putKeys, putTasks } from './rows.ts';

/* Rules that SQL and TypeScript both have: these tests hold them together. */

const NOW = T0 + 90_000;
const EXAMPLES = 40;

beforeEach(async () => {
  await startRelay();
});

let made = 0;

/** An id of its own, as new tasks have it. */
function nextId(): string {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(0, ++made);
  return taskId(T0 + made, bytes);
}

/** The database, whose first answer to a batch does not arrive. */
function losingOneAnswer(): D1Database {
  let isFirst = true;
  const batch = async (statements: D1PreparedStatement[]): Promise<unknown> => {
    const answers = await env.DB.batch(statements);
    if (!isFirst) return answers;
    isFirst = false;
    throw new Error('D1_ERROR: Network connection lost.');
  };
  return new Proxy(env.DB, {
    get: (db, name) => (name === 'batch' ? batch : Reflect.get(db, name).bind(db)),
  });
}

/** Writes the end of a task that is stored as it was before, and leases its callback until then. */
async function end(
  before: Task,
  event: TaskEvent,
  callbackLease: number,
  db: D1Database = env.DB,
): Promise<{ task: EndedTask; leased: ReadonlySet<string> }> {
  const task = transition(before, event, NOW);
  if (task === null || !isEnded(task)) throw new Error('it has not ended');
  await putTasks([before]).run();
  const outcomes = [{ task: { task, callbackLease } }];
  const store = createExchangeStore(db, patience);
  const { completed } = await store.exchange({ outcomes, receivers: [], now: NOW }, null);
  expect(completed.settled).toEqual(new Set([task.id]));
  return { task, leased: new Set(completed.leased.keys()) };
}

describe('the callback of an end, as it is held in memory and as it is stored,', () => {
  const error = { code: 'upstream_failed', message: 'No.', upstreamCode: null } as const;
  const success = {
    state: 'succeeded',
    resultJson: '{"resultUrls":["https://cdn.example.com/1.mp4"]}',
    costTimeMs: 50_000,
    completedAt: NOW - 1_000,
  } as const;
  const event: fc.Arbitrary<TaskEvent> = fc.constantFrom(
    { type: 'ended', end: success },
    { type: 'gone', error },
    { type: 'canceled' },
  );
  const target = fc.option(
    fc.record({ url: fc.webUrl(), host: fc.domain(), format: fc.constantFrom('event', 'record') }),
  );

  it('is one and the same, whatever the end, and is leased to whoever wrote it', async () => {
    const scene = fc.tuple(event, target, fc.constantFrom(0, NOW + 35_000), fc.boolean());
    await holdsForAllInTime(
      scene,
      async ([what, given, lease, wasRunning]) => {
        const changes = { id: nextId(), callback: given && sampleTarget(given) };
        const before = wasRunning ? running(changes) : accepting(changes);
        if (what.type === 'ended' && !wasRunning) return;
        const { task, leased } = await end(before, what, lease);
        const expected = callbackOf(task, NOW, lease);
        expect(await deliveries().ofTask(task.id, null)).toEqual(expected === null ? [] : [expected]);
        expect([...leased]).toEqual(expected === null || lease === 0 ? [] : [expected.id]);
      },
      EXAMPLES,
    );
  });

  it('is leased to nobody while the breaker of its receiver is open for that client', async () => {
    for (const [clientId, leasedUntil] of [
      ['client_1', 0],
      ['client_2', NOW + 35_000],
    ] as const) {
      await env.DB.batch(emptied());
      const health = { ...UNKNOWN_RECEIVER, silences: 10, openUntil: NOW + 1, observedAt: T0 };
      const receivers = [{ host: 'hooks.example.com', clientId: 'client_1', health }];
      await exchanges().exchange({ outcomes: [], receivers, now: NOW }, null);
      const { task, leased } = await end(
        running({ id: nextId(), clientId }),
        { type: 'canceled' },
        NOW + 35_000,
      );
      expect(await deliveries().ofTask(task.id, null)).toEqual([callbackOf(task, NOW, leasedUntil)]);
      expect(leased.size).toBe(leasedUntil === 0 ? 0 : 1);
    }
  });

  it('is written once, and leased to its writer, where the answer is lost and the writing is tried again', async () => {
    const before = running({ id: nextId() });
    const { task, leased } = await end(before, { type: 'canceled' }, NOW + 35_000, losingOneAnswer());
    expect(leased.size).toBe(1);
    expect(await deliveries().ofTask(task.id, null)).toHaveLength(1);
  });

  it('belongs to one of two who write the same end at the same instant', async () => {
    const before = running({ id: nextId() });
    const { task } = await end(before, { type: 'canceled' }, NOW + 35_000);
    const outcomes = [{ task: { task, callbackLease: NOW + 35_000 } }];
    const { completed } = await exchanges().exchange({ outcomes, receivers: [], now: NOW }, null);
    expect(completed.leased.size).toBe(0);
    expect(await deliveries().ofTask(task.id, null)).toHaveLength(1);
  });
});

describe('the bytes that a task takes of its client’s room', () => {
  const text = fc.string({ unit: 'binary', maxLength: 50 });

  it('are the same to the insert that asks for room and to the triggers that count', async () => {
    const scene = fc.record({
      prompt: text,
      note: text,
      url: fc.option(fc.webUrl()),
      headers: fc.option(text),
    });
    await holdsForAllInTime(
      scene,
      async ({ prompt, note, url, headers }) => {
        await env.DB.batch(emptied());
        const callback = url === null ? null : sampleTarget({ url, sealedHeaders: headers });
        const task = accepting({ id: nextId(), input: { prompt }, metadata: { note }, callback });
        await putTasks([task]).run();
        const bytes = await env.DB.prepare('select bytes from client_stock where client_id = ?1')
          .bind(task.clientId)
          .first<number>('bytes');
        expect(bytes).toBe(storedBytes(toRow(task)));
      },
      EXAMPLES,
    );
  });
});

describe('two sights of a receiver', () => {
  const health: fc.Arbitrary<ReceiverHealth> = fc.record({
    answeredAt: fc.option(fc.integer({ min: T0, max: NOW })),
    silences: fc.nat(20),
    silentSince: fc.option(fc.integer({ min: T0, max: NOW })),
    openUntil: fc.option(fc.integer({ min: T0, max: NOW })),
    openings: fc.nat(9),
    isSlow: fc.boolean(),
    recoveredAt: fc.option(fc.integer({ min: T0, max: NOW })),
    observedAt: fc.integer({ min: T0, max: NOW }),
  });
  const sights = fc.uniqueArray(health, {
    minLength: 1,
    maxLength: 6,
    selector: ({ observedAt }) => observedAt,
  });

  it('come to the newest, in D1 as in memory, whoever writes first', async () => {
    await holdsForAllInTime(
      sights,
      async (all) => {
        await env.DB.batch(emptied());
        const at = { host: 'hooks.example.com', clientId: 'client_1', url: 'https://hooks.example.com/1' };
        const lanes = new ReceiverLanes();
        for (const one of all) {
          lanes.learn(at.host, at.clientId, one);
          const receivers = [{ host: at.host, clientId: at.clientId, health: one }];
          await exchanges().exchange({ outcomes: [], receivers, now: NOW }, null);
        }
        const stored = await env.DB.prepare(
          `select ${HEALTH_JSON} as json from receivers as r`,
        ).first<string>('json');
        const newest = all.reduce((a, b) => (b.observedAt > a.observedAt ? b : a));
        expect(healthOf(stored)).toEqual(newest);
        expect(lanes.health(at)).toEqual(newest);
      },
      EXAMPLES,
    );
  });

  it('are of one client each: what one saw says nothing to another', async () => {
    const silent = { ...UNKNOWN_RECEIVER, silences: 3, observedAt: T0 };
    const host = 'hooks.example.com';
    const receivers = [
      { host, clientId: 'client_1', health: silent },
      { host, clientId: 'client_2', health: { ...UNKNOWN_RECEIVER, answeredAt: T0, observedAt: T0 } },
    ];
    await exchanges().exchange({ outcomes: [], receivers, now: NOW }, null);
    const { results } = await env.DB.prepare(
      'select client_id, silences from receivers order by client_id',
    ).all();
    expect(results).toEqual([
      { client_id: 'client_1', silences: 3 },
      { client_id: 'client_2', silences: 0 },
    ]);
  });
});

describe('instants at which a limited key may be polled', () => {
  it('are handed out once each, in any order of those who ask, and never faster than its rate', async () => {
    await env.DB.batch([...emptied(), putKeys([keyRow({ id: 'k' })])]);
    const nothing = {
      tasks: 0,
      queued: 0,
      deliveries: 0,
      overdue: false,
      abandoned: false,
      aheadMs: 0,
      after: ['', ''] as const,
      full: [],
      keys: [],
      calls: [],
      held: [],
    };
    const leases = { poll: NOW, copy: NOW, submit: NOW, delivery: NOW };
    const instants: number[] = [];
    for (const [afterMs, count] of [
      [0, 3],
      [100, 2],
      [900, 5],
      [5_000, 1],
      [5_001, 4],
    ] as const) {
      const wants = { ...nothing, leases, polls: [{ keyId: 'k', count, intervalMs: 500 }] };
      const { fetched } = await exchanges().exchange(
        { outcomes: [], receivers: [], now: NOW + afterMs },
        wants,
      );
      for (const { from, count: given, intervalMs } of fetched?.pollSlots ?? []) {
        expect(from).toBeGreaterThanOrEqual(NOW + afterMs);
        for (let i = 0; i < given; i++) instants.push(from + i * intervalMs);
      }
    }
    expect(instants.length).toBeGreaterThan(8);
    const gaps = instants.slice(1).map((at, i) => at - (instants[i] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(500);
  });
});
