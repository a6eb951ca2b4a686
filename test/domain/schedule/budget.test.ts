import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget } from '../../../src/domain/schedule/budget.ts';
import { holdsForAll } from '../../support/properties.ts';

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
    expect(budget.share(1_200)).toBe(1);
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

  it('tells when there is so much more', () => {
    const budget = new Budget(PLAN);
    budget.take(10);
    expect(budget.nextShareAt(0, 5)).toBe(6_000);
    expect([budget.share(5_999), budget.share(6_000)]).toEqual([4, 5]);
  });

  it('that need not last for longer is given sooner, from then on, and is no more', () => {
    const budget = new Budget(PLAN);
    budget.take(10);
    budget.endBy(20_000, 6_000);
    expect([budget.share(6_000), budget.share(13_000), budget.share(20_000)]).toEqual([5, 27, 50]);
    expect([budget.left, budget.share(60_000)]).toEqual([50, 50]);
    budget.endBy(20_000, 20_000);
    expect(budget.share(20_000)).toBe(50);
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

  it('never gives more than there is, takes as they come, and lasts until its end', () => {
    const step = fc.record({ passMs: fc.nat(5_000), takes: fc.nat(5) });
    const shape = fc.record({ total: fc.integer({ min: 1, max: 200 }), burst: fc.nat(50) });
    holdsForAll(fc.tuple(shape, fc.array(step, { maxLength: 60 })), ([{ total, burst }, steps]) => {
      const budget = new Budget({ ...PLAN, total, burst: Math.min(burst, total) });
      let now = 0;
      for (const { passMs, takes } of steps) {
        now += passMs;
        const share = budget.share(now);
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(budget.left);
        budget.take(Math.min(share, takes));
        expect(budget.spent).toBeLessThanOrEqual(total);
        expect(budget.pace(now)).toBeGreaterThanOrEqual(0);
      }
      // Over the whole of its time all of it may be used.
      expect(budget.share(60_000)).toBe(budget.left);
    });
  });
});
