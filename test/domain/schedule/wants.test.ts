import { describe, expect, it } from 'vitest';
import { UNKNOWN_RECEIVER } from '../../../src/domain/receivers/health.ts';
import type { Job } from '../../../src/domain/schedule/job.ts';
import type { State } from '../../../src/domain/schedule/state.ts';
import { wantsOf } from '../../../src/domain/schedule/wants.ts';
import { T0 } from '../sample-task.ts';
import { deliverJob, pollJob, sampleKey, sampleState, submitJob } from './samples.ts';

const LOOK = { after: ['', ''], takesDeliveries: true, checksHeldFrom: null } as const;

function holding(jobs: readonly Job[], state = sampleState()): State {
  for (const job of jobs) state.held.add(job);
  return state;
}

const deliveriesOf = (clientId: string, count: number) =>
  Array.from({ length: count }, (_, i) => deliverJob({ clientId }, { host: `${i % 8}.example.com` }));

describe('what an invocation wants of deliveries', () => {
  it('is more for others, however much it holds of one client', () => {
    const wants = wantsOf(holding(deliveriesOf('a', 40)), T0, LOOK);
    expect(wants.deliveries).toBe(40);
    expect(wants.full).toContainEqual(['a', null]);
  });

  it('is more for the same client, where its hosts have room', () => {
    const state = holding(deliveriesOf('a', 16));
    for (let i = 0; i < 8; i++)
      state.receivers.learn(`${i}.example.com`, 'a', { ...UNKNOWN_RECEIVER, answeredAt: T0, observedAt: T0 });
    expect(wantsOf(state, T0, LOOK)).toMatchObject({ deliveries: 40, full: [] });
  });

  it('is one of a host that is not known to answer', () => {
    const wants = wantsOf(holding([deliverJob({ clientId: 'a' }, { host: 'new.example.com' })]), T0, LOOK);
    expect(wants.full).toEqual([['a', 'new.example.com']]);
  });

  it('is bounded for all clients together', () => {
    const jobs = ['a', 'b', 'c', 'd', 'e'].flatMap((client) => deliveriesOf(client, 39));
    expect(wantsOf(holding(jobs), T0, LOOK).deliveries).toBe(5);
  });

  it('is nothing where none could be signed', () => {
    expect(wantsOf(sampleState(), T0, { ...LOOK, takesDeliveries: false }).deliveries).toBe(0);
  });
});

const HALF = T0 + 30_000;

/** Polls that come due so many ms after the middle of the run. */
const pollsIn = (count: number, inMs: number) =>
  Array.from({ length: count }, () => pollJob({ at: HALF + inMs }));

/** Of running ones, with so many requests for the run, in its middle, holding so many that are not due. */
const tasksOf = (fetches: number, held: number): number =>
  wantsOf(holding(pollsIn(held, 1_000), sampleState({ isAlone: false }, { fetches })), HALF, LOOK).tasks;

describe('what an invocation wants of tasks', () => {
  it('is as many as it can poll each four seconds, whatever it has saved of its budget by then', () => {
    // 9,000 requests in 55 s are 654 in four; half of the time has passed, and none was made.
    expect(tasksOf(9_000, 0)).toBe(654);
    expect(tasksOf(9_000, 600)).toBe(54);
    expect(tasksOf(9_000, 700)).toBe(0);
  });

  it('is none while more polls are overdue than it gets through in a second: others take what it leaves', () => {
    const state = sampleState({ isAlone: false });
    // All that was earned by now is used up: 163 a second come in.
    state.fetches.take(state.fetches.share(HALF));
    expect(wantsOf(holding(pollsIn(150, 0), state), HALF, LOOK).tasks).toBeGreaterThan(0);
    expect(wantsOf(holding(pollsIn(50, 0), state), HALF, LOOK).tasks).toBe(0);
  });

  it('is as many as ever while its polls wait for what upstream says of their key', () => {
    const state = sampleState({ isAlone: false });
    state.fetches.take(state.fetches.share(HALF));
    state.keys.learn(sampleKey({ id: 'key', pollPausedUntil: HALF + 10_000 }));
    expect(wantsOf(holding(pollsIn(200, 0), state), HALF, LOOK).tasks).toBeGreaterThan(0);
  });

  it('is as many as ever while what it holds to submit waits for a pause', () => {
    const state = sampleState({ isAlone: false });
    state.fetches.take(state.fetches.share(HALF));
    state.keys.learn(sampleKey({ id: 'key' }));
    state.keys.apply({ what: 'submits-paused', keyId: 'key', until: HALF + 10_000 });
    const submits = Array.from({ length: 200 }, () => submitJob({ at: HALF }));
    expect(wantsOf(holding(submits, state), HALF, LOOK).tasks).toBeGreaterThan(0);
  });

  it('is no more than its budget allows, where that is small', () => {
    expect(tasksOf(51, 0)).toBe(6);
    expect(tasksOf(51, 6)).toBe(0);
  });
});

