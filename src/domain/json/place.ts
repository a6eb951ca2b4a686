/** Where a character stands: `line 3, column 14`, both from 1. A column is one character, however many bytes it has. */
export function placeOf(text: string, at: number): string {
  const lines = text.slice(0, at).split(/\r\n|\n|\r/);
  // Between the halves of a line break, the line has not ended yet.
  const isInBreak = text[at] === '\n' && text[at - 1] === '\r';
  const line = isInBreak ? lines.length - 1 : lines.length;
  const before = isInBreak ? `${lines.at(-2) ?? ''}\r` : (lines.at(-1) ?? '');
  return `line ${line}, column ${Array.from(before).length + 1}`;
}

const NAMES: Readonly<Record<string, string>> = {
  '\n': 'a line break',
  '\r': 'a line break',
  '\t': 'a tab',
  ' ': 'a space',
  '\u0000': 'a null character',
  '\u00a0': 'a no-break space (U+00A0)',
  '\ufeff': 'a byte order mark (U+FEFF)',
  '"': 'a double quote (")',
  "'": "a single quote (')",
  '`': 'a backtick (`)',
  '\\': 'a backslash (\\)',
};

/** What stands at an index, in words that show it although it may be invisible. */
export function characterAt(text: string, at: number): string {
  const code = text.codePointAt(at);
  if (code === undefined) return 'the end of the body';
  const character = String.fromCodePoint(code);
  const name = NAMES[character];
  if (name !== undefined) return name;
  const point = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  if (isTypographicQuote(character)) return `a typographic quote (${character}, ${point})`;
  if (/[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u.test(character))
    return `an invisible character (${point})`;
  return `"${character}"`;
}

/** Quotes as word processors and chats write them. */
export function isTypographicQuote(character: string): boolean {
  return /^[‘’‚‛“”„‟′″«»‹›＂＇]$/u.test(character);
}
