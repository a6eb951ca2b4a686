import { env } from 'cloudflare:workers';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Task } from '../../src/domain/task.ts';
import { roomOf, SLOTS } from '../../src/store/lane-rules.ts';
import { accepting, canceled, queued, running, T0 } from '../domain/sample-task.ts';
import { sampleClient } from '../domain/schedule/samples.ts';
import { startRelay } from '../support/relay.ts';
import { holdsForAllInTime } from '../support/properties.ts';
import { emptied, keyRow, putAbandoned, putClients, putKeys, putTasks } from './rows.ts';
import type { AbandonedRow, KeyRow } from './rows.ts';

const NOW = T0 + 90_000;
const EXAMPLES = 60;
const MANY = 1_000;

beforeEach(async () => {
  await startRelay();
});

/** Tasks of one kind, of a key and a client. */
const kinds = {
  running: (changes: Partial<Task>) => running(changes),
  accepting: (changes: Partial<Task>) => accepting(changes),
  /** Upstream failed it, and it is asked for again by its own clock. */
  failing: (changes: Partial<Task>) => queued(2, changes, 'failing'),
  waiting: (changes: Partial<Task>) => queued(1, { ...changes, dueAt: null }, 'behind'),
  'waiting for its client': (changes: Partial<Task>) => queued(1, { ...changes, dueAt: null }, 'own-limit'),
  ended: (changes: Partial<Task>) => canceled({ ...changes, dueAt: null }),
} as const;
type Kind = keyof typeof kinds;

/** What counts comes more often. */
const KINDS: readonly Kind[] = [
  'running',
  'running',
  'accepting',
  'accepting',
  'failing',
  'waiting',
  'waiting for its client',
  'ended',
];

interface Scene {
  readonly key: Omit<KeyRow, 'id' | 'served_client_id'>;
  readonly tasks: readonly { kind: Kind; keyId: string; clientId: string }[];
  readonly abandoned: readonly AbandonedRow[];
  /** `max_active_tasks` of the client `a`. */
  readonly most: number | null;
}

const ago = (max: number) => fc.integer({ min: 0, max }).map((ms) => NOW - ms);
const keyId = fc.constantFrom('k', 'k', 'other');
const clientId = fc.constantFrom('a', 'a', 'b');
const scene: fc.Arbitrary<Scene> = fc.record({
  key: fc.record({
    submit_paused_until: fc.constantFrom(0, 0, 0, NOW, NOW + 1),
    failing_until: fc.constantFrom(0, 0, 0, NOW - 1, NOW + 1),
    active_limit: fc.option(fc.integer({ min: 1, max: 6 })),
    refused_at: fc.option(fc.oneof(ago(6_000), ago(120_000), fc.constantFrom(NOW - 5_000, NOW - 60_000))),
    ended_since_refusal: fc.nat(4),
  }),
  tasks: fc.array(
    fc.record({
      kind: fc.constantFrom(...KINDS),
      keyId,
      clientId,
    }),
    { maxLength: 24 },
  ),
  abandoned: fc.array(
    fc.record({ keyId, clientId, until: fc.constantFrom(NOW - 1, NOW, NOW + 1, NOW + 600_000) }),
    {
      maxLength: 4,
    },
  ),
  most: fc.option(fc.integer({ min: 1, max: 10 })),
});

/** What of a scene is of the key, or of the client, in question. */
function count(
  { tasks }: Scene,
  wanted: readonly Kind[],
  where: { keyId?: string; clientId?: string },
): number {
  return tasks.filter(
    (task) =>
      wanted.includes(task.kind) &&
      (where.keyId === undefined || task.keyId === where.keyId) &&
      (where.clientId === undefined || task.clientId === where.clientId),
  ).length;
}

/** The rule of slots, in plain words: what the key takes at once, less what it has. */
function slotsOf(lived: Scene): number {
  const { key, abandoned } = lived;
  const gone = abandoned.filter((one) => one.keyId === 'k' && one.until > NOW).length;
  const inHand = count(lived, ['running', 'accepting'], { keyId: 'k' }) + gone;
  const refusedMsAgo = key.refused_at === null ? null : NOW - key.refused_at;
  if (key.submit_paused_until > NOW) return 0;
  if (key.failing_until > 0) return 1;
  if (key.active_limit !== null) {
    if (inHand < key.active_limit) return key.active_limit - inHand;
    const mayHaveGrown = key.ended_since_refusal >= 3 && refusedMsAgo !== null && refusedMsAgo >= 60_000;
    return mayHaveGrown && inHand === key.active_limit ? 1 : 0;
  }
  // Somebody else's tasks hold its slots: one is tried now and then.
  if (refusedMsAgo !== null) return refusedMsAgo < 5_000 ? 0 : 1;
  return MANY;
}