describe('what an invocation asks of what it holds', () => {
  it('is whether somebody else has ended it: of 500 polls at a time', () => {
    const polls = Array.from({ length: 700 }, (_, i) => pollJob({ id: `task_${i}` }));
    const state = holding(polls);
    expect(wantsOf(state, T0, LOOK).held).toEqual([]);
    expect(wantsOf(state, T0, { ...LOOK, checksHeldFrom: 0 }).held).toHaveLength(500);
    const rest = wantsOf(state, T0, { ...LOOK, checksHeldFrom: 500 }).held;
    expect(rest).toEqual(Array.from({ length: 200 }, (_, i) => `task_${500 + i}`));
  });

  it('is whether somebody else was told to pause its keys', () => {
    const jobs = [pollJob({ keyId: 'k1' }), pollJob({ keyId: 'k1' }), submitJob({ keyId: 'k2' })];
    expect(wantsOf(holding(jobs), T0, LOOK).keys).toEqual(['k1', 'k2']);
  });

  it('is instants for the polls of a limited key that are due soon, and no more than its rate gives', () => {
    const state = sampleState();
    state.keys.learn(sampleKey({ id: 'k1', pollIntervalMs: 500 }));
    const soon = Array.from({ length: 9 }, () => pollJob({ keyId: 'k1', at: T0 + 1_000 }));
    const later = pollJob({ keyId: 'k1', at: T0 + 20_000 });
    expect(wantsOf(holding([later], state), T0, LOOK).polls).toEqual([]);
    expect(wantsOf(holding(soon, state), T0, LOOK).polls).toEqual([
      { keyId: 'k1', count: 3, intervalMs: 500 },
    ]);
  });
});

describe('what the look before did not find', () => {
  const nothing = { hasQueue: false, hasDeliveries: false, hasAbandoned: false };

  it.each([
    ['is not asked for', nothing, { queued: 0, overdue: false, deliveries: 0, abandoned: false }],
    ['but for a queue', { ...nothing, hasQueue: true }, { queued: 200, overdue: true, deliveries: 0 }],
    ['but for deliveries', { ...nothing, hasDeliveries: true }, { queued: 0, deliveries: 40 }],
    ['but for tasks that ended here', { ...nothing, hasAbandoned: true }, { queued: 0, abandoned: true }],
  ])('%s', (_, found, wants) => {
    const state = sampleState();
    state.outlook = { ...state.outlook, ...found };
    expect(wantsOf(state, T0, LOOK)).toMatchObject(wants);
  });

  it('is asked for by the first look, and by one that finds that something is there again', () => {
    const all = { queued: 200, overdue: true, deliveries: 40, abandoned: true };
    const state = sampleState();
    expect(wantsOf(state, T0, LOOK)).toMatchObject(all);
    state.foundNothing(T0);
    state.foundSomething();
    expect(wantsOf(state, T0, LOOK)).toMatchObject(all);
  });
});
