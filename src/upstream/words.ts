/** Where an object says in words what it is about, the best first. */
const MESSAGE_FIELDS = [
  'message',
  'msg',
  'failMsg',
  'fail_msg',
  'failReason',
  'errorMessage',
  'error_message',
  'errorMsg',
  'reason',
  'detail',
  'details',
  'description',
  'error',
  'errors',
  'text',
];
const CODE_FIELDS = ['code', 'failCode', 'errorCode', 'error_code', 'type', 'status'];
/** Texts that a program writes where it has nothing to say. */
const NOTHING = /^(?:|null|undefined|none|nil|\[object object\])$/i;
const MAX_DEPTH = 4;

/**
 * What a value says in words: a text as it is, an object by its message, what has none as JSON. Null where it says nothing: an
 * empty text, an empty list, false.
 */
export function wordsOf(value: unknown): string | null {
  return saidIn(value, MESSAGE_FIELDS) ?? asJson(value);
}

/** The message within an object, or in the JSON of a text; null where there is none. A text that is no JSON is its own. */
export function messageIn(value: unknown): string | null {
  const document = parsed(value);
  const isBroken = typeof document === 'string' && /^\s*["[{<]/.test(document);
  return typeof document === 'number' || isBroken ? null : saidIn(document, MESSAGE_FIELDS);
}

/** A code as text, that of an object by its own code; null where there is none. */
export function codeOf(value: unknown): string | null {
  return saidIn(value, CODE_FIELDS) ?? wordsOf(value);
}

/** The first of these fields of a record that says anything. */
export function firstSaid(
  record: Readonly<Record<string, unknown>>,
  names: readonly string[],
  say: (value: unknown) => string | null,
): string | null {
  for (const name of names) {
    const said = say(record[name]);
    if (said !== null) return said;
  }
  return null;
}

/** Whole characters of a text, at most so many. */
export function shortened(text: string, length: number): string {
  return text.slice(0, length).toWellFormed();
}

function saidIn(value: unknown, names: readonly string[], depth = 0): string | null {
  if (typeof value === 'string') return NOTHING.test(value.trim()) ? null : value.trim();
  if (typeof value === 'number') return String(value);
  if (value === true) return 'true';
  if (typeof value !== 'object' || value === null || depth >= MAX_DEPTH) return null;
  if (Array.isArray(value)) {
    const said = value.slice(0, 100).flatMap((each) => saidIn(each, names, depth + 1) ?? []);
    return said.length > 0 ? said.join('; ') : null;
  }
  const fields = new Map<string, unknown>(Object.entries(value));
  for (const name of names) {
    const said = saidIn(fields.get(name), names, depth + 1);
    if (said !== null) return said;
  }
  return null;
}

/** What has fields, but no words that we know of. */
function asJson(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return null;
  try {
    return JSON.stringify(value);
  } catch {
    // Nested deeper than the stack is.
    return null;
  }
}

function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
