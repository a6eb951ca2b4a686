import { expect, it } from 'vitest';

import { parseRetryAfter } from '../../src/domain/retry-after.ts';

const now = Date.UTC(2026, 10, 22, 15, 0, 0);

it.each([
  ['0', 0],
  ['1', 1],
  [' 120 ', 120],
  ['86400', 86_400],
  ['Sun, 22 Nov 2026 15:01:30 GMT', 90],
  ['Sunday, 22-Nov-26 15:01:30 GMT', 90],
  ['Sun Nov 22 15:01:30 2026', 90],
  ['Tue Dec  1 15:00:00 2026', 9 * 86_400],
  ['Sun, 22 Nov 2026 15:00:00 GMT', 0],
  // Whole seconds are the standard's; decimals are rounded up, so that nobody comes too early.
  ['9.5', 10],
  ['9.0', 9],
  ['0.001', 1],
  ['0.0', 0],
  ['.5', 1],
  ['5.', 5],
  ['1.5', 2],
  ['\t9.5\t', 10],
  // Several lines: the runtime joins them by a comma, which a date has too.
  ['120, 240', 240],
  ['240,120', 240],
  ['9.5, 3', 10],
  ['3 ,\t9.5', 10],
  ['30, Sun, 22 Nov 2026 15:01:30 GMT', 90],
  ['Sun, 22 Nov 2026 15:01:30 GMT, 120', 120],
  ['Sunday, 22-Nov-26 15:01:30 GMT,Sun Nov 22 15:02:30 2026', 150],
  ['Sun, 22 Nov 2026 15:01:30 GMT, Sun, 22 Nov 2026 15:02:30 GMT', 150],
  ['soon, 10', 10],
  ['10, -1', 10],
  [', 10 ,', 10],
  // Dates as libraries write them.
  ['Wed, 2 Dec 2026 15:00:00 GMT', 10 * 86_400],
  ['Sun, 22 Nov 2026 15:01:30 UTC', 90],
  ['Sun, 22 Nov 2026 15:01:30 +0000', 90],
  ['Sun, 22 Nov 2026 15:01:30 -0000', 90],
])('%o asks not to come back for %d s', (header, seconds) => {
  expect(parseRetryAfter(header, now)).toBe(now + seconds * 1000);
});

it.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])(
  '%o has passed, and means now',
  (header) => {
    expect(parseRetryAfter(header, now)).toBe(now);
  },
);

it.each([
  null,
  '',
  ' ',
  '-1',
  '1e3',
  '0x10',
  '5s',
  'soon',
  'Infinity',
  '2026-11-22T15:01:30Z',
  'Sun, 22 Nov 2026 15:01:30',
  'Sun, 22 Nov 2026 15:01:30 +0100',
  'Sun, 99 Nov 2026 15:01:30 GMT',
  'Sun, 22 Foo 2026 15:01:30 GMT',
  'Sun, 22 Nov 2026 25:01:30 GMT',
  '1.5.5',
  '.',
  '١٢',
  ',',
  'soon, later',
  'Sun, 10',
])('%o asks for nothing', (header) => {
  expect(parseRetryAfter(header, now)).toBeNull();
});

it('a receiver that asks for ever is still given an instant that a date can hold', () => {
  const instant = parseRetryAfter('9'.repeat(400), now);
  expect(new Date(instant ?? Number.NaN).getTime()).toBe(8.64e15);
  expect(parseRetryAfter(`${'9'.repeat(400)}.5, 1`, now)).toBe(8.64e15);
});
