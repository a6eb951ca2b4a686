/** Of what a peer says the attempt log keeps no more than this, in UTF-8, as it stands there. */
export const MAX_SHOWN_BYTES = 1_024;

/** What nobody sees, or what makes the rest of a line run the other way: controls, formats, separators of lines. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const CUT = '…';

/** A peer's text between quotation marks, as JSON writes it: at most 1 KiB between them, never half a character. */
export function quoted(text: string): string {
  return `"${bounded(text, (character) => visible(JSON.stringify(character).slice(1, -1)), MAX_SHOWN_BYTES).text}"`;
}

/** A peer's text with what is invisible in it spelled out: at most 1 KiB, an ellipsis where it was cut. */
export function shown(text: string, maxBytes = MAX_SHOWN_BYTES): string {
  const whole = bounded(text, visible, maxBytes);
  if (!whole.isCut) return whole.text;
  return bounded(text, visible, maxBytes - byteLength(CUT)).text + CUT;
}

/** The character, or its `\uXXXX` where nobody could see it. */
function visible(character: string): string {
  if (!INVISIBLE.test(character)) return character;
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

function bounded(
  text: string,
  spell: (character: string) => string,
  maxBytes: number,
): { text: string; isCut: boolean } {
  let out = '';
  let left = maxBytes;
  for (const character of text) {
    const spelled = spell(character);
    left -= byteLength(spelled);
    if (left < 0) return { text: out, isCut: true };
    out += spelled;
  }
  return { text: out, isCut: false };
}

/** In UTF-8. */
function byteLength(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
  }
  return bytes;
}
