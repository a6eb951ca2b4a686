import { describe, expect, it } from 'vitest';
import { UNKNOWN_RECEIVER } from '../../../src/domain/receivers/health.ts';
import { decide } from '../../../src/domain/schedule/decide.ts';
import type { Job } from '../../../src/domain/schedule/job.ts';
import type { State } from '../../../src/domain/schedule/state.ts';
import { T0 } from '../sample-task.ts';
import { deliverJob, MINUTE_MS, pollJob, refreshJob, sampleKey, sampleState, submitJob } from './samples.ts';

const OUTCOME = { lessons: [] };
const END = T0 + MINUTE_MS;
const PROVEN = { ...UNKNOWN_RECEIVER, answeredAt: T0, observedAt: T0 };

/** A state that has just looked, and holds these. */
function holding(...jobs: Job[]): State {
  return lookedAt(sampleState(), ...jobs);
}

function lookedAt(state: State, ...jobs: Job[]): State {
  state.syncedAt = T0;
  for (const job of jobs) state.held.add(job);
  return state;
}

/** The clients, or the ids, of those that are started at `now`, one after the other. */
function startedBy(state: State, now: number, most: number, of: (job: Job) => string): string[] {
  const started: string[] = [];
  while (started.length < most) {
    const { start } = decide(state, now);
    if (start === null) break;
    state.start(start, now);
    started.push(of(start));
  }
  return started;
}

const clientOf = ({ clientId }: Job) => clientId;
const idOf = ({ id }: Job) => id;

function many(count: number, make: () => Job): Job[] {
  return Array.from({ length: count }, make);
}

describe('an invocation that begins', () => {
  it('looks at once', () => {
    expect(decide(sampleState(), T0)).toMatchObject({ start: null, sync: true, stop: false });
  });

  it('starts what is due, and looks on beside it', () => {
    const poll = pollJob();
    const state = holding(poll);
    expect(decide(state, T0)).toMatchObject({ start: poll, sync: false });
    state.start(poll, T0);
    const { start, sync, sleepUntil } = decide(state, T0);
    expect({ start, sync }).toEqual({ start: null, sync: false });
    expect(sleepUntil).toBeLessThanOrEqual(T0 + 1_000);
  });

  it('sleeps until the first of what is held, where nothing else is to be done', () => {
    const state = holding(pollJob({ at: T0 + 400 }), pollJob({ at: T0 + 300, clientId: 'client_2' }));
    expect(decide(state, T0)).toEqual({
      handOver: null,
      start: null,
      sync: false,
      stop: false,
      sleepUntil: T0 + 300,
    });
  });
});

