import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/schedule/decide.ts';
import { cpuOf, waitsForCpuUntil } from '../../../src/domain/schedule/cpu.ts';
import type { Job } from '../../../src/domain/schedule/job.ts';
import type { State } from '../../../src/domain/schedule/state.ts';
import { T0 } from '../sample-task.ts';
import { deliverJob, followJob, pollJob, refreshJob, sampleState, submitJob } from './samples.ts';

/** The Free plan's invocation that used its CPU time up, and holds this. */
function short(job: Job): State {
  const state = sampleState({}, { cpu: 8_000 });
  state.cpu.take(8_000);
  state.syncedAt = T0;
  state.held.add(job);
  return state;
}

describe('where CPU time is short', () => {
  it.each([
    ['poll', pollJob()],
    ['look at what has ended here', followJob()],
  ])('a %s waits, but no longer than three seconds', (_, job) => {
    const state = short(job);
    expect(decide(state, T0).start).toBeNull();
    expect(decide(state, T0 + 2_999).start).toBeNull();
    state.syncedAt = T0 + 2_900;
    expect(decide(state, T0 + 2_999).sleepUntil).toBe(T0 + 3_000);
    expect(decide(state, T0 + 3_000).start).toBe(job);
  });

  it.each([
    ['callback', deliverJob()],
    ['submit', submitJob()],
    ['result that is fetched again', refreshJob()],
  ])('a %s does not wait', (_, job) => {
    expect(decide(short(job), T0).start).toBe(job);
  });

  it('a poll goes as soon as there is some again', () => {
    const state = sampleState({}, { cpu: 8_000 });
    state.syncedAt = T0;
    const job = pollJob();
    state.held.add(job);
    state.cpu.take(4_000);
    expect(decide(state, T0).start).toBeNull();
    const at = state.cpu.nextShareAt(T0, cpuOf(job));
    expect(at).toBeLessThan(T0 + 60_000);
    expect(state.cpu.share(Math.ceil(at))).toBeGreaterThanOrEqual(cpuOf(job));
  });
});

describe('what was started', () => {
  it('is taken from the CPU time, callbacks more than polls', () => {
    const state = sampleState();
    state.start(pollJob(), T0);
    const poll = state.cpu.spent;
    state.start(deliverJob(), T0);
    expect(poll).toBeGreaterThan(0);
    expect(state.cpu.spent - poll).toBeGreaterThan(poll);
  });

  it('waits for nothing that somebody waits for', () => {
    expect(waitsForCpuUntil(deliverJob({ at: T0 }))).toBe(T0);
    expect(waitsForCpuUntil(pollJob({ at: T0 }))).toBeGreaterThan(T0);
  });
});
