import { describe, expect, it } from 'vitest';
import { UNKNOWN_RECEIVER } from '../../../src/domain/receivers/health.ts';
import type { Job } from '../../../src/domain/schedule/job.ts';
import { laneKeyOf } from '../../../src/domain/schedule/job.ts';
import { mayStart, neededMs } from '../../../src/domain/schedule/limits.ts';
import type { State } from '../../../src/domain/schedule/state.ts';
import { holdsForAll } from '../../support/properties.ts';
import { T0 } from '../sample-task.ts';
import { deliverJob, MINUTE_MS, pollJob, sampleState } from './samples.ts';
import { dueJobs, follow, HOSTS, LONGEST_MS, scene } from './scene.ts';
import type { Scene } from './scene.ts';
import { countOf, live } from './world.ts';

const EXAMPLES = 60;

/** Whether the lane of a job is closed to it: a breaker, a pause, or a rate whose instants nobody handed out. */
function isClosed({ pausedMs, intervalMs }: Scene, state: State, job: Job, now: number): boolean {
  if (job.kind === 'deliver') return state.receivers.isOpen(job.work.delivery, now);
  if (job.lane === 'copy' || job.kind === 'submit') return false;
  return job.keyId === 'paused' ? now < T0 + pausedMs : job.keyId === 'limited' && intervalMs !== null;
}

describe('an invocation, whatever it holds and however the world answers,', () => {
  it('comes to its stop, soon after its end, and leaves nothing under way', () => {
    holdsForAll(
      scene,
      (lived) => {
        const { stoppedAt, state } = follow(lived);
        expect(state.inFlight.size).toBe(0);
        expect(stoppedAt).toBeLessThanOrEqual(T0 + MINUTE_MS + LONGEST_MS + 60_000);
        // What could be written is written: nothing but a database that is lost leaves anything behind.
        expect(state.isCutOff || state.outcomes.length === 0).toBe(true);
      },
      EXAMPLES,
    );
  });

  it('stops exactly when it is over, and nothing is under way or unwritten', () => {
    holdsForAll(
      scene,
      (lived) => {
        follow(lived, ({ state, now, decision }) => {
          const isDrained = state.inFlight.size === 0 && !state.isSyncing;
          const isWritten = state.outcomes.length === 0 || state.isCutOff;
          const waitsToTry = state.failures > 0 && decision.sync;
          expect(decision.stop).toBe(state.isOver(now) && isDrained && isWritten && !waitsToTry);
        });
      },
      EXAMPLES,
    );
  });

  it('starts something wherever anything may start, and else knows when to look again', () => {
    holdsForAll(
      scene,
      (lived) => {
        follow(lived, ({ state, now, decision, underWay }) => {
          const { start, sync, stop, sleepUntil } = decision;
          const may = dueJobs(state, now).filter((job) => mayStart(state, job, now));
          expect(start !== null).toBe(!state.isOver(now) && may.length > 0);
          if (start !== null || sync || stop) return;
          expect(sleepUntil).toBeGreaterThan(now);
          const willBeWoken = underWay.length > 0 || state.isSyncing;
          expect(willBeWoken || sleepUntil < Infinity).toBe(true);
        });
      },
      EXAMPLES,
    );
  });

  it('has no more connections than the platform and each lane have', () => {
    holdsForAll(
      scene,
      (lived) => {
        follow(lived, ({ state, now, decision: { start }, underWay }) => {
          if (start === null) return;
          const all = [...underWay, start];
          const callbacks = all.filter(({ lane }) => lane === 'callback');
          expect(all.length).toBeLessThanOrEqual(6);
          expect(all.length - callbacks.length).toBeLessThanOrEqual(4);
          expect(callbacks.length).toBeLessThanOrEqual(5);
          if (start.kind !== 'deliver') return;
          const { delivery } = start.work;
          const toReceiver = countOf(all, 'callback', start.clientId, delivery.host);
          const standing = state.receivers.standing(delivery, now);
          expect(toReceiver).toBeLessThanOrEqual(standing === 'proven' ? 3 : 1);
          if (standing === 'proven') return;
          const unproven = callbacks.filter(
            (job) => job.kind === 'deliver' && state.receivers.standing(job.work.delivery, now) !== 'proven',
          );
          expect(unproven.length).toBeLessThanOrEqual(4);
          expect(countOf(unproven, 'callback', start.clientId)).toBeLessThanOrEqual(3);
        });
      },
      EXAMPLES,
    );
  });

  it('starts each job once, in its time, under a lease that it does not outlive, and at no closed lane', () => {
    holdsForAll(
      scene,
      (lived) => {
        const { started, state } = follow(lived, ({ state: known, now, decision: { start } }) => {
          if (start === null) return;
          expect(start.at).toBeLessThanOrEqual(now);
          expect(start.leasedUntil).toBeGreaterThanOrEqual(now + neededMs(known, start.kind));
          expect(isClosed(lived, known, start, now)).toBe(false);
          expect(known.fetches.left).toBeGreaterThan(0);
        });
        expect(new Set(started.map(({ job }) => job.id)).size).toBe(started.length);
        expect(state.fetches.spent).toBe(started.length);
        expect(state.fetches.spent).toBeLessThanOrEqual(lived.fetches);
      },
      EXAMPLES,
    );
  });

  it('gives each place to the client that has the least in hand of those that could go, callbacks first', () => {
    holdsForAll(
      scene,
      (lived) => {
        follow(lived, ({ state, now, decision: { start }, underWay }) => {
          if (start === null) return;
          const may = dueJobs(state, now).filter((job) => mayStart(state, job, now));
          expect(start.lane === 'callback' || may.every(({ lane }) => lane === 'upstream')).toBe(true);
          const mine = countOf(underWay, start.lane, start.clientId);
          for (const { clientId, lane } of may.filter((job) => job.lane === start.lane))
            expect(countOf(underWay, lane, clientId)).toBeGreaterThanOrEqual(mine);
        });
      },
      EXAMPLES,
    );
  });

  it('holds no first callback back for the pace of a budget', () => {
    holdsForAll(
      scene,
      (lived) => {
        follow({ ...lived, fetches: 45 }, ({ state, now, decision: { start }, underWay }) => {
          if (state.isOver(now) || start !== null || underWay.length > 0) return;
          const held = dueJobs(state, now).filter(
            (job) =>
              job.kind === 'deliver' &&
              job.work.delivery.attempts === 0 &&
              laneKeyOf(job) === HOSTS[0] &&
              job.leasedUntil - now >= LONGEST_MS,
          );
          const mine = held.filter(
            (job) => job.kind === 'deliver' && !state.receivers.isOpen(job.work.delivery, now),
          );
          expect(mine).toEqual([]);
        });
      },
      EXAMPLES,
    );
  });

  it('asks D1 no more often than twice a second, and no more than the platform allows', () => {
    holdsForAll(
      scene,
      (lived) => {
        const { syncs, state } = follow(lived);
        // The last may follow at once: it writes what is left.
        const inTime = syncs.filter((at) => at < T0 + MINUTE_MS);
        const gaps = inTime.slice(1).map((at, i) => at - (inTime[i] ?? 0));
        const isFull = state.d1.left <= 0 || state.fetches.left <= 0;
        for (const gap of isFull ? gaps.slice(0, -3) : gaps) expect(gap).toBeGreaterThanOrEqual(500);
        // Beyond it go the exchanges that write the last outcomes: a few are kept for them.
        expect(syncs.length).toBeLessThanOrEqual(lived.d1 + 8);
      },
      EXAMPLES,
    );
  });
});