describe('whose turn it is', () => {
  it('is decided between clients, not between tasks: the one with the least in hand goes', () => {
    const crowd = many(20, () => pollJob({ clientId: 'crowd' }));
    const state = holding(...crowd, pollJob({ clientId: 'small' }), pollJob({ clientId: 'small' }));
    // One of four places is kept for a callback, as long as none is under way.
    const started = startedBy(state, T0, 4, clientOf);
    expect(started.filter((id) => id === 'small')).toHaveLength(2);
    expect(started.length).toBe(4);
  });

  it('is decided by what is in hand, before what was served', () => {
    const state = holding();
    for (let i = 0; i < 2; i++) state.start(pollJob({ clientId: 'holds' }), T0);
    for (let i = 0; i < 3; i++) {
      const before = pollJob({ clientId: 'often' });
      state.start(before, T0);
      state.inFlight.end(before, T0);
    }
    const turns = state.turnsOf('upstream');
    expect(turns.of('often')).toBeGreaterThan(turns.of('holds'));
    lookedAt(state, pollJob({ clientId: 'holds', at: T0 - 9 }), pollJob({ clientId: 'often' }));
    expect(decide(state, T0).start?.clientId).toBe('often');
  });

  it('goes by what was served, among those with as much in hand', () => {
    const state = holding(pollJob({ clientId: 'often', at: T0 - 9 }), pollJob({ clientId: 'seldom' }));
    for (let i = 0; i < 5; i++) {
      const before = pollJob({ clientId: 'often' });
      state.start(before, T0);
      state.inFlight.end(before, T0);
    }
    expect(decide(state, T0).start?.clientId).toBe('seldom');
  });

  it('goes by the instant, among those that were served alike', () => {
    const state = holding(
      pollJob({ id: 'later', clientId: 'a', at: T0 - 1 }),
      pollJob({ id: 'earlier', clientId: 'b', at: T0 - 2 }),
    );
    expect(startedBy(state, T0, 2, idOf)).toEqual(['earlier', 'later']);
  });

  it('is that of callbacks first: they are what everybody waits for', () => {
    const state = holding(pollJob({ id: 'poll', at: T0 - 60_000 }), deliverJob({ id: 'callback' }));
    expect(startedBy(state, T0, 2, idOf)).toEqual(['callback', 'poll']);
  });

  it('in one lane says nothing in the other', () => {
    const mine = many(3, () => pollJob({ clientId: 'polls' }));
    const state = holding(deliverJob({ clientId: 'polls' }), deliverJob({ clientId: 'b', at: T0 + 1 }));
    for (const job of mine) state.start(job, T0);
    expect(decide(state, T0).start).toMatchObject({ kind: 'deliver', clientId: 'polls' });
  });

  it.each<[string, () => Job]>([
    ['callbacks of the one', () => deliverJob({ clientId: 'again' })],
    ['polls of a third by a key of its own', () => pollJob({ clientId: 'third', keyId: 'own' })],
  ])('at a key is not changed by %s, however many', (_, other) => {
    const state = sampleState({}, { fetchBurst: 100 });
    const done = (job: Job): void => {
      state.start(job, T0);
      state.inFlight.end(job, T0);
    };
    for (let i = 0; i < 9; i++) done(pollJob({ clientId: 'third', keyId: 'own' }));
    done(refreshJob({ clientId: 'again' }));
    lookedAt(
      state,
      ...many(9, () => pollJob({ clientId: 'new' })),
      refreshJob({ clientId: 'again', at: T0 - 9 }),
    );
    const started: string[] = [];
    while (started.length < 4) {
      done(other());
      const { start } = decide(state, T0);
      if (start === null) break;
      done(start);
      started.push(start.clientId);
    }
    // Four polls for one refresh, as if nothing else were done.
    expect(started).toEqual(['new', 'new', 'new', 'new']);
  });

  it('passes by what may not start: a closed key, a full host, a lease that is nearly over', () => {
    const state = holding(
      pollJob({ clientId: 'a', keyId: 'paused' }),
      submitJob({ clientId: 'b', leasedUntil: T0 + 9_999 }),
      deliverJob({ clientId: 'c' }, { host: 'hangs.example.com' }),
      deliverJob({ id: 'goes', clientId: 'c' }, { host: 'hooks.example.com' }),
    );
    state.keys.learn(sampleKey({ id: 'paused', pollPausedUntil: T0 + 60_000 }));
    state.inFlight.start(deliverJob({ clientId: 'c' }, { host: 'hangs.example.com' }), T0);
    expect(startedBy(state, T0, 4, idOf)).toEqual(['goes']);
  });

  it('passes by what may not start within one client and lane too', () => {
    const state = holding(
      refreshJob({ id: 'refresh', leasedUntil: T0 + 100 }),
      pollJob({ id: 'poll', at: T0 + 1 }),
    );
    expect(startedBy(state, T0 + 1, 2, idOf)).toEqual(['poll']);
  });
});

describe('an invocation with nothing that may start', () => {
  it.each<[string, State, number]>([
    [
      'sleeps until a pause of upstream is over',
      (() => {
        const state = holding(pollJob());
        state.keys.learn(sampleKey({ pollPausedUntil: T0 + 200 }));
        return state;
      })(),
      T0 + 200,
    ],
    [
      'sleeps until a breaker closes',
      (() => {
        const state = holding(deliverJob());
        const open = { ...UNKNOWN_RECEIVER, silences: 10, openUntil: T0 + 300, observedAt: T0 };
        state.receivers.learn('hooks.example.com', 'client_1', open);
        return state;
      })(),
      T0 + 300,
    ],
    [
      'sleeps until its next instant of a limited key',
      (() => {
        const state = holding(pollJob());
        state.keys.learn(sampleKey({ pollIntervalMs: 500 }));
        state.keys.grant({ keyId: 'key', from: T0 + 100, count: 1, intervalMs: 500 });
        return state;
      })(),
      T0 + 100,
    ],
  ])('%s', (_, state, sleepUntil) => {
    expect(decide(state, T0)).toEqual({ handOver: null, start: null, sync: false, stop: false, sleepUntil });
  });

  it('sleeps until there is more of its budget', () => {
    const state = lookedAt(sampleState({}, { fetches: 120, fetchBurst: 6 }), pollJob());
    state.fetches.take(6);
    const { start, sleepUntil } = decide(state, T0);
    expect(start).toBeNull();
    // Sooner than it looks for more: 114 in 55 s are one in 482 ms.
    expect(sleepUntil).toBeLessThanOrEqual(T0 + 500);
    expect(decide(state, T0 + 500).start).not.toBeNull();
  });

  it('asks D1 for what needs its word', () => {
    const state = holding(pollJob());
    state.keys.learn(sampleKey({ pollIntervalMs: 500 }));
    expect(decide(state, T0 + 550)).toMatchObject({ start: null, sync: true });
  });
});

