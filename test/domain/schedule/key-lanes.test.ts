import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyLanes } from '../../../src/domain/schedule/key-lanes.ts';
import { holdsForAll } from '../../support/properties.ts';
import { T0 } from '../sample-task.ts';
import { sampleKey } from './samples.ts';

const limited = sampleKey({ pollIntervalMs: 500 });

function lanesOf(...keys: ReturnType<typeof sampleKey>[]): KeyLanes {
  const lanes = new KeyLanes();
  for (const key of keys) lanes.learn(key);
  return lanes;
}

describe('a key', () => {
  it('that nothing is known of, or that is not limited, may be polled at any time', () => {
    expect(new KeyLanes().nextPollAt('key')).toBe(0);
    const lanes = lanesOf(sampleKey());
    expect([lanes.nextPollAt('key'), lanes.lacksSlots('key', T0)]).toEqual([0, null]);
  });

  it('that is paused is left alone until then, and needs no instants meanwhile', () => {
    const lanes = lanesOf(sampleKey({ pollIntervalMs: 500, pollPausedUntil: T0 + 10 }));
    lanes.grant({ keyId: 'key', from: T0, count: 3, intervalMs: 500 });
    expect(lanes.nextPollAt('key')).toBe(T0 + 10);
    expect(lanes.lacksSlots('key', T0 + 9)).toBeNull();
  });

  it('whose rate is limited needs an instant from D1 for each poll', () => {
    const lanes = lanesOf(limited);
    expect(lanes.nextPollAt('key')).toBe(Infinity);
    expect(lanes.lacksSlots('key', T0)).toBe(500);
    lanes.grant({ keyId: 'key', from: T0 + 100, count: 2, intervalMs: 500 });
    expect([lanes.nextPollAt('key'), lanes.lacksSlots('key', T0)]).toEqual([T0 + 100, null]);
    lanes.usePollSlot('key', T0 + 100);
    expect(lanes.nextPollAt('key')).toBe(T0 + 600);
    lanes.usePollSlot('key', T0 + 600);
    expect([lanes.nextPollAt('key'), lanes.lacksSlots('key', T0 + 600)]).toEqual([Infinity, 500]);
  });

  it('does not make up for instants that nobody used in their time', () => {
    const lanes = lanesOf(limited);
    lanes.grant({ keyId: 'key', from: T0, count: 4, intervalMs: 500 });
    lanes.usePollSlot('key', T0 + 1_100);
    expect(lanes.nextPollAt('key')).toBe(T0 + 1_500);
    lanes.usePollSlot('key', T0 + 9_000);
    expect(lanes.lacksSlots('key', T0 + 9_000)).toBe(500);
  });

  it('loses its instants with a 429, and waits as long as upstream says', () => {
    const lanes = lanesOf(limited);
    lanes.grant({ keyId: 'key', from: T0, count: 4, intervalMs: 500 });
    lanes.apply({ keyId: 'key', what: 'polls-paused', until: T0 + 8_000, intervalMs: 1_000, at: T0 });
    expect(lanes.nextPollAt('key')).toBe(Infinity);
    expect(lanes.lacksSlots('key', T0 + 7_999)).toBeNull();
    expect(lanes.lacksSlots('key', T0 + 8_000)).toBe(1_000);
  });

  it('that refused a submit for its rate is asked for none until then, and goes on being polled', () => {
    const lanes = lanesOf(sampleKey());
    lanes.apply({ keyId: 'key', what: 'submits-paused', until: T0 + 5_000 });
    lanes.learn(sampleKey());
    expect([lanes.nextSubmitAt('key'), lanes.nextPollAt('key')]).toEqual([T0 + 5_000, 0]);
  });

  it('keeps a pause that was met here, whatever D1 says of before', () => {
    const lanes = lanesOf(sampleKey());
    lanes.apply({ keyId: 'key', what: 'polls-paused', until: T0 + 8_000, intervalMs: 500, at: T0 });
    lanes.learn(sampleKey({ pollPausedUntil: T0 + 1_000 }));
    expect(lanes.get('key')).toMatchObject({ pollPausedUntil: T0 + 8_000, pollIntervalMs: 500 });
    lanes.learn(sampleKey({ pollPausedUntil: T0 + 9_000, pollIntervalMs: 700 }));
    expect(lanes.get('key')).toMatchObject({ pollPausedUntil: T0 + 9_000, pollIntervalMs: 700 });
  });

  it('fails from the first submit that is not answered properly to the next that is', () => {
    const lanes = lanesOf(sampleKey());
    lanes.apply({ keyId: 'key', what: 'failing', until: T0 + 10_000, at: T0 });
    expect(lanes.get('key')?.isFailing).toBe(true);
    lanes.apply({ keyId: 'key', what: 'answered' });
    expect(lanes.get('key')?.isFailing).toBe(false);
  });

  it('is not known by what is taught of another', () => {
    const lanes = new KeyLanes();
    lanes.apply({ keyId: 'nobody', what: 'failing', until: T0 + 10_000, at: T0 });
    lanes.grant({ keyId: 'nobody', from: T0, count: 1, intervalMs: 1 });
    expect(lanes.get('nobody')).toBeNull();
  });
});

describe('the polls of a limited key', () => {
  const scene = fc.record({
    intervalMs: fc.integer({ min: 50, max: 5_000 }),
    counts: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 20 }),
    // How late each is made.
    delays: fc.array(fc.integer({ min: 0, max: 8_000 }), { minLength: 1, maxLength: 120 }),
  });

  it('are never faster than its rate, however late some are made', () => {
    holdsForAll(scene, ({ intervalMs, counts, delays }) => {
      const lanes = lanesOf(sampleKey({ pollIntervalMs: intervalMs }));
      const polls: number[] = [];
      let now = T0;
      // As D1 hands instants out: each once, and none that is over.
      let next = T0;
      let granted = 0;
      for (const delay of delays) {
        if (lanes.lacksSlots('key', now) !== null) {
          const count = counts[granted % counts.length] ?? 1;
          next = Math.max(next, now);
          lanes.grant({ keyId: 'key', from: next, count, intervalMs });
          next += count * intervalMs;
          granted += count;
        }
        now = Math.max(now, lanes.nextPollAt('key')) + (delay > 6_000 ? delay : delay % 3);
        lanes.usePollSlot('key', now);
        polls.push(now);
      }
      expect(polls.length).toBeLessThanOrEqual(granted);
      const [first = T0] = polls;
      for (const [i, at] of polls.entries()) {
        // A late one and the next may stand side by side; what was missed before is not made up for.
        expect(at - (polls[i - 2] ?? -Infinity)).toBeGreaterThanOrEqual(intervalMs);
        expect(i + 1).toBeLessThanOrEqual((at - first) / intervalMs + 2);
      }
    });
  });
});
