import { describe, expect, it } from 'vitest';
import { UNKNOWN_RECEIVER } from '../../../src/domain/receivers/health.ts';
import type { ReceiverHealth } from '../../../src/domain/receivers/health.ts';
import type { Job } from '../../../src/domain/schedule/job.ts';
import { mayStart, neededMs } from '../../../src/domain/schedule/limits.ts';
import { paceOf } from '../../../src/domain/schedule/receiver-lanes.ts';
import type { State } from '../../../src/domain/schedule/state.ts';
import { T0 } from '../sample-task.ts';
import { deliverJob, followJob, pollJob, refreshJob, sampleKey, sampleState, submitJob } from './samples.ts';

const HOST = 'hooks.example.com';
const PROVEN = { ...UNKNOWN_RECEIVER, answeredAt: T0, observedAt: T0 };
const SLOW = { ...PROVEN, isSlow: true };
const SILENT = { ...UNKNOWN_RECEIVER, silences: 3, silentSince: T0, observedAt: T0 };

/** The state with these under way. */
function underWay(state: State, ...jobs: Job[]): State {
  for (const job of jobs) state.inFlight.start(job, T0);
  return state;
}

function knowing(state: State, health: ReceiverHealth, hosts = [HOST], clientIds = ['client_1']): State {
  for (const host of hosts) for (const id of clientIds) state.receivers.learn(host, id, health);
  return state;
}

function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

const to = (host: string, clientId = 'client_1') => deliverJob({ clientId }, { host });
const upstreamJobs: [string, Job][] = [
  ['submit', submitJob()],
  ['poll', pollJob()],
  ['follow', followJob()],
  ['refresh', refreshJob()],
];
const allJobs: [string, Job][] = [...upstreamJobs, ['deliver', deliverJob()]];

describe('a job that is due, while nothing is in its way,', () => {
  it.each(allJobs)('may start: %s', (_, job) => {
    expect(mayStart(sampleState(), job, T0)).toBe(true);
  });

  it.each(allJobs)('may not start before its instant: %s', (_, job) => {
    expect(mayStart(sampleState(), { ...job, at: T0 + 1 }, T0)).toBe(false);
    expect(mayStart(sampleState(), { ...job, at: T0 + 1 }, T0 + 1)).toBe(true);
  });

  it.each(allJobs)('may not start where its lease may end before it does: %s', (_, job) => {
    const state = sampleState();
    const needed = neededMs(state, job.kind);
    expect(needed).toBeGreaterThan(0);
    expect(mayStart(state, { ...job, leasedUntil: T0 + needed }, T0)).toBe(true);
    expect(mayStart(state, { ...job, leasedUntil: T0 + needed - 1 }, T0)).toBe(false);
  });

  it('has a lease for its callback longer than the deployment waits for one', () => {
    expect(neededMs(sampleState({ callbackTimeoutMs: 60_000 }), 'deliver')).toBe(66_000);
  });
});

describe('the connections of an invocation', () => {
  const answering = knowing(sampleState(), PROVEN);

  it.each(upstreamJobs)('are four to upstream at the most: %s', (_, job) => {
    expect(mayStart(underWay(sampleState(), ...times(3, () => pollJob())), job, T0)).toBe(true);
    expect(mayStart(underWay(sampleState(), ...times(4, () => pollJob())), job, T0)).toBe(false);
  });

  it('are five to receivers at the most, so that tasks are polled', () => {
    const hosts = times(6, (i) => `h${i}.example.com`);
    const state = knowing(sampleState(), PROVEN, hosts);
    underWay(state, ...hosts.slice(0, 5).map((host) => to(host)));
    expect(mayStart(state, to('h5.example.com'), T0)).toBe(false);
    expect(mayStart(state, pollJob(), T0)).toBe(true);
  });

  it('are six in all', () => {
    const state = knowing(sampleState(), PROVEN);
    underWay(state, ...times(4, () => pollJob()), to(HOST), to(HOST));
    expect(mayStart(state, to(HOST), T0)).toBe(false);
    expect(mayStart(state, pollJob(), T0)).toBe(false);
  });

  it('to upstream leave one for a callback, while none to a receiver that answers is under way', () => {
    const hanging = times(2, (i) => to(`hangs${i}.example.com`, `client_${i}`));
    const busy = underWay(sampleState(), ...hanging, ...times(3, () => pollJob()));
    expect(mayStart(busy, pollJob(), T0)).toBe(false);
    const calling = underWay(answering, to(HOST), ...times(3, () => pollJob()));
    expect(mayStart(calling, pollJob(), T0)).toBe(true);
  });
});