describe('an invocation at its end', () => {
  it('starts nothing any more, and stops where nothing is left', () => {
    expect(decide(holding(pollJob({ leasedUntil: END + 60_000 })), END)).toMatchObject({ start: null });
    expect(decide(holding(), END)).toMatchObject({ start: null, sync: false, stop: true });
  });

  it('waits for what is under way, and writes what came of it', () => {
    const poll = pollJob();
    const state = holding();
    state.inFlight.start(poll, END - 10);
    expect(decide(state, END)).toMatchObject({ sync: false, stop: false });
    state.inFlight.end(poll, END);
    state.add(OUTCOME);
    expect(decide(state, END)).toMatchObject({ sync: true, stop: false });
    state.isSyncing = true;
    expect(decide(state, END)).toMatchObject({ sync: false, stop: false });
    state.isSyncing = false;
    state.written(1);
    expect(decide(state, END)).toMatchObject({ sync: false, stop: true });
  });

  it.each<[string, (state: State) => void]>([
    ['its time is over', () => undefined],
    ['the platform lets it send nothing more', (state) => state.fetches.take(state.fetches.left)],
    ['the platform lets it ask D1 no more', (state) => state.d1.take(state.d1.left)],
    [
      'something broke',
      (state) => {
        state.isCutOff = true;
      },
    ],
  ])('is at its end where %s', (what, change) => {
    const state = holding();
    change(state);
    expect(decide(state, what === 'its time is over' ? END : T0)).toMatchObject({ stop: true });
  });

  it('that can use D1 no more leaves unwritten what it could not write, and stops', () => {
    const state = holding();
    state.add(OUTCOME);
    state.isCutOff = true;
    expect(decide(state, T0)).toMatchObject({ sync: false, stop: true });
  });
});

/** A worker that has just looked. */
function worker(): State {
  return lookedAt(sampleState({ role: 'worker' }));
}

describe('a worker', () => {
  it('ends where it found nothing to do for five seconds; the cron does not', () => {
    const state = worker();
    expect(decide(state, T0).sleepUntil).toBeLessThanOrEqual(T0 + 5_000);
    state.syncedAt = T0 + 4_900;
    expect(decide(state, T0 + 4_999).stop).toBe(false);
    expect(decide(state, T0 + 5_000).stop).toBe(true);
    const cron = holding();
    cron.syncedAt = T0 + 4_900;
    expect(decide(cron, T0 + 5_000).stop).toBe(false);
  });

  it('does not end while something is held, under way or unwritten', () => {
    const held = worker();
    held.held.add(pollJob({ at: T0 + 20_000 }));
    const busy = worker();
    busy.inFlight.start(pollJob(), T0);
    const unwritten = worker();
    unwritten.add(OUTCOME);
    for (const state of [held, busy, unwritten]) expect(decide(state, T0 + 5_000).stop).toBe(false);
  });

  it('counts from what it did last', () => {
    const state = worker();
    const job = deliverJob();
    state.receivers.learn('hooks.example.com', 'client_1', PROVEN);
    state.start(job, T0 + 3_000);
    state.inFlight.end(job, T0 + 3_100);
    expect(decide(state, T0 + 7_999).stop).toBe(false);
    expect(decide(state, T0 + 8_000).stop).toBe(true);
  });
});

/** Many due polls of a key that upstream pauses. */
function paused(): State {
  const state = sampleState();
  state.keys.learn(sampleKey({ pollPausedUntil: T0 + 3_600_000 }));
  for (let i = 0; i < 200; i++) state.held.add(pollJob({ at: T0 - 1_000 }));
  return state;
}

describe('what need not wait for the polls of its key', () => {
  it('does not stand behind them: a submit', () => {
    const state = paused();
    state.held.add(submitJob({ id: 'submit' }));
    expect(decide(state, T0).start?.id).toBe('submit');
  });

  it('does not stand behind them: the last look at a task whose deadline is over', () => {
    const state = paused();
    const last = pollJob({ id: 'late' });
    if (last.kind === 'poll') state.held.add({ ...last, task: { ...last.task, deadlineAt: T0 } });
    expect(decide(state, T0).start?.id).toBe('late');
  });

  it('is not every poll', () => {
    expect(decide(paused(), T0).start).toBeNull();
  });
});
