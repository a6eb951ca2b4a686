/** A text with its spellings undone, and where each of its characters came from. */
export interface View {
  readonly text: string;
  /** Where the character at `i` of `text` begins in what was read; for `text.length`, where that ends. */
  readonly startOf: (i: number) => number;
}

/** In a URL, in JSON or a script, in HTML: the ways in which one ASCII character is written by several. */
const SPELLING =
  /%([0-9a-f]{2})|\\u([0-9a-f]{4})|\\x([0-9a-f]{2})|\\(["'\\/bfnrt])|&#(\d{1,7});|&#x([0-9a-f]{1,6});|&(quot|amp|lt|gt|apos);/gi;
const ESCAPED: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
const ENTITIES: Readonly<Record<string, string>> = { quot: '"', amp: '&', lt: '<', gt: '>', apos: "'" };
const LAST_CODE_POINT = 0x10_ffff;

/** JSON in JSON in a URL is what servers were seen to answer; deeper nesting hides nothing that anybody can read. */
const MAX_DEPTH = 3;

/** The text as it stands, and as it reads with its spellings undone once, twice and so on, until none is left. */
export function viewsOf(text: string): View[] {
  const views: View[] = [{ text, startOf: (i) => i }];
  for (let view = views[0]; view !== undefined && views.length <= MAX_DEPTH; view = views.at(-1)) {
    const undone = undo(view);
    if (undone === null) break;
    views.push(undone);
  }
  return views;
}

/** One layer of spellings less, or null where there is none. */
function undo({ text, startOf }: View): View | null {
  let out = '';
  let from = 0;
  /** Behind each spelling: where it is in the new text, and how many characters of the old one are gone by then. */
  const shifts: { readonly at: number; readonly gone: number }[] = [];
  for (const match of text.matchAll(SPELLING)) {
    out += text.slice(from, match.index) + charOf(match);
    from = match.index + match[0].length;
    shifts.push({ at: out.length, gone: from - out.length });
  }
  if (shifts.length === 0) return null;
  out += text.slice(from);
  return { text: out, startOf: (i) => startOf(i + (shifts.findLast(({ at }) => at <= i)?.gone ?? 0)) };
}

function charOf([, percent, unicode, hex, escaped, decimal, entityHex, name]: RegExpMatchArray): string {
  const byNumber = percent ?? unicode ?? hex ?? entityHex;
  if (byNumber !== undefined) return fromCode(Number.parseInt(byNumber, 16));
  if (decimal !== undefined) return fromCode(Number(decimal));
  if (escaped !== undefined) return ESCAPED[escaped.toLowerCase()] ?? escaped;
  return ENTITIES[name?.toLowerCase() ?? ''] ?? '';
}

/** What is no character at all counts as one that no secret has. */
function fromCode(code: number): string {
  return code > LAST_CODE_POINT ? '\uFFFD' : String.fromCodePoint(code);
}
