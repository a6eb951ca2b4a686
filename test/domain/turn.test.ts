import { describe, expect, it } from 'vitest';

import { deliveryClaim, planTurn } from '../../src/domain/turn.ts';
import { accepting, HOUR, queued, running, succeeded, T0 } from './sample-task.ts';

const NOW = T0 + 92_000;
const DEADLINE = T0 + HOUR;
const rules = { pollMinMs: 3_000, callbackTimeoutMs: 15_000 };

describe('the turn of a due task', () => {
  it.each([
    ['nobody has heard of is to submit it', accepting(), 'submit', 25_000],
    ['that waits here is to submit it', queued(), 'submit', 25_000],
    ['that runs is to poll it, by its age', running(), 'poll', 9_000],
    ['that ended is to call back', succeeded(), 'deliver', 30_000],
  ])('%s', (_, task, act, claim) => {
    expect(planTurn(task, rules, NOW)).toEqual({ act, until: NOW + claim });
  });

  it('claims a callback past its timeout, so that nobody else sends it meanwhile', () => {
    expect(deliveryClaim({ ...rules, callbackTimeoutMs: 60_000 }, NOW)).toBe(NOW + 75_000);
  });
});

describe('at its time limit', () => {
  it('a task that upstream never took ends here', () => {
    expect(planTurn(queued(), rules, DEADLINE).act).toBe('expire');
    expect(planTurn(accepting(), rules, DEADLINE).act).toBe('expire');
    expect(planTurn(queued(), rules, DEADLINE - 1).act).toBe('submit');
  });

  it('a running task is polled once more exactly then', () => {
    expect(planTurn(running(), rules, DEADLINE - 1_000)).toEqual({ act: 'poll', until: DEADLINE });
  });

  it('a poll that comes late is no claim in the past', () => {
    expect(planTurn(running(), rules, DEADLINE + 5_000)).toEqual({
      act: 'poll',
      until: DEADLINE + 65_000,
    });
  });
});
