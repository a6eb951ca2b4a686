import { expect, it } from 'vitest';

import { parseWaitPreference } from '../../src/domain/prefer.ts';

it.each([
  ['wait=10', 10],
  ['wait=0', 0],
  ['wait=007', 7],
  ['respond-async, wait=10', 10],
  ['wait=10, respond-async', 10],
  ['  Wait = 10  ', 10],
  ['WAIT=10', 10],
  ['wait="10"', 10],
  ['wait=10; foo="bar, wait=3"', 10],
  ['respond-async; x=1 , wait=10;y', 10],
  ['foo="a, wait=1", wait=2', 2],
  ['foo="a \\", wait=1", wait=2', 2],
  ['foo; wait=1, wait=2', 2],
  ['return=minimal,,wait=4', 4],
  ['wait=10, wait=20', 10],
  [`wait=${'9'.repeat(400)}`, Number.MAX_SAFE_INTEGER],
])('a caller who sends %o waits %d s', (header, seconds) => {
  expect(parseWaitPreference(header)).toBe(seconds);
});

it.each([
  null,
  undefined,
  '',
  'respond-async',
  'wait',
  'wait=',
  'wait=""',
  'wait=-1',
  'wait=1.5',
  'wait=1e3',
  'wait=0x10',
  'wait=ten',
  'wait=10s',
  'wait 10',
  'wait=1 0',
  'waits=10',
  'x-wait=10',
  'foo="wait=10"',
  'foo="wait=10',
  'wait=ten, wait=10',
])('a caller who sends %o does not wait', (header) => {
  expect(parseWaitPreference(header)).toBeNull();
});

it('a header made to be slow to read is read at once', () => {
  expect(parseWaitPreference(`${'a '.repeat(20_000)}"`)).toBeNull();
  expect(parseWaitPreference('"'.repeat(20_001))).toBeNull();
});
