import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { csvOf } from '../../src/http/csv.ts';
import { holdsForAll } from '../support/properties.ts';

/** The rows of a CSV document, as RFC 4180 has it; throws where it is none. */
function rowsOf(csv: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  // A cell and what ends it: one in quotes, whose quotes are doubled, or one without any of what needs them.
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  while (cell.lastIndex < csv.length) {
    const found = cell.exec(csv);
    if (found === null) throw new Error('is no CSV');
    const [, quoted, plain = '', end] = found;
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '\r\n') {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}

const text = fc.string({
  unit: fc.constantFrom('"', ',', '\r', '\n', '\t', '=', '+', '-', '@', ' ', 'a', 'ü', '🦊'),
});

describe('CSV', () => {
  it('has each cell as it is, but for an apostrophe before what a spreadsheet would take for a formula', () => {
    holdsForAll(fc.array(fc.record({ name: text, n: fc.integer() }), { maxLength: 5 }), (rows) => {
      const [header, ...read] = rowsOf(csvOf<{ name: string; n: number }>(['name', 'n'], rows));
      expect(header).toEqual(['name', 'n']);
      expect(read).toEqual(
        rows.map(({ name, n }) => [/^[=+\-@\t\r]/.test(name) ? `'${name}` : name, String(n)]),
      );
    });
  });

  it.each(['=1+1', '+1', '-1', '@A1', '\t=1', '\r=1'])('writes %j as text', (formula) => {
    expect(rowsOf(csvOf(['name'], [{ name: formula }]))[1]).toEqual([`'${formula}`]);
  });

  it('leaves numbers as numbers, negative ones too, and what is absent empty', () => {
    expect(csvOf<{ a?: number; b: number }>(['a', 'b'], [{ b: -5 }])).toBe('a,b\r\n,-5\r\n');
  });
});
