import { env } from 'cloudflare:workers';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Task } from '../../src/domain/task.ts';
import { leaseQueued } from '../../src/store/fetch-queue.ts';
import { createQueueStore } from '../../src/store/queue.ts';
import { queued, running, T0 } from '../domain/sample-task.ts';
import { sampleClient } from '../domain/schedule/samples.ts';
import { startRelay } from '../support/relay.ts';
import { holdsForAllInTime } from '../support/properties.ts';
import { emptied, keyRow, putClients, putKeys, putTasks } from './rows.ts';

const NOW = T0 + 90_000;
const LEASE = NOW + 35_000;
const CLIENTS = ['a', 'b', 'c'] as const;
const KEYS = ['k1', 'k2'] as const;
type ClientId = (typeof CLIENTS)[number];
type KeyId = (typeof KEYS)[number];

beforeEach(async () => {
  await startRelay();
});

/** Tasks that wait, in the order in which they came, and what runs already. */
interface Scene {
  readonly waiting: readonly { readonly keyId: KeyId; readonly clientId: ClientId; readonly own: boolean }[];
  readonly running: readonly { readonly keyId: KeyId; readonly clientId: ClientId }[];
  readonly limits: Readonly<Record<KeyId, number>>;
  readonly served: ClientId | null;
  /** `max_active_tasks` of the client `a`. */
  readonly most: number | null;
  readonly revoked: ClientId | null;
  readonly wanted: number;
}

const clientId = fc.constantFrom<ClientId>('a', 'a', 'a', 'b', 'c');
const keyId = fc.constantFrom<KeyId>(...KEYS);
const scene: fc.Arbitrary<Scene> = fc.record({
  waiting: fc.array(fc.record({ keyId, clientId, own: fc.boolean() }), { maxLength: 20 }),
  running: fc.array(fc.record({ keyId, clientId }), { maxLength: 6 }),
  limits: fc.record({ k1: fc.integer({ min: 1, max: 8 }), k2: fc.integer({ min: 1, max: 8 }) }),
  served: fc.option(fc.constantFrom<ClientId>(...CLIENTS)),
  most: fc.option(fc.integer({ min: 1, max: 6 })),
  revoked: fc.option(fc.constantFrom<ClientId>(...CLIENTS), { freq: 5 }),
  wanted: fc.integer({ min: 1, max: 12 }),
});

const idOf = (i: number) => `task_${String(i).padStart(3, '0')}`;

async function stored({ waiting, running: runs, limits, served, most, revoked }: Scene): Promise<void> {
  await env.DB.batch([
    ...emptied(),
    putKeys(
      KEYS.map((id) =>
        keyRow({ id, active_limit: limits[id], refused_at: NOW - 1, served_client_id: served }),
      ),
    ),
  ]);
  await putClients(
    CLIENTS.map((id) =>
      sampleClient(id, {
        accountId: 'k1',
        maxActiveTasks: id === 'a' ? most : null,
        revokedAt: id === revoked ? T0 : null,
      }),
    ),
  );
  const waits = waiting.map((one, i): Task => {
    const changes = { id: idOf(i), accountId: one.keyId, clientId: one.clientId, dueAt: null };
    return queued(1, changes, one.own ? 'own-limit' : 'behind');
  });
  const under = runs.map((one, i): Task => {
    const task = running({ id: idOf(900 + i), accountId: one.keyId, clientId: one.clientId });
    return { ...task, phase: { ...task.phase, upstreamTaskId: `up_${i}` } };
  });
  await putTasks([...waits, ...under]).run();
}

/** Behind the client that was served last come those that follow it, then the others. */
function afterServed(served: ClientId | null, one: ClientId): number {
  return served !== null && one <= served ? 1 : 0;
}

/** The rule in plain words: each key's free slots go, one by one, to the client that then has the least in hand. */
function expected(lived: Scene): Record<KeyId, string[]> {
  const { waiting, running: runs, limits, served, most, revoked } = lived;
  const ofClient = new Map<ClientId, number>();
  const given: Record<KeyId, string[]> = { k1: [], k2: [] };
  const room = (one: ClientId): number =>
    one === 'a' && most !== null ? most - runs.filter((run) => run.clientId === 'a').length : Infinity;
  const slotsOf = (key: KeyId) => Math.max(0, limits[key] - runs.filter((run) => run.keyId === key).length);
  const candidates = waiting.flatMap((one, i) => {
    // What waits for a key without a free slot takes nobody's room.
    if (one.clientId === revoked || slotsOf(one.keyId) === 0) return [];
    const nth = (ofClient.get(one.clientId) ?? 0) + 1;
    ofClient.set(one.clientId, nth);
    return nth <= room(one.clientId) ? [{ ...one, id: idOf(i), nth }] : [];
  });
  for (const key of KEYS) {
    const has = (one: ClientId) => runs.filter((run) => run.keyId === key && run.clientId === one).length;
    const ranked = candidates
      .filter((one) => one.keyId === key)
      .map((one) => ({ ...one, rank: [one.nth + has(one.clientId), afterServed(served, one.clientId)] }))
      .toSorted(
        (a, b) =>
          (a.rank[0] ?? 0) - (b.rank[0] ?? 0) ||
          (a.rank[1] ?? 0) - (b.rank[1] ?? 0) ||
          a.clientId.localeCompare(b.clientId) ||
          a.id.localeCompare(b.id),
      );
    given[key] = ranked.slice(0, slotsOf(key)).map(({ id }) => id);
  }
  return given;
}

