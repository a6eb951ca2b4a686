import { wantsName, wantsValue } from './view.ts';
import type { Rule } from './view.ts';

/** Ways in which tools write a place for a value. Each may stand one character before the fault: `{{` is two braces. */
const PLACEHOLDERS = ['{{', '{%', '{$', '${', '#{', '%{', '@{', '<%', '<<', '={{', '$json', '$('] as const;

/** What other languages write for values that JSON has, or has not. */
const FOREIGN: Readonly<Record<string, string>> = {
  nan: 'null',
  infinity: 'null',
  undefined: 'null',
  none: 'null',
  nil: 'null',
  null: 'null',
  true: 'true',
  yes: 'true',
  on: 'true',
  false: 'false',
  no: 'false',
  off: 'false',
};

const MAX_WORD = 60;

const placeholder: Rule = ({ text, at, want }) => {
  if (want === 'nothing') return null;
  const isOne = [at, at - 1].some((begin) => PLACEHOLDERS.some((mark) => text.startsWith(mark, begin)));
  return isOne ? 'This looks like a placeholder that your tool did not fill in.' : null;
};

const comment: Rule = ({ rest }) =>
  /^(\/[/*]|#|<!--)/.test(rest) ? 'JSON has no comments: remove it.' : null;

const otherFormat: Rule = ({ text, at, from, want, rest }) => {
  if (/^<[a-z!?]/i.test(rest)) return 'This looks like HTML or XML.';
  const isFirst = at === 0 || (from === 0 && (want === 'word' || want === 'digit'));
  if (isFirst && /^%(7b|5b|22)/i.test(text)) return 'The body is encoded as for a URL: send it as it is.';
  if (isFirst && /^[\w.[\]-]+=/.test(text)) return 'This looks like a form: send JSON.';
  if (isFirst && text.startsWith('--')) return 'This looks like a multipart form: send JSON.';
  if (isFirst && text.startsWith('='))
    return 'Leave the equals sign out: it marks an expression in your tool alone.';
  return text[at] === '\u0000' ? 'The body looks like UTF-16: send it as UTF-8.' : null;
};

const foreignWord: Rule = (view) => {
  const { text, at, from, want, rest, previous } = view;
  const begin = want === 'word' ? from : at;
  const [word] = /^[\p{L}_$][\p{L}\w$]*/u.exec(text.slice(begin, begin + MAX_WORD)) ?? [];
  if (word === undefined || !(wantsValue(view) || wantsName(view) || want === 'word' || want === 'digit'))
    return null;
  if (previous === '[' && rest.startsWith('object '))
    return 'Your tool turned an object into text: send it as JSON.';
  const instead = FOREIGN[word.toLowerCase()];
  if (instead !== undefined && !wantsName(view)) return `Write ${instead}, not ${word}.`;
  if (wantsName(view)) return "Put the field's name into double quotes.";
  return want === 'word'
    ? 'Write the word in full, or put a text into double quotes.'
    : 'Put a text into double quotes.';
};

const numbers: Rule = ({ here, previous, want }) => {
  if (want === 'digit') return 'Behind a sign, a point or an "e" a number goes on with a digit.';
  if (here === '+') return 'Write a number without a plus sign.';
  if (here === '.' && !/\d/.test(previous)) return 'Write a zero before the point.';
  if (previous !== '0' && !/\d/.test(previous)) return null;
  if (previous === '0' && /\d/.test(here))
    return 'A number has no zeros in front: put it into double quotes if they count.';
  if (/[\w:.%€$-]/.test(here))
    return 'A number is written in decimal digits alone; put anything else into double quotes.';
  return null;
};

/** Rules about values that are none of JSON, the surest first. */
export const VALUE_RULES: readonly Rule[] = [placeholder, comment, otherFormat, foreignWord, numbers];
