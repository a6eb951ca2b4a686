import { describe, expect, it } from 'vitest';

import { deliveryClaim, planTurn } from '../../src/domain/turn.ts';
import { accepting, HOUR, queued, running, succeeded, T0 } from './sample-task.ts';

const NOW = T0 + 92_000;
const DEADLINE = T0 + HOUR;
const rules = { pollMinMs: 3_000, callbackTimeoutMs: 15_000 };
const free = { submitPausedUntil: 0, pollPausedUntil: 0 };
const at = (now: number, random = 0) => ({ now, random });

describe('the turn of a due task', () => {
  it.each([
    ['nobody has heard of is to submit it', accepting(), 'submit', 25_000],
    ['that waits here is to submit it', queued(), 'submit', 25_000],
    ['that runs is to poll it, by its age', running(), 'poll', 9_000],
    ['that ended is to call back', succeeded(), 'deliver', 30_000],
  ])('%s', (_, task, act, claim) => {
    expect(planTurn(task, free, rules, at(NOW))).toEqual({ act, until: NOW + claim });
  });

  it('claims a callback past its timeout, so that nobody else sends it meanwhile', () => {
    expect(deliveryClaim({ ...rules, callbackTimeoutMs: 60_000 }, NOW)).toBe(NOW + 75_000);
  });
});

describe("while upstream's limit holds", () => {
  const submits = { submitPausedUntil: NOW + 17_000, pollPausedUntil: 0 };
  const polls = { submitPausedUntil: 0, pollPausedUntil: NOW + 17_000 };
  it.each([
    ['a submit waits for a limit of submits', queued(), submits, 'wait'],
    ['a poll does not', running(), submits, 'poll'],
    ['a poll waits for a limit of polls', running(), polls, 'wait'],
    ['a submit does not', queued(), polls, 'submit'],
    ['a callback waits for none', succeeded(), { ...submits, ...polls }, 'deliver'],
  ])('%s', (_, task, pauses, act) => {
    expect(planTurn(task, pauses, rules, at(NOW)).act).toBe(act);
  });

  it('those held back come back apart, and never early', () => {
    expect(planTurn(queued(), submits, rules, at(NOW, 0)).until).toBe(NOW + 17_000);
    expect(planTurn(queued(), submits, rules, at(NOW, 0.5)).until).toBe(NOW + 18_000);
  });
});

describe('at its time limit', () => {
  it('a task that upstream never took ends here, whatever limit holds', () => {
    const pauses = { submitPausedUntil: DEADLINE + HOUR, pollPausedUntil: 0 };
    expect(planTurn(queued(), free, rules, at(DEADLINE)).act).toBe('expire');
    expect(planTurn(accepting(), pauses, rules, at(DEADLINE)).act).toBe('expire');
    expect(planTurn(queued(), free, rules, at(DEADLINE - 1)).act).toBe('submit');
  });

  it('a running task is polled once more exactly then', () => {
    expect(planTurn(running(), free, rules, at(DEADLINE - 1_000))).toEqual({ act: 'poll', until: DEADLINE });
  });

  it('a poll that comes late is no claim in the past', () => {
    expect(planTurn(running(), free, rules, at(DEADLINE + 5_000))).toEqual({
      act: 'poll',
      until: DEADLINE + 65_000,
    });
  });
});
