import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/domain/outcome.ts';
import { fitting } from '../../src/store/complete.ts';
import { running, sampleDelivery, succeeded } from '../domain/sample-task.ts';
import { holdsForAll } from '../support/properties.ts';

/** D1 takes so many bytes in a statement, and in each parameter. */
const MAX_BYTES = 2_000_000;

function ended(characters: number): Outcome {
  const task = succeeded();
  return {
    task: {
      task: {
        ...task,
        phase: {
          ...task.phase,
          state: 'succeeded',
          error: null,
          kept: null,
          resultJson: 'x'.repeat(characters),
        },
      },
    },
  };
}

function refreshed(characters: number): Outcome {
  const delivery = sampleDelivery({ state: 'delivered' });
  return {
    delivery: { delivery, attempt: null, leasedUntil: 0, resultJson: 'x'.repeat(characters), notice: null },
  };
}

function troubled(characters: number): Outcome {
  return { task: { task: running({ problem: 'x'.repeat(characters) }) } };
}

const small: Outcome = { lessons: [] };
const makes = [ended, refreshed, troubled] as const;

describe('what is written together', () => {
  it.each([
    ['is nothing where there is nothing', [], 0],
    ['is all of it while that is little', Array.from({ length: 400 }, () => small), 400],
    ['is five hundred outcomes at the most', Array.from({ length: 900 }, () => small), 500],
    ['is one result that is larger than what else fits', [ended(900_000), small], 1],
    ['ends before the result that does not fit', [small, small, ended(699_000)], 2],
    ['counts results of ends', Array.from({ length: 40 }, () => ended(46_000)), 14],
    ['counts results that were fetched again', Array.from({ length: 40 }, () => refreshed(46_000)), 14],
    ['counts what upstream says', Array.from({ length: 40 }, () => troubled(46_000)), 14],
  ])('%s', (_, outcomes, count) => {
    expect(fitting(outcomes)).toBe(count);
  });

  it('is no more than asked for, and one at the least: the one that D1 does not take is found', () => {
    const outcomes = Array.from({ length: 9 }, () => small);
    expect([fitting(outcomes, 4), fitting(outcomes, 1), fitting(outcomes, 0)]).toEqual([4, 1, 1]);
  });

  it('goes on until all are written, each once, in requests that D1 takes, even where a character has two bytes', () => {
    const outcome = fc
      .tuple(fc.constantFrom(...makes), fc.oneof(fc.nat(2_000), fc.nat(512_000)))
      .map(([make, characters]) => make(characters));
    holdsForAll(
      fc.array(outcome, { maxLength: 30 }),
      (outcomes) => {
        let rest = outcomes;
        for (let requests = 0; rest.length > 0; requests++) {
          expect(requests).toBeLessThan(outcomes.length);
          const count = fitting(rest);
          expect(count).toBeGreaterThan(0);
          const texts = rest.slice(0, count).map(longestOf);
          const characters = texts.reduce((sum, length) => sum + length, 0);
          // One alone goes, however long it is.
          expect(count === 1 || 2 * characters <= MAX_BYTES).toBe(true);
          rest = rest.slice(count);
        }
      },
      30,
    );
  });
});

function longestOf({ task, delivery }: Outcome): number {
  const result = task !== undefined && 'resultJson' in task.task.phase ? task.task.phase.resultJson : null;
  return (result?.length ?? 0) + (task?.task.problem?.length ?? 0) + (delivery?.resultJson?.length ?? 0);
}
