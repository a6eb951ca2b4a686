import { describe, expect, it } from 'vitest';

import { quoted, shown } from '../../src/domain/shown.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text).length;

describe('what a receiver said is quoted as JSON writes it', () => {
  it.each([
    ['quotes and lines', 'no "row"\n', '"no \\"row\\"\\n"'],
    ['controls', 'a\0b\u007F', '"a\\u0000b\\u007f"'],
    ['what turns a line around', 'a\u202Eb\u2066c', '"a\\u202eb\\u2066c"'],
    ['what nobody sees', 'a\u200B\u00AD\uFEFFb', '"a\\u200b\\u00ad\\ufeffb"'],
    ['separators of lines', 'a\u2028\u2029', '"a\\u2028\\u2029"'],
    ['tags beyond the first plane', '\u{E0041}', '"\\udb40\\udc41"'],
    ['half a character', '\uD800', '"\\ud800"'],
    ['any script', 'größer 漢字 😀', '"größer 漢字 😀"'],
  ])('%s', (_, text, expected) => {
    expect(quoted(text)).toBe(expected);
  });

  it.each([
    ['plain text', 'x', 1_024],
    ['quotes', '"', 512],
    ['null bytes', '\0', 170],
    ['what could not be decoded', '\uFFFD', 341],
    ['characters of four bytes', '😀', 256],
    ['what turns a line around', '\u202E', 170],
  ])('and at most 1 KiB stands there: %s', (_, character, count) => {
    const text = quoted(character.repeat(2_000));
    expect(bytesOf(text) - 2).toBeLessThanOrEqual(1_024);
    expect(JSON.parse(text)).toBe(character.repeat(count));
  });
});

it('a text for reading keeps its quotes, and ends in an ellipsis where it was cut', () => {
  expect(shown('say "no"\u200B')).toBe('say "no"\\u200b');
  expect(shown('😀'.repeat(300))).toBe(`${'😀'.repeat(255)}…`);
  expect(shown('x'.repeat(1_024))).toBe('x'.repeat(1_024));
});
