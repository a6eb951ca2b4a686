import { describe, expect, it } from 'vitest';
import type { Outlook, State } from '../../../src/domain/schedule/state.ts';
import { nextSyncAt } from '../../../src/domain/schedule/sync-times.ts';
import { T0 } from '../sample-task.ts';
import { deliverJob, MINUTE_MS, pollJob, sampleKey, sampleState } from './samples.ts';

const OUTCOME = { lessons: [] };
const NOTHING: Outlook = {
  nextDueAt: null,
  hasMore: false,
  isShort: false,
  isShortOfSubmits: false,
  hasQueue: false,
  hasDeliveries: false,
  hasAbandoned: false,
  isEmpty: false,
};
const SPARING = { idleMs: 15_000, busyMs: 15_000, queueMs: 6_000 };
const END = T0 + MINUTE_MS;

/** A state that began its last exchange at T0; what follows is asked at `now`. */
function after(change: (state: State) => void = () => undefined, state = sampleState()): State {
  state.syncedAt = T0;
  state.outlook = NOTHING;
  change(state);
  return state;
}

const at = (state: State, now = T0, isOver = false) => nextSyncAt(state, now, isOver) - T0;

describe('the next exchange with D1', () => {
  it.each<[string, State, number]>([
    ['comes by itself, while there is nothing to do: posts tell an invocation nothing', after(), 3_000],
    [
      'comes sooner while tasks are queued than the deployment looks for nothing',
      after(
        (state) => {
          state.outlook = { ...NOTHING, hasQueue: true };
        },
        sampleState({ looks: { idleMs: 9_000, busyMs: 9_000, queueMs: 3_000 } }),
      ),
      3_000,
    ],
    ['comes each second while something is in hand', after((state) => state.held.add(pollJob())), 1_000],
    [
      'comes no sooner for what is in hand where the deployment spares looks: that is done from memory',
      after((state) => state.held.add(pollJob()), sampleState({ looks: SPARING })),
      15_000,
    ],
    [
      'comes sooner there too while tasks are queued, whatever is in hand',
      after(
        (state) => {
          state.held.add(pollJob());
          state.outlook = { ...NOTHING, hasQueue: true };
        },
        sampleState({ looks: SPARING }),
      ),
      6_000,
    ],
    [
      'comes with an outcome there too as soon as it may',
      after((state) => state.add(OUTCOME), sampleState({ looks: SPARING })),
      550,
    ],
    [
      'comes when the next row is due',
      after((state) => {
        state.outlook = { ...NOTHING, nextDueAt: T0 + 2_000 };
      }),
      2_000,
    ],
    [
      'comes soon where there was more than was taken',
      after((state) => {
        state.outlook = { ...NOTHING, hasMore: true };
      }),
      1_000,
    ],
    ['comes with an outcome as soon as it may', after((state) => state.add(OUTCOME)), 550],
    [
      'comes as soon as it may where a key needs instants',
      after((state) => {
        state.keys.learn(sampleKey({ pollIntervalMs: 500 }));
        state.held.add(pollJob());
      }),
      550,
    ],
    [
      'comes as soon as it may where a receiver with a documented rate is to be called',
      after((state) =>
        state.held.add(
          deliverJob({}, { host: 'hooks.zapier.com', url: 'https://hooks.zapier.com/hooks/catch/1/a' }),
        ),
      ),
      550,
    ],
    [
      'does not come while one is under way',
      after((state) => {
        state.add(OUTCOME);
        state.isSyncing = true;
      }),
      Infinity,
    ],
    [
      'does not come where D1 cannot be used any more',
      after((state) => {
        state.add(OUTCOME);
        state.isCutOff = true;
      }),
      Infinity,
    ],
  ])('%s', (_, state, afterMs) => {
    expect(at(state)).toBe(afterMs);
  });

  it('is never closer to the one before than half a second, whatever there is to do', () => {
    const state = after((each) => {
      each.add(OUTCOME);
      each.held.add(pollJob());
      each.outlook = { ...NOTHING, hasMore: true, nextDueAt: T0 };
    });
    expect(at(state)).toBe(550);
    expect(at(state, T0 + 700)).toBe(700);
  });

  it('waits for its share where few are left of what the platform allows', () => {
    const scarce = after(
      (state) => {
        state.add(OUTCOME);
        state.d1.take(14);
      },
      sampleState({}, { d1: 42, d1Burst: 14 }),
    );
    const next = at(scarce);
    expect(next).toBeGreaterThan(550);
    expect(next).toBeLessThanOrEqual(2_500);
    expect(scarce.d1.share(Math.ceil(T0 + next))).toBeGreaterThan(0);
  });
});

describe('an exchange that failed', () => {
  it.each([
    [1, 1_000],
    [2, 2_000],
    [3, 4_000],
    [4, 8_000],
    [5, 8_000],
  ])('%d times in a row is tried again in %d ms', (failures, afterMs) => {
    const state = after((each) => {
      each.add(OUTCOME);
      each.failures = failures;
    });
    expect(at(state)).toBe(afterMs);
    expect(nextSyncAt(state, END, true) - T0).toBe(afterMs);
  });
});

describe('the last exchange', () => {
  it('is at once, when everything has come back', () => {
    const state = after((each) => each.add(OUTCOME));
    expect(nextSyncAt(state, END, true)).toBe(END);
  });

  it('waits a moment for what is still under way', () => {
    const state = after((each) => {
      each.add(OUTCOME);
      each.inFlight.start(pollJob(), T0);
      each.syncedAt = END - 100;
    });
    expect(nextSyncAt(state, END, true)).toBe(END + 1_400);
  });

  it('is none where there is nothing to write', () => {
    expect(nextSyncAt(after(), END, true)).toBe(Infinity);
  });

  it('happens although the platform’s share is used up: it is kept for that', () => {
    const state = after((each) => {
      each.add(OUTCOME);
      each.d1.take(each.d1.left);
    });
    expect(nextSyncAt(state, T0 + 10, true)).toBe(T0 + 10);
  });
});
