import { hintFor } from './hints.ts';
import { characterAt, placeOf } from './place.ts';
import type { JsonFault, Want } from './tokens.ts';

const WANTED: Readonly<Record<Exclude<Want, 'comma-or-end' | 'less-depth'>, string>> = {
  value: 'a value is expected',
  'value-or-end': 'a value or "]" is expected',
  name: "a field's name in double quotes is expected",
  'name-or-end': 'a field\'s name in double quotes or "}" is expected',
  colon: "a colon is expected behind the field's name",
  nothing: 'the body should end',
  text: 'a text goes on',
  escape: 'one of " \\ / b f n r t u is expected behind a backslash',
  'hex-digit': 'a hexadecimal digit is expected: \\u takes four of them',
  digit: 'a digit is expected',
  word: 'true, false or null is expected',
};

/**
 * Says where a text stops being JSON, what stands there, what is expected instead, and what to do about it. Of the text it
 * shows the one character, and words that are no secret, such as NaN.
 */
export function wordsOfFault(text: string, fault: JsonFault): string {
  const where = `The body is not JSON at ${placeOf(text, fault.at)}`;
  if (fault.want === 'less-depth') return `${where}: objects and lists are nested too deep there.`;
  const hint = hintFor(text, fault);
  const sentence = `${where}: ${characterAt(text, fault.at)} stands where ${wanted(text, fault)}.`;
  return hint === null ? sentence : `${sentence} ${hint}`;
}

function wanted(text: string, { want, from }: JsonFault): string {
  if (want === 'comma-or-end') return `a comma or "${text[from] === '{' ? '}' : ']'}" is expected`;
  return want === 'less-depth' ? 'less depth is expected' : WANTED[want];
}
