/**
 * Secrets that anybody could guess, whatever their length: refused before they protect anything. What is random does not look
 * like this: of 24 random digits, the worst that passes for a token, one set in 60,000 has so few different ones.
 */

const MIN_DISTINCT = 6;
/** A part that comes three times or more. */
const MIN_REPEATS = 3;
/** What placeholders are written as, here and elsewhere; compared without case and signs. */
const PLACEHOLDERS =
  /^(admin|master|secret|your|my|the|please|token|key)*(change|replace)(me|this|it)|^your(admin|master)(token|key)|(admin|master)(token|key)(goes)?here$|^(placeholder|insert(your|here))/;

/** Why a text is no secret, after the variable's name; null where nothing is wrong with it. */
export function weaknessOfText(text: string): string | null {
  const bare = text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return PLACEHOLDERS.test(bare) ? 'is a placeholder, which anybody knows' : weaknessOf(codesOf(text));
}

/** The same of the bytes of a key: of what they are, and of what they say where they are text. */
export function weaknessOfBytes(bytes: Uint8Array): string | null {
  const text = String.fromCharCode(...bytes);
  return /^[ -~]+$/.test(text) ? weaknessOfText(text) : weaknessOf(Array.from(bytes));
}

function codesOf(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) ?? 0);
}

function weaknessOf(codes: readonly number[]): string | null {
  const distinct = new Set(codes).size;
  if (distinct <= 1) return 'is one character again and again';
  if (repeats(codes)) return 'is a short text again and again';
  return distinct < MIN_DISTINCT ? 'has too few different characters' : null;
}

function repeats(codes: readonly number[]): boolean {
  const longest = Math.floor(codes.length / MIN_REPEATS);
  for (let length = 1; length <= longest; length++) {
    if (codes.every((code, i) => i < length || code === codes[i - length])) return true;
  }
  return false;
}
