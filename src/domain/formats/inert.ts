/**
 * Text that strangers wrote, so that a chat shows it and does nothing by it. Where a chat knows no escapes, characters that look
 * alike stand in: of markup, of mentions, and of what makes a link by itself.
 */
const LOOKALIKES: Readonly<Record<string, string>> = {
  '*': '∗',
  _: 'ˍ',
  '~': '∼',
  '`': 'ˋ',
  '@': '＠',
  '#': '＃',
};

/** An underscore within a word, as ids have it, is no markup. */
const MARKUP = /[*~`@#]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;

/** A colon or a dot within a word: of `https://`, `:emoji:`, `example.com`. */
const IN_WORD = /([:.])(?=[^\s:.])/gu;

/** Nothing in it is a link, an address or an emoji any more. */
export function unlinked(text: string): string {
  return text.replaceAll(IN_WORD, (character) => (character === ':' ? '꞉' : '․'));
}

/** Nothing in it is markup or a mention, nor a link. */
export function inert(text: string): string {
  return unlinked(text).replaceAll(MARKUP, (character) => LOOKALIKES[character] ?? character);
}