describe('an upstream key', () => {
  const paused = sampleState();
  paused.keys.learn(sampleKey({ pollPausedUntil: T0 + 5_000 }));
  const limited = sampleState();
  limited.keys.learn(sampleKey({ pollIntervalMs: 500 }));

  it.each(upstreamJobs.filter(([kind]) => kind !== 'submit'))(
    'that upstream limits is not asked before that is over: %s',
    (_, job) => {
      expect([T0 + 4_999, T0 + 5_000].map((now) => mayStart(paused, job, now))).toEqual([false, true]);
    },
  );

  it.each(upstreamJobs.filter(([kind]) => kind !== 'submit'))(
    'whose rate is limited is asked at the instants that D1 hands out: %s',
    (_, job) => {
      expect(mayStart(limited, job, T0)).toBe(false);
      const granted = sampleState();
      granted.keys.learn(sampleKey({ pollIntervalMs: 500 }));
      granted.keys.grant({ keyId: 'key', from: T0 + 300, count: 1, intervalMs: 500 });
      expect([T0 + 299, T0 + 300].map((now) => mayStart(granted, job, now))).toEqual([false, true]);
      granted.start({ ...pollJob(), at: T0 }, T0 + 300);
      expect(mayStart(granted, job, T0 + 300)).toBe(false);
    },
  );

  it('is submitted to by its own slots, which the database hands out', () => {
    expect(mayStart(paused, submitJob(), T0)).toBe(true);
    expect(mayStart(limited, submitJob(), T0)).toBe(true);
  });

  it('that is limited keeps no other from being asked', () => {
    for (const state of [paused, limited])
      expect(mayStart(state, pollJob({ keyId: 'key_2' }), T0)).toBe(true);
  });
});

describe('a receiver', () => {
  it('whose breaker is open is not called, and is called again once it is over', () => {
    const open = { ...SILENT, openUntil: T0 + 10_000 };
    const state = knowing(sampleState(), open);
    expect([T0 + 9_999, T0 + 10_000].map((now) => mayStart(state, to(HOST), now))).toEqual([false, true]);
    expect(mayStart(state, to(HOST, 'client_2'), T0)).toBe(true);
  });

  it('that documents a rate is called when D1 has granted it, once', () => {
    const url = 'https://hooks.zapier.com/hooks/catch/1/a';
    const host = 'hooks.zapier.com';
    const job = deliverJob({}, { host, url });
    const state = knowing(sampleState(), PROVEN, [host]);
    expect(mayStart(state, job, T0)).toBe(false);
    state.receivers.grant({ lane: paceOf(url, host)?.lane ?? '', from: T0, count: 1, intervalMs: 34 });
    expect(mayStart(state, job, T0)).toBe(true);
    state.start(job, T0);
    expect(mayStart(state, deliverJob({}, { host, url }), T0)).toBe(false);
  });

  it.each([
    ['that answers in good time', PROVEN, 3],
    ['that answers slowly', SLOW, 1],
    ['that nobody knows', UNKNOWN_RECEIVER, 1],
    ['that is silent', SILENT, 1],
  ])('%s has so many callbacks of one client at once, and as many of another', (_, health, most) => {
    const state = knowing(sampleState(), health, [HOST], ['client_1', 'client_2']);
    underWay(state, ...times(most - 1, () => to(HOST)));
    expect(mayStart(state, to(HOST), T0)).toBe(true);
    underWay(state, to(HOST));
    expect(mayStart(state, to(HOST), T0)).toBe(false);
    expect(mayStart(state, to(HOST, 'client_2'), T0)).toBe(true);
  });
});