async function lease(most: number): Promise<{ id: string; account_id: string; client_id: string }[]> {
  const { results } = await leaseQueued(env.DB, { now: NOW, most, submitLease: LEASE }).all<{
    id: string;
    account_id: string;
    client_id: string;
  }>();
  return results;
}

describe('the queue', () => {
  it('gives each key’s free slots to the clients that have the least in hand, the oldest tasks first', async () => {
    await holdsForAllInTime(
      scene,
      async (lived) => {
        await stored(lived);
        const rows = await lease(100);
        const given = expected(lived);
        for (const key of KEYS)
          expect(
            rows
              .filter((row) => row.account_id === key)
              .map(({ id }) => id)
              .toSorted(),
          ).toEqual(given[key].toSorted());
      },
      60,
    );
  }, 60_000);

  it('gives no more than is wanted, and of each key the first of them', async () => {
    await holdsForAllInTime(
      scene,
      async (lived) => {
        await stored(lived);
        const rows = await lease(lived.wanted);
        const given = expected(lived);
        const total = given.k1.length + given.k2.length;
        expect(rows).toHaveLength(Math.min(lived.wanted, total));
        for (const key of KEYS) {
          const got = rows.filter((row) => row.account_id === key).map(({ id }) => id);
          expect(got.toSorted()).toEqual(given[key].slice(0, got.length).toSorted());
        }
      },
      60,
    );
  }, 60_000);

  it('asks a key that fails for one task at a time: the next goes when nobody asks it any more', async () => {
    await env.DB.batch([...emptied(), putKeys([keyRow({ id: 'k1', failing_until: NOW - 1 })])]);
    await putClients([sampleClient('a', { accountId: 'k1' })]);
    const waits = Array.from({ length: 4 }, (_, i) =>
      queued(1, { id: idOf(i), accountId: 'k1', clientId: 'a', dueAt: null }, 'behind'),
    );
    await putTasks(waits).run();
    expect((await lease(9)).map(({ id }) => id)).toEqual([idOf(0)]);
    expect(await lease(9)).toEqual([]);
    await env.DB.prepare(`delete from tasks where id = ?1`).bind(idOf(0)).run();
    expect((await lease(9)).map(({ id }) => id)).toEqual([idOf(1)]);
  });

  it('leases what it gives: nobody else is given it, and its slots are taken', async () => {
    await stored({
      waiting: Array.from({ length: 6 }, () => ({ keyId: 'k1', clientId: 'a', own: false })),
      running: [],
      limits: { k1: 4, k2: 1 },
      served: null,
      most: null,
      revoked: null,
      wanted: 9,
    });
    const [first, second] = await Promise.all([lease(2), lease(9)]);
    expect([...first, ...second].map(({ id }) => id).toSorted()).toEqual([0, 1, 2, 3].map(idOf));
    expect(await lease(9)).toEqual([]);
    const { results } = await env.DB.prepare(
      `select state, due_at, leased_until, count(*) as count from tasks group by 1, 2, 3 order by 1`,
    ).all();
    expect(results).toEqual([
      { state: 'accepting', due_at: NOW, leased_until: LEASE, count: 4 },
      { state: 'queued', due_at: null, leased_until: 0, count: 2 },
    ]);
  });

  it('goes in the order of the places that its owners are told', async () => {
    const one = fc.record({ keyId: fc.constant<KeyId>('k1'), clientId, own: fc.constant(false) });
    await holdsForAllInTime(
      fc.array(one, { minLength: 1, maxLength: 15 }),
      async (waiting) => {
        const lived: Scene = {
          waiting,
          running: [],
          limits: { k1: 1, k2: 1 },
          served: null,
          most: null,
          revoked: null,
          wanted: 1,
        };
        await stored(lived);
        const places = await Promise.all(
          waiting.map(async (each, i) => {
            const task = queued(1, {
              id: idOf(i),
              accountId: each.keyId,
              clientId: each.clientId,
              dueAt: null,
            });
            return (await createQueueStore(env.DB).lineOfKey(task)).ahead ?? Infinity;
          }),
        );
        const [next] = await lease(1);
        // Who goes first is told that nobody goes before it, but for those of other clients who came to their first turn too.
        const clients = new Set(waiting.map((each) => each.clientId)).size;
        const place = places[Number(next?.id.slice('task_'.length))];
        expect(place).toBe(clients - 1);
        expect(Math.min(...places)).toBe(clients - 1);
      },
      20,
    );
  });
});
