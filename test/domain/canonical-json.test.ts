import { describe, expect, it } from 'vitest';

import { canonicalJson } from '../../src/domain/canonical-json.ts';

describe('two requests say the same', () => {
  it.each([
    ['whatever the order of their fields', { a: 1, b: 2 }, { b: 2, a: 1 }],
    ['however deep', { a: [{ x: 1, y: { p: 1, q: 2 } }] }, { a: [{ y: { q: 2, p: 1 }, x: 1 }] }],
    ['where one leaves out what the other leaves undefined', { a: 1 }, { a: 1, b: undefined }],
    ['however a number was written', { a: 5.0 }, { a: 5 }],
  ])('%s', (_, one, other) => {
    expect(canonicalJson(one)).toBe(canonicalJson(other));
  });
});

describe('two requests differ', () => {
  it.each([
    ['by the order of a list', { a: [1, 2] }, { a: [2, 1] }],
    ['by the type of a value', { a: '1' }, { a: 1 }],
    ['by null and absent', { a: null }, {}],
    ['by where a value stands', { a: { b: 1 } }, { a: {}, b: 1 }],
    ['by an empty list and an empty object', { a: [] }, { a: {} }],
  ])('%s', (_, one, other) => {
    expect(canonicalJson(one)).not.toBe(canonicalJson(other));
  });
});
