import { describe, expect, it } from 'vitest';
import { KEEPING_MS } from '../../../src/domain/keeping.ts';
import { mustYield } from '../../../src/domain/schedule/copies.ts';
import { decide } from '../../../src/domain/schedule/decide.ts';
import { mayStart } from '../../../src/domain/schedule/limits.ts';
import { renewLeases } from '../../../src/domain/schedule/renewals.ts';
import { T0 } from '../sample-task.ts';
import { copyJob, deliverJob, pollJob, sampleState } from './samples.ts';

const LEG_MS = 18_000;

describe('a copy', () => {
  it('is not the third at a time', () => {
    const state = sampleState();
    for (let started = 0; started < 2; started++) {
      const job = copyJob();
      expect(mayStart(state, job, T0)).toBe(true);
      state.start(job, T0);
    }
    expect(mayStart(state, copyJob(), T0)).toBe(false);
  });

  it('whose minute is over is told before anything that costs a request', () => {
    const state = sampleState();
    const over = T0 + KEEPING_MS;
    const job = copyJob({ leasedUntil: over + 10_000 });
    state.held.add(job);
    state.held.add(deliverJob({ leasedUntil: over + 60_000 }));
    state.held.add(pollJob({ leasedUntil: over + 60_000 }));
    expect(decide(state, T0).start?.kind).not.toBe('copy');
    expect(decide(state, over).start?.id).toBe(job.id);
  });

  it('is work that the next leg is called for', () => {
    const state = sampleState({ handOver: { legMs: LEG_MS, legsLeft: 2 } });
    state.syncedAt = T0;
    expect(decide(state, T0).handOver).toBeNull();
    state.held.add(copyJob());
    expect(decide(state, T0).handOver).toMatchObject({ leg: { legsLeft: 1 }, inMs: LEG_MS });
  });

  it('goes on when its leg is over, under a lease that is made longer', () => {
    const state = sampleState();
    const job = copyJob({ leasedUntil: T0 + 20_000 });
    state.start(job, T0);
    state.handOver(T0 + LEG_MS, T0);
    const now = T0 + LEG_MS + 1;
    expect(decide(state, now)).toMatchObject({ start: null, stop: false });
    expect(mustYield(state, job.id, now)).toBe(false);
    renewLeases(state, now);
    expect(state.inFlight.get(job.id)?.leasedUntil).toBe(now + 20_000);
    expect(state.outcomes).toMatchObject([{ release: { id: job.id, at: now + 20_000 } }]);
  });

  it('is put back where its invocation may hardly ask D1 any more: what is written last comes first', () => {
    const state = sampleState({}, { d1: 42 });
    const job = copyJob();
    state.start(job, T0);
    state.d1.take(43);
    expect(mustYield(state, job.id, T0 + 60_000)).toBe(false);
    state.d1.take(1);
    expect(mustYield(state, job.id, T0 + 60_000)).toBe(true);
  });

  it('makes way for one that was not tried yet where its source gives nothing', () => {
    const state = sampleState();
    const job = copyJob();
    state.start(job, T0);
    expect(mustYield(state, job.id, T0 + 2_000)).toBe(false);
    state.held.add(copyJob());
    expect(mustYield(state, job.id, T0 + 500)).toBe(false);
    expect(mustYield(state, job.id, T0 + 2_000)).toBe(true);
  });
});
