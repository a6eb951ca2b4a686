import { isTypographicQuote, placeOf } from './place.ts';
import type { JsonFault } from './tokens.ts';
import { VALUE_RULES } from './value-hints.ts';
import { viewOf, wantsName } from './view.ts';
import type { Rule } from './view.ts';

const isClosing = (character: string) => character === '}' || character === ']';

const inText: Rule = ({ want, here, text, from }) => {
  if (want !== 'text') return null;
  if (here === '') return `The text that begins at ${placeOf(text, from)} has no closing quote.`;
  if (here === '\n' || here === '\r') return 'Write a line break inside a text as \\n.';
  if (here === '\t') return 'Write a tab inside a text as \\t.';
  return 'Leave it out, or write it as \\u and four hexadecimal digits.';
};

const atTheEnd: Rule = ({ here, text }) => {
  if (here !== '') return null;
  if (text.trim() === '') return 'The body is empty: send a JSON object.';
  return 'The body is cut off, or a quote or bracket is missing.';
};

const inEscape: Rule = ({ want, here }) => {
  if (want === 'hex-digit') return 'Write a backslash itself as two: \\\\.';
  if (want !== 'escape') return null;
  if (here === "'") return 'A single quote needs no backslash.';
  return 'Write a backslash itself as two: \\\\.';
};

const commas: Rule = (view) => {
  const { here, before } = view;
  if (isClosing(here) && before === ',') return 'Remove the comma before it.';
  if ((isClosing(here) || here === ',') && before === ':') {
    return 'The value is missing, as where a field of your tool is empty: write null, or "" for an empty text.';
  }
  if (here === ',' && view.want !== 'colon') return 'There is one comma too many.';
  if (wantsName(view) && before === ',' && /\d/.test(here)) return 'Write a decimal number with a point.';
  return null;
};

const quotes: Rule = (view) => {
  const { here, before, previous, want } = view;
  if (isTypographicQuote(here) || here === '`' || (here === "'" && want !== 'comma-or-end')) {
    return 'Write straight double quotes (").';
  }
  if (want === 'colon' && (here === '=' || here === ',')) return 'Write a colon instead.';
  if (want === 'comma-or-end' && here === ';') return 'Write a comma instead.';
  const isBehindQuote = want === 'colon' ? previous === '"' : want === 'comma-or-end' && before === '"';
  if (isBehindQuote && !isClosing(here)) {
    return here === '"'
      ? 'A comma is missing, or a quote inside a text: write that as \\".'
      : 'Write a quote inside a text as \\".';
  }
  return null;
};

const brackets: Rule = ({ here, want, text, from }) => {
  if (want !== 'comma-or-end') return null;
  if (isClosing(here)) return `The "${text[from] ?? ''}" at ${placeOf(text, from)} is still open.`;
  return here === '"' || here === '{' || here === '[' ? 'A comma is missing.' : null;
};

const rest: Rule = ({ want, here }) => {
  if (want === 'nothing') return 'The body is one JSON value: remove what stands behind it.';
  return /[^\x20-\x7e]/.test(here) && want !== 'hex-digit' ? 'Remove it.' : null;
};

/** The first that knows what was meant says it. */
const RULES: readonly Rule[] = [inText, atTheEnd, inEscape, commas, quotes, ...VALUE_RULES, brackets, rest];

/** What to change so that the text becomes JSON, as far as it can be told from the place; null where it cannot. */
export function hintFor(text: string, fault: JsonFault): string | null {
  const view = viewOf(text, fault);
  for (const rule of RULES) {
    const hint = rule(view);
    if (hint !== null) return hint;
  }
  return null;
}
