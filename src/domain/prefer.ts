/** One preference of RFC 7240, section 2: a name, perhaps a value (a token or a quoted string), perhaps parameters. */
const PREFERENCE = /^\s*([\w!#$%&'*+.^`|~-]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s";,]*)\s*)?(?:;.*)?$/;

/** Commas separate preferences, but not inside a quoted string; one that is never closed reaches to the end. */
const LIST_ITEM = /(?:[^,"]|"(?:[^"\\]|\\.)*(?:"|$))+/g;

/**
 * How many whole seconds (≥ 0) the caller would wait, from `Prefer: respond-async, wait=10` (RFC 7240, section 4.3).
 * Names are case-insensitive, a value may be quoted, and the first `wait` wins. Null where it is absent or no whole number:
 * a preference that cannot be followed is ignored, never an error.
 */
export function parseWaitPreference(header: string | undefined | null): number | null {
  const value = preferenceOf(header, 'wait');
  return value === null ? null : wholeSeconds(value);
}

/**
 * Whether the caller, which would follow a `Location` by itself, wants none: `Prefer: respond-async=no-location`. RFC 7240,
 * section 4.1 knows `respond-async` without a value; this value is ours.
 */
export function wantsNoLocation(header: string | undefined | null): boolean {
  return preferenceOf(header, 'respond-async')?.toLowerCase() === 'no-location';
}

/** The value of the first preference of this name; null where there is none. */
function preferenceOf(header: string | undefined | null, wanted: string): string | null {
  for (const item of header?.match(LIST_ITEM) ?? []) {
    const [, name, value = ''] = PREFERENCE.exec(item) ?? [];
    if (name?.toLowerCase() === wanted) return value.replace(/^"(.*)"$/, '$1');
  }
  return null;
}

function wholeSeconds(value: string): number | null {
  // Clamped so that a number of many digits stays a number: the caller of this function has its own, lower limit.
  return /^\d+$/.test(value) ? Math.min(Number(value), Number.MAX_SAFE_INTEGER) : null;
}