describe('a client with a few jobs beside one with hundreds', () => {
  it.each([
    ['polls', (clientId: string, i: number) => pollJob({ clientId, id: `${clientId}${i}` })],
    [
      'callbacks',
      (clientId: string, i: number) =>
        deliverJob({ clientId, id: `${clientId}${i}` }, { host: HOSTS[0], url: `https://${HOSTS[0]}/${i}` }),
    ],
  ])('has them done as if it had come with as many: %s', (_, job) => {
    const state = sampleState();
    const proven = { ...UNKNOWN_RECEIVER, answeredAt: T0, observedAt: T0 };
    for (const id of ['crowd', 'small']) state.receivers.learn(HOSTS[0], id, proven);
    const crowd = Array.from({ length: 300 }, (__, i) => job('crowd', i));
    const small = Array.from({ length: 5 }, (__, i) => job('small', i));
    const works = [...crowd, ...small].map((each) => ({ job: each, tookMs: 250, answers: true }));
    const exchanges = [{ tookMs: 10, fails: false }];
    const { started } = live(state, { works, exchanges, perExchange: works.length });
    expect(started).toHaveLength(works.length);
    const last = Math.max(
      ...started.filter(({ job: { clientId } }) => clientId === 'small').map(({ at }) => at),
    );
    expect(last - T0).toBeLessThanOrEqual(1_500);
  });
});
