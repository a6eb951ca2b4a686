import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Held } from '../../../src/domain/schedule/held.ts';
import type { Job } from '../../../src/domain/schedule/job.ts';
import { laneKeyOf } from '../../../src/domain/schedule/job.ts';
import { holdsForAll } from '../../support/properties.ts';
import { T0 } from '../sample-task.ts';
import { deliverJob, followJob, pollJob, refreshJob, submitJob } from './samples.ts';

const kinds = ['submit', 'poll', 'follow', 'refresh', 'deliver'] as const;
const make = {
  submit: submitJob,
  poll: pollJob,
  follow: followJob,
  refresh: refreshJob,
  deliver: deliverJob,
};

function heldOf(...jobs: Job[]): Held {
  const held = new Held();
  for (const job of jobs) held.add(job);
  return held;
}

describe('jobs that are held', () => {
  it('stand by lane and client, the earliest first, and of two alike the one that came first', () => {
    const jobs = [
      pollJob({ id: 'late', at: T0 + 5 }),
      pollJob({ id: 'first', at: T0 }),
      pollJob({ id: 'second', at: T0 }),
      pollJob({ id: 'other client', clientId: 'client_2' }),
      pollJob({ id: 'other key', keyId: 'key_2' }),
      deliverJob({ id: 'callback' }),
    ];
    const groups = [...heldOf(...jobs).lanes()].map((group) => group.jobs.map(({ id }) => id));
    expect(groups).toEqual([['first', 'second', 'late'], ['other client'], ['other key'], ['callback']]);
  });

  it('a row has one job: the newer takes the place of the one before, whatever lane it is in', () => {
    const held = heldOf(refreshJob({ id: 'row' }), deliverJob({ id: 'row' }));
    expect(held.size).toBe(1);
    expect([held.count('refresh'), held.count('deliver')]).toEqual([0, 1]);
    expect([...held.lanes()].map(({ lane }) => lane)).toEqual(['callback']);
  });

  it('are let go of before their lease is too short for them, each by what it takes', () => {
    const held = heldOf(
      pollJob({ id: 'poll', leasedUntil: T0 + 5_000 }),
      submitJob({ id: 'submit', leasedUntil: T0 + 5_000 }),
      deliverJob({ id: 'deliver', leasedUntil: T0 + 15_000 }),
    );
    const expired = held.removeExpired(T0, (kind) => (kind === 'poll' ? 1 : 10_000));
    expect(expired.map(({ id }) => id)).toEqual(['submit']);
    expect(held.all().map(({ id }) => id)).toEqual(['poll', 'deliver']);
  });

  it('are what was added and not removed, however that went on, and stand in order', () => {
    const step = fc.record({
      id: fc.integer({ min: 0, max: 9 }).map((n) => `row_${n}`),
      kind: fc.constantFrom(...kinds),
      clientId: fc.constantFrom('a', 'b'),
      keyId: fc.constantFrom('k1', 'k2'),
      at: fc.integer({ min: T0, max: T0 + 5 }),
      isRemoval: fc.boolean(),
    });
    holdsForAll(fc.array(step, { maxLength: 60 }), (steps) => {
      const held = new Held();
      const model = new Map<string, Job>();
      for (const { kind, isRemoval, ...rest } of steps) {
        const job = make[kind](rest);
        const before = model.get(rest.id) ?? null;
        model.delete(rest.id);
        if (!isRemoval) model.set(rest.id, job);
        const removed = isRemoval ? held.remove(rest.id) : before;
        expect(removed).toBe(before);
        if (!isRemoval) held.add(job);
        expect(held.size).toBe(model.size);
        for (const one of kinds)
          expect(held.count(one)).toBe([...model.values()].filter((each) => each.kind === one).length);
      }
      const groups = [...held.lanes()];
      for (const { lane, laneKey, clientId, jobs } of groups) {
        expect(jobs.length).toBeGreaterThan(0);
        expect(jobs.map(({ at }) => at)).toEqual(jobs.map(({ at }) => at).toSorted((a, b) => a - b));
        for (const job of jobs)
          expect([job.lane, laneKeyOf(job), job.clientId]).toEqual([lane, laneKey, clientId]);
      }
      const all = groups.flatMap(({ jobs }) => jobs.map(({ id }) => id));
      expect(all.toSorted()).toEqual([...model.keys()].toSorted());
    });
  });
});