describe('receivers that are not known to answer in good time', () => {
  it.each([
    ['nobody knows: three', UNKNOWN_RECEIVER, 3],
    ['are silent: one', SILENT, 1],
    ['are slow: one', SLOW, 1],
  ])('have so many connections of one client, where they %s', (_, health, most) => {
    const hosts = times(4, (i) => `h${i}.example.com`);
    const state = knowing(sampleState(), health, hosts);
    for (const host of hosts.slice(0, most)) {
      expect(mayStart(state, to(host), T0)).toBe(true);
      underWay(state, to(host));
    }
    expect(mayStart(state, to(hosts[most] ?? ''), T0)).toBe(false);
  });

  it('have four of all clients together, so that one is left for those that do', () => {
    const state = underWay(
      knowing(sampleState(), PROVEN, [HOST], ['client_9']),
      ...times(4, (i) => to(`h${i}.example.com`, `client_${i}`)),
    );
    expect(mayStart(state, to('h5.example.com', 'client_5'), T0)).toBe(false);
    expect(mayStart(state, to(HOST, 'client_9'), T0)).toBe(true);
  });

  it('of one client never keep another’s from being tried', () => {
    const state = underWay(sampleState(), ...times(3, (i) => to(`hangs${i}.example.com`)));
    expect(mayStart(state, to('hangs9.example.com'), T0)).toBe(false);
    expect(mayStart(state, to('new.example.com', 'client_2'), T0)).toBe(true);
  });
});

/** What may go at once is used up. */
function scarce(): State {
  const state = sampleState({}, { fetches: 45, fetchBurst: 6 });
  state.fetches.take(6);
  return state;
}

describe('the budget of outgoing requests', () => {
  it.each(upstreamJobs)('is spread over the time of the invocation: %s', (_, job) => {
    expect(mayStart(scarce(), job, T0)).toBe(false);
    expect(mayStart(scarce(), job, T0 + 5_000)).toBe(true);
  });

  it('holds a first callback never back, and later attempts as it does polls', () => {
    expect(mayStart(scarce(), deliverJob({}, { attempts: 0 }), T0)).toBe(true);
    expect(mayStart(scarce(), deliverJob({}, { attempts: 1 }), T0)).toBe(false);
    expect(mayStart(scarce(), deliverJob({}, { attempts: 1 }), T0 + 5_000)).toBe(true);
  });

  it('has to do for the questions to a resolver too', () => {
    const state = sampleState({ lookUps: 2 }, { fetches: 10, fetchBurst: 10 });
    state.fetches.take(8);
    expect(mayStart(state, deliverJob(), T0)).toBe(false);
    state.fetches.take(-1);
    expect(mayStart(state, deliverJob(), T0)).toBe(true);
  });

  it.each(allJobs)('is never exceeded: %s', (_, job) => {
    const state = sampleState({}, { fetches: 10, fetchBurst: 10 });
    state.fetches.take(10);
    expect(mayStart(state, job, T0)).toBe(false);
  });
});

it('results are fetched again for ten deliveries of a client at once, and no more', () => {
  // More connections than these exist: the rule holds by itself, whatever those are.
  const refreshes = times(10, () => refreshJob());
  const state = underWay(sampleState(), ...refreshes);
  expect(mayStart(state, refreshJob(), T0)).toBe(false);
});

describe('a key that refused a submit for its rate', () => {
  it('is asked for no further task that is held until then, and is polled', () => {
    const state = sampleState();
    state.keys.learn(sampleKey());
    state.keys.apply({ keyId: 'key', what: 'submits-paused', until: T0 + 5_000 });
    expect([submitJob(), pollJob()].map((job) => mayStart(state, job, T0))).toEqual([false, true]);
    expect(mayStart(state, submitJob(), T0 + 5_000)).toBe(true);
  });
});
