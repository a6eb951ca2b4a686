import { describe, expect, it } from 'vitest';
import { Budget } from '../../src/engine/budget.ts';

const PLAN = { total: 60, burst: 10, startedAt: 0, spanMs: 60_000 };

describe('a budget', () => {
  it('gives a burst at once, and the rest as time passes', () => {
    const budget = new Budget(PLAN);
    expect(budget.share(0)).toBe(10);
    budget.take(10);
    expect([budget.share(0), budget.share(1_000), budget.share(30_000)]).toEqual([0, 0, 25]);
    expect(budget.share(60_000)).toBe(50);
  });

  it('tells when there is more', () => {
    const budget = new Budget(PLAN);
    expect(budget.nextShareAt(0)).toBe(Infinity);
    budget.take(10);
    expect(budget.nextShareAt(0)).toBe(1_200);
  });

  it('keeps what was promised from everybody else, until the promise ends', () => {
    const budget = new Budget(PLAN);
    budget.promise(55);
    expect([budget.left, budget.share(0)]).toEqual([5, 5]);
    budget.take(7);
    expect([budget.left, budget.share(0)]).toEqual([-2, 0]);
    budget.promise(-55);
    expect([budget.left, budget.spent]).toEqual([53, 7]);
  });

  it('sets a pace at which half of what is left lasts to the end', () => {
    const budget = new Budget(PLAN);
    budget.take(60 - 33);
    expect(budget.pace(0)).toBe(4_000);
    expect(budget.pace(30_000)).toBe(2_000);
    budget.take(30);
    expect(budget.pace(30_000)).toBe(60_000);
    expect([budget.pace(60_000), budget.pace(70_000)]).toEqual([0, 0]);
  });
});
