import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanJson } from '../../../src/domain/json/scan.ts';
import { holdsForAll } from '../../support/properties.ts';

const isJson = (text: string) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** JSON, and JSON with a piece cut out, put in or doubled. */
const nearlyJson = fc
  .tuple(
    fc.json({ maxDepth: 4 }),
    fc.nat(),
    fc.nat({ max: 3 }),
    fc.oneof(
      fc.constantFrom(
        '',
        '"',
        "'",
        ',',
        ':',
        '{',
        '}',
        '[',
        ']',
        '\\',
        '\n',
        '\t',
        '-',
        '0',
        '.',
        'e',
        '+',
        '\u0000',
      ),
      fc.constantFrom(
        'null',
        'NaN',
        'tru',
        '\ufeff',
        '\u00a0',
        '//',
        '“',
        '\\u12',
        '1e',
        '01',
        '😀',
        '\ud800',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
  )
  .map(([json, place, cut, put]) => {
    const at = place % (json.length + 1);
    return json.slice(0, at) + put + json.slice(at + cut);
  });

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

describe('a text is read by the grammar of JSON', () => {
  it('as JSON.parse reads it: what one takes the other takes', () => {
    holdsForAll(nearlyJson, (text) => expect(scanJson(text).fault === null).toBe(isJson(text)), 5_000);
  });

  it('up to the first character that cannot stand there: before it all could still become JSON', () => {
    holdsForAll(
      nearlyJson,
      (text) => {
        const { fault } = scanJson(text);
        if (fault === null) return;
        const before = text.slice(0, fault.at);
        expect(scanJson(before).fault?.at ?? before.length).toBe(before.length);
        if (fault.at === text.length) return;
        expect(scanJson(text.slice(0, fault.at + 1)).fault?.at).toBe(fault.at);
      },
      5_000,
    );
  });

  it('through 256 KiB of anything, however it is made to break its reader', () => {
    const size = 262_144;
    for (const piece of ['[', '{"a":', '"\\u0041', '\\', ' ', '"', '[1,', '-', '1e+', '{"a":"']) {
      const text = piece.repeat(size / piece.length);
      expect([piece, scanJson(text).fault === null]).toEqual([piece, false]);
    }
    expect(scanJson('1'.repeat(size))).toMatchObject({ fault: null, rounded: [[]] });
    expect(scanJson(`"${'\\u0041'.repeat(40_000)}"`).fault).toBeNull();
  });

  it('down to 2,000 objects and lists in each other', () => {
    expect(scanJson(nested(2_000)).fault).toBeNull();
    expect(scanJson(nested(2_001)).fault).toMatchObject({ at: 2_000, want: 'less-depth' });
  });
});

describe('a number is found that JavaScript would round', () => {
  it.each([
    ['{"metadata":{"message_id":1234567890123456789}}', ['metadata.message_id']],
    ['{"a":9007199254740991,"b":-9007199254740991}', []],
    ['{"a":9007199254740992,"b":-9007199254740992,"c":9007199254740993}', ['a', 'b', 'c']],
    ['{"a":[1,[2,10000000000000000]]}', ['a.1.1']],
    ['[{"x":0},{"y":-123456789012345678901234567890}]', ['1.y']],
    ['12345678901234567890', ['']],
    ['{"a":{"b":99999999999999999999},"a":1}', ['a.b']],
    ['{"with \\"quotes\\"":12345678901234567}', ['with "quotes"']],
    // With a fraction or an exponent nobody takes it for an id.
    ['{"a":12345678901234567890.5,"b":1e300,"c":12345678901234567890e0,"d":0.12345678901234567890}', []],
    ['{"a":"1234567890123456789","1234567890123456789":1}', []],
    ['{"a":0,"b":-0,"c":1000000000000000}', []],
  ])('%s: %j', (text, paths) => {
    const { fault, rounded } = scanJson(text);
    expect(fault).toBeNull();
    expect(rounded.map((path) => path.join('.'))).toEqual(paths);
  });

  it('whenever JSON.parse does not give it back, digit by digit', () => {
    holdsForAll(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), (number) => {
      const isSafe = Number.isSafeInteger(Number(number));
      expect(scanJson(`[${number}]`).rounded).toEqual(isSafe ? [] : [['0']]);
    });
  });
});

it.each(['{"__proto__":1}', '{"a":[{"\\u005f_proto__":1}]}'])(
  'the name of a prototype is noticed: %s',
  (text) => {
    expect(scanJson(text).namesPrototype).toBe(true);
    expect(scanJson('{"a":"__proto__","_proto_":1}').namesPrototype).toBe(false);
  },
);
