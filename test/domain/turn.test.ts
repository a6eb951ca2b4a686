import { describe, expect, it } from 'vitest';

import { planForUnknown } from '../../src/domain/poll-plan.ts';
import { NEW_ROUND } from '../../src/domain/task.ts';
import { deliveryClaim, planTurn } from '../../src/domain/turn.ts';
import { accepting, HOUR, queued, running, sampleDelivery, succeeded, T0 } from './sample-task.ts';

const NOW = T0 + 92_000;
const DEADLINE = T0 + HOUR;
const POLLS = { plan: planForUnknown(3_000), until: 0 };
const rules = { pollMinMs: 3_000, callbackTimeoutMs: 15_000 };
const notice = { state: 'pending', at: T0, tries: 0 } as const;
const givenUp = succeeded({ delivery: sampleDelivery({ state: 'failed', notice }) });
/** To be sent again, with the result fetched again first. */
const stale = succeeded({
  delivery: sampleDelivery({ state: 'pending', round: { ...NEW_ROUND, refresh: true } }),
});

describe('the turn of a due task', () => {
  it.each([
    ['nobody has heard of is to submit it', accepting(), 'submit', 25_000],
    ['that waits here is to submit it', queued(), 'submit', 25_000],
    ['that runs is to poll it, by its age', running(), 'poll', 5_000],
    ['that ended is to call back', succeeded(), 'deliver', 30_000],
    ['whose result is asked for again first has time for both', stale, 'deliver', 40_000],
    ['whose callback was given up is to tell its client so', givenUp, 'notify', 30_000],
  ])('%s', (_, task, act, claim) => {
    expect(planTurn(task, rules, NOW, POLLS)).toEqual({ act, until: NOW + claim });
  });

  it('claims a callback past its timeout, so that nobody else sends it meanwhile', () => {
    const slow = { ...rules, callbackTimeoutMs: 60_000 };
    expect(deliveryClaim(succeeded(), slow, NOW)).toBe(NOW + 75_000);
    expect(deliveryClaim(stale, slow, NOW)).toBe(NOW + 85_000);
  });
});

describe('at its time limit', () => {
  it('a task that upstream never took ends here', () => {
    expect(planTurn(queued(), rules, DEADLINE, POLLS).act).toBe('expire');
    expect(planTurn(accepting(), rules, DEADLINE, POLLS).act).toBe('expire');
    expect(planTurn(queued(), rules, DEADLINE - 1, POLLS).act).toBe('submit');
  });

  it('a running task is polled once more exactly then', () => {
    expect(planTurn(running(), rules, DEADLINE - 1_000, POLLS)).toEqual({ act: 'poll', until: DEADLINE });
  });

  it('a poll that comes late is no claim in the past', () => {
    expect(planTurn(running(), rules, DEADLINE + 5_000, POLLS)).toEqual({
      act: 'poll',
      until: DEADLINE + 65_000,
    });
  });
});