/** The rule of room, in plain words: what upstream may have of the client's counts, wherever it has ended here. */
function roomLeftOf(lived: Scene): number {
  if (lived.most === null) return MANY;
  const gone = lived.abandoned.filter((one) => one.clientId === 'a' && one.until > NOW).length;
  // What upstream failed keeps its place: upstream may have made it. The client has one key.
  const failing = count(lived, ['failing'], { clientId: 'a', keyId: 'k' });
  return lived.most - count(lived, ['running', 'accepting'], { clientId: 'a' }) - failing - gone;
}

async function stored({ key, tasks, abandoned, most }: Scene): Promise<void> {
  await env.DB.batch([
    ...emptied(),
    putKeys([keyRow({ id: 'k', ...key }), keyRow({ id: 'other' })]),
    putAbandoned(abandoned),
  ]);
  await putClients([
    sampleClient('a', { maxActiveTasks: most, accountId: 'k' }),
    sampleClient('b', { accountId: 'k' }),
  ]);
  const made = tasks.map(({ kind, keyId: accountId, clientId: owner }, i) => {
    const id = `task_${String(i).padStart(3, '0')}`;
    const task = kinds[kind]({ id, accountId, clientId: owner });
    return 'upstreamTaskId' in task.phase && task.phase.upstreamTaskId !== null
      ? { ...task, phase: { ...task.phase, upstreamTaskId: `up_${i}` } }
      : task;
  });
  await putTasks(made as Task[]).run();
}

describe('the rule that the statements go by is the rule in words:', () => {
  it('how many tasks more a key may be asked for', async () => {
    await holdsForAllInTime(
      scene,
      async (lived) => {
        await stored(lived);
        const slots = await env.DB.prepare(
          `select ${SLOTS} as slots from upstream_keys as k where k.id = 'k' and ?1 > 0`,
        )
          .bind(NOW)
          .first<number>('slots');
        expect(slots).toBe(slotsOf(lived));
      },
      EXAMPLES,
    );
  }, 60_000);

  it('how many tasks more of a client may be active', async () => {
    await holdsForAllInTime(
      scene,
      async (lived) => {
        await stored(lived);
        const room = await env.DB.prepare(`select ${roomOf("'a'")} as room where ?1 > 0`)
          .bind(NOW)
          .first<number>('room');
        expect(room).toBe(roomLeftOf(lived));
      },
      EXAMPLES,
    );
  }, 60_000);
});

function many(total: number, kind: Kind): Scene['tasks'] {
  return Array.from({ length: total }, () => ({ kind, keyId: 'k', clientId: 'a' }));
}

describe('a learned limit of active tasks', () => {
  const key = {
    submit_paused_until: 0,
    failing_until: 0,
    active_limit: null,
    refused_at: null,
    ended_since_refusal: 0,
  };
  const full = { ...key, active_limit: 5, refused_at: NOW - 1_000 };
  it.each<[string, Scene['key'], Scene['tasks'], number]>([
    ['is none before the first refusal', key, [], MANY],
    ['is none before the first refusal, however many run', key, many(20, 'running'), MANY],
    ['holds while it is reached', full, many(5, 'running'), 0],
    ['leaves what it leaves', full, [...many(2, 'running'), ...many(1, 'accepting')], 2],
    [
      'holds although others raised it, while none of ours has ended',
      { ...full, refused_at: NOW - 3_600_000 },
      many(5, 'running'),
      0,
    ],
    [
      'is tried out a minute after a refusal, once three tasks have ended',
      { ...full, refused_at: NOW - 60_000, ended_since_refusal: 3 },
      many(5, 'running'),
      1,
    ],
    [
      'is not tried out sooner',
      { ...full, refused_at: NOW - 59_999, ended_since_refusal: 3 },
      many(5, 'running'),
      0,
    ],
    [
      'is not tried out for every end',
      { ...full, refused_at: NOW - 60_000, ended_since_refusal: 2 },
      many(5, 'running'),
      0,
    ],
    [
      'is others’, where none of ours runs: one goes five seconds later',
      { ...key, refused_at: NOW - 5_000 },
      [],
      1,
    ],
    ['is others’, where none of ours runs: none goes sooner', { ...key, refused_at: NOW - 4_999 }, [], 0],
    ['says nothing while upstream takes no requests', { ...key, submit_paused_until: NOW + 1 }, [], 0],
    ['says nothing while upstream fails: one goes at a time', { ...key, failing_until: NOW - 1 }, [], 1],
    [
      'is not tried out beside a task that is asked for already',
      { ...full, refused_at: NOW - 60_000, ended_since_refusal: 3 },
      [...many(5, 'running'), ...many(1, 'accepting')],
      0,
    ],
  ])('%s', async (_, row, tasks, slots) => {
    const lived: Scene = { key: row, tasks, abandoned: [], most: null };
    await stored(lived);
    const found = await env.DB.prepare(
      `select ${SLOTS} as slots from upstream_keys as k where k.id = 'k' and ?1 > 0`,
    )
      .bind(NOW)
      .first<number>('slots');
    expect([found, slotsOf(lived)]).toEqual([slots, slots]);
  });
});
