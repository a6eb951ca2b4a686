import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/schedule/decide.ts';
import { legEnd, leases } from '../../../src/domain/schedule/plan.ts';
import type { State } from '../../../src/domain/schedule/state.ts';
import { T0 } from '../sample-task.ts';
import { MINUTE_MS, pollJob, samplePlan, sampleState } from './samples.ts';

const LEG_MS = 18_000;
const END = T0 + MINUTE_MS;

/** The first leg of a tick, which looked at T0 and holds these. */
function legWith(change: (state: State) => void, legsLeft = 2): State {
  const state = sampleState({ handOver: { legMs: LEG_MS, legsLeft } });
  state.syncedAt = T0;
  change(state);
  return state;
}

const hold = (state: State): void => state.held.add(pollJob({ at: T0 + 2_000 }));
const called = (state: State, now = T0) => decide(state, now).handOver;

describe('the next leg of a tick', () => {
  it('is called as soon as there is work, for when this one ends', () => {
    expect(called(legWith(hold))).toEqual({ leg: { endsAt: END, legsLeft: 1 }, inMs: LEG_MS });
    const running = legWith((state) => state.inFlight.start(pollJob(), T0));
    expect(called(running, T0 + 300)).toEqual({ leg: { endsAt: END, legsLeft: 1 }, inMs: LEG_MS - 300 });
  });

  it.each<[string, State, number]>([
    ['there is nothing to do', legWith(() => undefined), T0],
    [
      'work comes later in the tick',
      legWith((state) => {
        state.outlook = { ...state.outlook, nextDueAt: T0 + 9_000 };
      }),
      T0,
    ],
    [
      'it is being called already',
      legWith((state) => {
        hold(state);
        state.isCalling = true;
      }),
      T0,
    ],
    [
      'this is the last one',
      legWith((state) => {
        hold(state);
      }, 0),
      T0,
    ],
    [
      'too little of the tick would be left for it',
      legWith((state) => {
        hold(state);
        state.syncedAt = END - LEG_MS - 1_000;
      }),
      END - LEG_MS - 1_000,
    ],
    [
      'the time of this one is over',
      legWith((state) => {
        hold(state);
      }),
      END,
    ],
  ])('is not called where %s', (_, state, now) => {
    expect(called(state, now)).toBeNull();
  });

  it('is called once: then this one works until it begins, with all that it may use', () => {
    const state = legWith(hold);
    expect(state.fetches.share(T0 + LEG_MS)).toBeLessThan(4_000);
    state.handOver(T0 + LEG_MS, T0 + 100);
    expect(called(state, T0 + 200)).toBeNull();
    expect(state.fetches.share(T0 + LEG_MS)).toBe(state.fetches.left);
    expect(state.isOver(T0 + LEG_MS - 1)).toBe(false);
    expect(state.isOver(T0 + LEG_MS)).toBe(true);
  });

  it('is not called again where that failed: this one works on until the end of the tick', () => {
    const state = legWith(hold);
    state.goOnAlone();
    expect(called(state)).toBeNull();
    expect(state.isOver(END - 1)).toBe(false);
  });

  it('keeps an invocation from stopping while it is being called', () => {
    const state = legWith((each) => {
      each.isCalling = true;
    });
    expect(decide(state, END).stop).toBe(false);
    state.isCalling = false;
    expect(decide(state, END).stop).toBe(true);
  });
});

describe('the end of a leg', () => {
  const plan = samplePlan({ handOver: { legMs: LEG_MS, legsLeft: 1 } });

  it.each([
    ['a leg from when there was work', T0, T0 + LEG_MS],
    ['a leg, where it began late', T0 + 20_000, T0 + 20_000 + LEG_MS],
    ['the end of the tick, where little would be left behind it', T0 + 33_000, END],
    ['the end of the tick at the latest', T0 + 50_000, END],
  ])('is %s', (_, since, end) => {
    expect(legEnd(plan, since)).toBe(end);
  });

  it('is that of the tick where no leg follows', () => {
    expect(legEnd(samplePlan(), T0)).toBe(END);
    expect(legEnd({ ...plan, handOver: { legMs: LEG_MS, legsLeft: 0 } }, T0)).toBe(END);
  });

  it('is the end of what it leases to poll: the next one has it at once, and nothing is written for that', () => {
    expect(leases(plan, T0 + 500).poll).toBe(T0 + 500 + LEG_MS);
    expect(leases(samplePlan(), T0 + 500).poll).toBe(END);
  });
});
