/** What the grammar of JSON (RFC 8259) expects between its tokens. */
export type StructureWant =
  | 'value'
  | 'value-or-end'
  | 'name'
  | 'name-or-end'
  | 'colon'
  | 'comma-or-end'
  | 'nothing';

/** What it expects, inside of them too. */
export type Want = StructureWant | 'text' | 'escape' | 'hex-digit' | 'digit' | 'word' | 'less-depth';

/** Where a text stops being JSON. */
export interface JsonFault {
  /** Index of the first character that cannot stand there; the text's length where it ends too early. */
  readonly at: number;
  readonly want: Want;
  /** Index where the text, number, word, object or list began that was being read. */
  readonly from: number;
}

/** Index behind the token, or where it stops being one. */
type Token = number | JsonFault;

const ESCAPES = '"\\/bfnrtu';
const WORDS: Readonly<Record<string, string>> = { t: 'true', f: 'false', n: 'null' };
const LARGEST = String(Number.MAX_SAFE_INTEGER);

/** Reads the text, number or word that begins at an index; null where none of them begins so. */
export function readToken(text: string, from: number): Token | null {
  const first = text[from] ?? '';
  if (first === '"') return readText(text, from);
  if (first === '-' || isDigit(first)) return readNumber(text, from);
  const word = WORDS[first];
  return word === undefined ? null : readWord(text, from, word);
}

/** Reads a text in double quotes, the first of which stands at `from`. */
export function readText(text: string, from: number): Token {
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code < 0x20) return { at, want: 'text', from };
    if (code !== 0x5c) continue;
    at += 1;
    const escape = text[at];
    if (escape === undefined || !ESCAPES.includes(escape)) return { at, want: 'escape', from };
    for (let left = escape === 'u' ? 4 : 0; left > 0; left--) {
      at += 1;
      if (!/^[0-9a-f]$/i.test(text[at] ?? '')) return { at, want: 'hex-digit', from };
    }
  }
  return { at: text.length, want: 'text', from };
}

function readNumber(text: string, from: number): Token {
  let at = text[from] === '-' ? from + 1 : from;
  // Behind a zero in front no digit may follow: the number ends there.
  const whole = text[at] === '0' ? at + 1 : behindDigits(text, at);
  if (whole === at) return { at, want: 'digit', from };
  at = whole;
  if (text[at] === '.') {
    const end = behindDigits(text, at + 1);
    if (end === at + 1) return { at: end, want: 'digit', from };
    at = end;
  }
  if (text[at] === 'e' || text[at] === 'E') {
    const begin = text[at + 1] === '+' || text[at + 1] === '-' ? at + 2 : at + 1;
    at = behindDigits(text, begin);
    if (at === begin) return { at, want: 'digit', from };
  }
  return at;
}

function readWord(text: string, from: number, word: string): Token {
  for (let i = 0; i < word.length; i++) {
    if (text[from + i] !== word[i]) return { at: from + i, want: 'word', from };
  }
  return from + word.length;
}

function behindDigits(text: string, from: number): number {
  let at = from;
  while (isDigit(text[at])) at += 1;
  return at;
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}

/**
 * Whether JavaScript would round this token: a whole number beyond ±(2^53 − 1), written without fraction and exponent. Told by
 * its digits, because as a number it is rounded already; JSON has no zeros in front.
 */
export function isRounded(token: string): boolean {
  if (!/^-?\d+$/.test(token)) return false;
  const digits = token.replace('-', '');
  return digits.length > LARGEST.length || (digits.length === LARGEST.length && digits > LARGEST);
}
