import { describe, expect, it } from 'vitest';
import type { State } from '../../src/domain/schedule/state.ts';
import { wantsOf } from '../../src/domain/schedule/wants.ts';
import { outlookOf } from '../../src/engine/outlook.ts';
import type { Fetched } from '../../src/store/exchange.ts';
import { sampleState } from '../domain/schedule/samples.ts';
import { T0 } from '../domain/sample-task.ts';

const LOOK = { after: ['', ''], takesDeliveries: true, checksHeldFrom: null } as const;
const NOTHING: Fetched = {
  tasks: [],
  queued: [],
  overdue: [],
  deliveries: [],
  abandoned: [],
  paused: [],
  pollSlots: [],
  callSlots: [],
  ended: [],
  hasQueue: false,
  hasDeliveries: false,
  hasAbandoned: false,
  nextDueAt: null,
  after: ['', ''],
};

/** What is known after a look found this, where the one before had found nothing. */
function after(found: Partial<Fetched>, state: State = quiet()) {
  return outlookOf({ ...NOTHING, ...found }, wantsOf(state, T0, LOOK), state.outlook);
}

function quiet(): State {
  const state = sampleState();
  state.foundNothing(T0);
  state.outlook = { ...state.outlook, hasDeliveries: false, hasAbandoned: false };
  return state;
}

describe('after a look', () => {
  it('nothing is there where nothing came and nothing is to come', () => {
    expect(after({})).toMatchObject({ isEmpty: true, hasMore: false, nextDueAt: null });
  });

  it.each([
    ['a task that is due later', { nextDueAt: T0 + 60_000 }],
    ['a queue', { hasQueue: true }],
    ['a delivery that waits', { hasDeliveries: true }],
    ['a task that ended here and runs upstream', { hasAbandoned: true }],
  ])('something is there with %s', (_, found) => {
    expect(after(found).isEmpty).toBe(false);
  });

  it.each([['hasQueue'], ['hasDeliveries'], ['hasAbandoned']] as const)(
    'another is due soon where %s is new: it was not asked for',
    (name) => {
      expect(after({ [name]: true }).hasMore).toBe(true);
      const known = sampleState();
      expect(after({ [name]: true }, known).hasMore).toBe(false);
    },
  );
});
