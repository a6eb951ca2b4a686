import { describe, expect, it } from 'vitest';
import { wordsOfFault } from '../../../src/domain/json/fault-words.ts';
import { scanJson } from '../../../src/domain/json/scan.ts';

function wordsOf(text: string): string {
  const { fault } = scanJson(text);
  return fault === null ? 'JSON' : wordsOfFault(text, fault);
}

/** What was sent, line and column, what stands there, and the remedy. */
const CASES: Record<string, [string, string, string, string][]> = {
  'in a text': [
    ['{"prompt":"one\ntwo"}', '1, column 15', 'a line break', 'as \\n'],
    ['{"prompt":"one\r\ntwo"}', '1, column 15', 'a line break', 'as \\n'],
    ['{\n  "prompt": "one\ttwo"\n}', '2, column 17', 'a tab', 'as \\t'],
    ['{"prompt":"a \u0000 b"}', '1, column 14', 'a null character', 'Leave it out'],
    ['{"prompt":"a \u001b[31m"}', '1, column 14', 'an invisible character (U+001B)', 'Leave it out'],
    ['{"prompt":"say "hi" now"}', '1, column 17', '"h"', 'quote inside a text as \\"'],
    ['{"prompt":"say ""}', '1, column 17', 'a double quote (")', 'quote inside a text'],
    ['{"prompt":"5" tall", "a":1}', '1, column 15', '"t"', 'quote inside a text as \\"'],
    ['{"pro"mpt":"x"}', '1, column 7', '"m"', 'quote inside a text as \\"'],
    ['{"path":"C:\\Users"}', '1, column 13', '"U"', 'as two: \\\\'],
    ['{"prompt":"it\\\'s"}', '1, column 15', "a single quote (')", 'needs no backslash'],
    ['{"prompt":"\\x41"}', '1, column 13', '"x"', 'as two: \\\\'],
    ['{"prompt":"\\u12g4"}', '1, column 16', '"g"', 'takes four of them'],
    ['{"prompt":"a\\\nb"}', '1, column 14', 'a line break', 'as two: \\\\'],
  ],
  'by quotes of another kind': [
    ["{'model':'x'}", '1, column 2', "a single quote (')", 'straight double quotes'],
    ['{"model":\'x\'}', '1, column 10', "a single quote (')", 'straight double quotes'],
    ['{“model”:“x”}', '1, column 2', 'a typographic quote (“, U+201C)', 'straight double quotes'],
    ['{"model":„x“}', '1, column 10', 'a typographic quote („, U+201E)', 'straight double quotes'],
    ['{"model":«x»}', '1, column 10', 'a typographic quote («, U+00AB)', 'straight double quotes'],
    ['{"model":`x`}', '1, column 10', 'a backtick (`)', 'straight double quotes'],
    ['{model:"x"}', '1, column 2', '"m"', "field's name into double quotes"],
    ['{"model":x}', '1, column 10', '"x"', 'a text into double quotes'],
    ['{"model":{"a":über}}', '1, column 15', '"ü"', 'a text into double quotes'],
  ],
  'by commas and brackets': [
    ['{"a":1,}', '1, column 8', '"}"', 'Remove the comma'],
    ['{"a":[1,2,\n]}', '2, column 1', '"]"', 'Remove the comma'],
    ['{"a":1,,"b":2}', '1, column 8', '","', 'one comma too many'],
    ['[,1]', '1, column 2', '","', 'one comma too many'],
    ['{"a":1 "b":2}', '1, column 8', 'a double quote (")', 'A comma is missing'],
    ['[{} {}]', '1, column 5', '"{"', 'A comma is missing'],
    ['{"a":"x"; "b":1}', '1, column 9', '";"', 'a comma instead'],
    ['{"a"="b"}', '1, column 5', '"="', 'a colon instead'],
    ['{"a", "b"}', '1, column 5', '","', 'a colon instead'],
    ['{"a" 1}', '1, column 6', '"1"', 'a colon is expected'],
    ['{"a":[1}', '1, column 8', '"}"', 'The "[" at line 1, column 6 is still open'],
    ['{"a":1]', '1, column 7', '"]"', 'The "{" at line 1, column 1 is still open'],
    ['{"a":1}}', '1, column 8', '"}"', 'remove what stands behind it'],
    ['{"a":1}{"a":1}', '1, column 8', '"{"', 'remove what stands behind it'],
    ['{"a":}', '1, column 6', '"}"', 'The value is missing'],
    ['{"a":,"b":1}', '1, column 6', '","', 'The value is missing'],
  ],
  'by its end': [
    ['', '1, column 1', 'the end of the body', 'is empty'],
    [' \n ', '2, column 2', 'the end of the body', 'is empty'],
    ['{', '1, column 2', 'the end of the body', 'is cut off'],
    ['{"a":{"b":1}', '1, column 13', 'the end of the body', 'is cut off'],
    ['{"a":"never', '1, column 12', 'the end of the body', 'begins at line 1, column 6 has no closing quote'],
    ['{"a":"x\\', '1, column 9', 'the end of the body', 'is cut off'],
    ['{"a":tru', '1, column 9', 'the end of the body', 'is cut off'],
  ],
  'by words of other languages': [
    ['{"a":NaN}', '1, column 6', '"N"', 'Write null, not NaN'],
    ['{"a":-Infinity}', '1, column 7', '"I"', 'Write null, not Infinity'],
    ['{"a":undefined}', '1, column 6', '"u"', 'Write null, not undefined'],
    ['{"a":nan}', '1, column 7', '"a"', 'Write null, not nan'],
    ['{"a":None}', '1, column 6', '"N"', 'Write null, not None'],
    ['{"a":NULL}', '1, column 6', '"N"', 'Write null, not NULL'],
    ['{"a":True}', '1, column 6', '"T"', 'Write true, not True'],
    ['{"a":FALSE}', '1, column 6', '"F"', 'Write false, not FALSE'],
    ['{"a":yes}', '1, column 6', '"y"', 'Write true, not yes'],
    ['{"a":nul}', '1, column 9', '"}"', 'in full'],
    ['[object Object]', '1, column 2', '"o"', 'turned an object into text'],
    ['{"a":[object Object]}', '1, column 7', '"o"', 'turned an object into text'],
  ],
  'by numbers of another kind': [
    ['{"a":01}', '1, column 7', '"1"', 'no zeros in front'],
    ['{"a":+1}', '1, column 6', '"+"', 'without a plus sign'],
    ['{"a":.5}', '1, column 6', '"."', 'a zero before the point'],
    ['{"a":5.}', '1, column 8', '"}"', 'goes on with a digit'],
    ['{"a":1e}', '1, column 8', '"}"', 'goes on with a digit'],
    ['{"a":- 1}', '1, column 7', 'a space', 'goes on with a digit'],
    ['{"a":1,5}', '1, column 8', '"5"', 'with a point'],
    ['{"a":0x1F}', '1, column 7', '"x"', 'decimal digits'],
    ['{"a":1_000}', '1, column 7', '"_"', 'decimal digits'],
    ['{"a":5s}', '1, column 7', '"s"', 'decimal digits'],
    ['{"a":10n}', '1, column 8', '"n"', 'decimal digits'],
    ['{"a":2026-11-22}', '1, column 10', '"-"', 'decimal digits'],
  ],
  'by places that a tool did not fill in': [
    ['{"a":{{1.prompt}}}', '1, column 7', '"{"', 'placeholder'],
    ['{{$json.body}}', '1, column 2', '"{"', 'placeholder'],
    ['{"a":${prompt}}', '1, column 6', '"$"', 'placeholder'],
    ['{"a":<%= prompt %>}', '1, column 6', '"<"', 'placeholder'],
    ['{"a":{% prompt %}}', '1, column 7', '"%"', 'placeholder'],
    ['{"a":@{body}}', '1, column 6', '"@"', 'placeholder'],
    ['{"a":={{ $json.x }}}', '1, column 6', '"="', 'placeholder'],
    ['{"a":$json.x}', '1, column 6', '"$"', 'placeholder'],
    ['={"a":1}', '1, column 1', '"="', 'equals sign'],
  ],
  'by comments, and by what is another format': [
    ['{"a":1 // one\n}', '1, column 8', '"/"', 'no comments'],
    ['/* x */ {}', '1, column 1', '"/"', 'no comments'],
    ['{"a":1} # x', '1, column 9', '"#"', 'no comments'],
    ['<?xml version="1.0"?>', '1, column 1', '"<"', 'HTML or XML'],
    ['<!DOCTYPE html>', '1, column 1', '"<"', 'HTML or XML'],
    ['model=x&prompt=y', '1, column 1', '"m"', 'looks like a form'],
    ['name=x', '1, column 2', '"a"', 'looks like a form'],
    ['--boundary\r\n', '1, column 2', '"-"', 'multipart'],
    ['%7B%22a%22%3A1%7D', '1, column 1', '"%"', 'encoded as for a URL'],
  ],
  'by what nobody sees': [
    ['{"a":\u00a01}', '1, column 6', 'a no-break space (U+00A0)', 'Remove it'],
    ['{"a":\u200b1}', '1, column 6', 'an invisible character (U+200B)', 'Remove it'],
    ['{"a":1}\u2028', '1, column 8', 'an invisible character (U+2028)', 'remove what stands behind it'],
    ['\ufeff{}', '1, column 1', 'a byte order mark (U+FEFF)', 'Remove it'],
    ['{\u0000"\u0000a', '1, column 2', 'a null character', 'UTF-16'],
    ['[\ud800]', '1, column 2', 'an invisible character (U+D800)', 'Remove it'],
  ],
};

describe.each(Object.entries(CASES))('a body that is no JSON %s', (_, cases) => {
  it.each(cases)(
    '%j is told by its line %s, what stands there, and the remedy',
    (text, place, stands, remedy) => {
      expect(wordsOf(text)).toContain(`The body is not JSON at line ${place}: ${stands} stands where `);
      expect(wordsOf(text)).toContain(remedy);
      expect(wordsOf(text).length).toBeLessThan(300);
    },
  );
});

describe('a column', () => {
  it.each([
    ['counts characters, not bytes', '{"ü":x}', '1, column 6'],
    ['counts a character once that takes two code units', '{"😀😀":x}', '1, column 7'],
    ['begins anew with each line, however lines are broken', '{\n\r\n\r"a":1,\n  b}', '5, column 3'],
  ])('%s', (_, text, place) => {
    expect(wordsOf(text)).toContain(`at line ${place}:`);
  });
});

it('of what was sent, only the character is shown and words that are no secret', () => {
  expect(wordsOf('{"Authorization": Bearer s3cret-token}')).not.toContain('earer');
  expect(wordsOf('{"key": "s3cret-"token"}')).not.toContain('s3cret');
});
