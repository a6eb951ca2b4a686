import * as fc from 'fast-check';
import { UNKNOWN_RECEIVER } from '../../../src/domain/receivers/health.ts';
import type { Job } from '../../../src/domain/schedule/job.ts';
import type { State } from '../../../src/domain/schedule/state.ts';
import { T0 } from '../sample-task.ts';
import {
  deliverJob,
  followJob,
  MINUTE_MS,
  pollJob,
  refreshJob,
  sampleKey,
  sampleState,
  submitJob,
} from './samples.ts';
import { live } from './world.ts';
import type { Exchange, Moment, Story, Work } from './world.ts';

/** An invocation in a world of few clients, keys and hosts, so that they get into each other's way. */
export interface Scene {
  readonly isWorker: boolean;
  readonly fetches: number;
  readonly d1: number;
  readonly works: readonly Work[];
  readonly exchanges: readonly Exchange[];
  /** Keys that upstream limits: until when, and at what rate. */
  readonly pausedMs: number;
  readonly intervalMs: number | null;
  readonly openMs: number;
}

/** No job lasts longer: a receiver's timeout. */
export const LONGEST_MS = 15_000;
const CLIENTS = ['a', 'b', 'c'] as const;
export const HOSTS = ['one.example.com', 'two.example.com', 'three.example.com', 'four.example.com'] as const;
const make = { submit: submitJob, poll: pollJob, follow: followJob };

const spec = fc.record({
  kind: fc.constantFrom('submit', 'poll', 'poll', 'follow', 'refresh', 'deliver', 'deliver', 'deliver'),
  clientId: fc.constantFrom(...CLIENTS, 'a', 'a'),
  keyId: fc.constantFrom('open', 'paused', 'limited'),
  host: fc.constantFrom(...HOSTS),
  at: fc.integer({ min: -5_000, max: 20_000 }).map((ms) => T0 + ms),
  leaseMs: fc.constantFrom(500, 12_000, 35_000, MINUTE_MS + 30_000),
  attempts: fc.constantFrom(0, 0, 3),
  tookMs: fc.oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: LONGEST_MS })),
  answers: fc.boolean(),
});

const manyWorks: fc.Arbitrary<Work[]> = fc.array(spec, { maxLength: 60 }).map((specs) =>
  specs.map(({ kind, host, leaseMs, attempts, tookMs, answers, ...rest }, i) => {
    const changes = { ...rest, id: `row_${i}`, leasedUntil: rest.at + leaseMs };
    const delivery = { host, url: `https://${host}/${i}`, attempts };
    const job: Job =
      kind === 'deliver'
        ? deliverJob(changes, delivery)
        : kind === 'refresh'
          ? refreshJob(changes, delivery)
          : make[kind](changes);
    return { job, tookMs, answers };
  }),
);

export const scene: fc.Arbitrary<Scene> = fc.record({
  isWorker: fc.boolean(),
  fetches: fc.constantFrom(5, 45, 9_000),
  d1: fc.constantFrom(3, 42, 900),
  works: manyWorks,
  exchanges: fc.array(
    fc.record({
      tookMs: fc.integer({ min: 1, max: 800 }),
      fails: fc.integer({ max: 9, min: 0 }).map((n) => n === 0),
    }),
    { minLength: 1, maxLength: 20 },
  ),
  pausedMs: fc.integer({ min: 0, max: 30_000 }),
  intervalMs: fc.option(fc.integer({ min: 100, max: 3_000 })),
  openMs: fc.integer({ min: 0, max: 40_000 }),
});

function stateOf({ isWorker, fetches, d1, pausedMs, intervalMs, openMs }: Scene): State {
  const state = sampleState(
    { role: isWorker ? 'worker' : 'cron', isAlone: !isWorker },
    { fetches, fetchBurst: Math.min(6, fetches), d1, d1Burst: Math.max(1, Math.floor(d1 / 3)) },
  );
  state.keys.learn(sampleKey({ id: 'open' }));
  state.keys.learn(sampleKey({ id: 'paused', pollPausedUntil: T0 + pausedMs }));
  state.keys.learn(sampleKey({ id: 'limited', pollIntervalMs: intervalMs }));
  for (const id of CLIENTS) {
    const proven = { ...UNKNOWN_RECEIVER, answeredAt: T0, observedAt: T0 };
    const open = { ...UNKNOWN_RECEIVER, silences: 10, openUntil: T0 + openMs, observedAt: T0 };
    state.receivers.learn(HOSTS[0], id, proven);
    state.receivers.learn(HOSTS[1], id, open);
  }
  return state;
}

/** Each decision of an invocation, from its beginning to its stop. */
export function follow(
  lived: Scene,
  check: (moment: Moment) => void = () => undefined,
): Story & { state: State } {
  const state = stateOf(lived);
  return { ...live(state, lived, check), state };
}

/** What of a group is looked at: 50 jobs that are due. */
export function dueJobs(state: State, now: number): Job[] {
  return [...state.held.lanes()].flatMap(({ jobs }) => jobs.slice(0, 50).filter(({ at }) => at <= now));
}
