import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Turns } from '../../../src/domain/schedule/turns.ts';
import { holdsForAll } from '../../support/properties.ts';

const client = fc.constantFrom('a', 'b', 'c', 'd');

/** Serves, so many times, whoever of these stands lowest. */
function serveLowest(turns: Turns, clients: readonly string[], times: number): string[] {
  return Array.from({ length: times }, () => {
    const next = clients.reduce((best, one) => (turns.of(one) < turns.of(best) ? one : best));
    turns.serve(next);
    return next;
  });
}

describe('turns', () => {
  it('go round', () => {
    expect(serveLowest(new Turns(), ['a', 'b', 'c'], 6)).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
  });

  it('of one who was away are as many as of all others from then on: nothing is made up for', () => {
    const turns = new Turns();
    serveLowest(turns, ['a', 'b'], 1_000);
    expect(serveLowest(turns, ['a', 'b', 'late'], 9).filter((one) => one === 'late')).toHaveLength(3);
  });

  it('of one who was served alone for long are no debt once others come', () => {
    const turns = new Turns();
    serveLowest(turns, ['busy'], 1_000);
    expect(serveLowest(turns, ['busy', 'b'], 10).filter((one) => one === 'busy').length).toBeGreaterThan(3);
  });

  it('that count as several are made up for by the others', () => {
    const turns = new Turns();
    turns.serve('a', 4);
    expect(serveLowest(turns, ['a', 'b'], 5)).toEqual(['b', 'b', 'b', 'b', 'a']);
  });

  it('never move back, and of those who always want one nobody is more than one behind, whatever came before', () => {
    holdsForAll(fc.array(client, { maxLength: 100 }), (served) => {
      const turns = new Turns();
      for (const one of served) {
        const before = ['a', 'b', 'c', 'd'].map((each) => turns.of(each));
        turns.serve(one);
        const after = ['a', 'b', 'c', 'd'].map((each) => turns.of(each));
        expect(after.every((place, i) => place >= (before[i] ?? 0))).toBe(true);
      }
      const counts = new Map<string, number>();
      for (const one of serveLowest(turns, ['a', 'b', 'c', 'd'], 40))
        counts.set(one, (counts.get(one) ?? 0) + 1);
      // What each had before is within what the last of them was served.
      const all = [...counts.values()];
      expect(Math.max(...all) - Math.min(...all)).toBeLessThanOrEqual(served.length + 1);
      const later = serveLowest(turns, ['a', 'b', 'c', 'd'], 40 + 4 * served.length).slice(-40);
      for (const one of ['a', 'b', 'c', 'd']) expect(later.filter((each) => each === one)).toHaveLength(10);
    });
  });
});
