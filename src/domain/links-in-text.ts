import { MEDIA_ENDING } from './link-kind.ts';

const HTTP = /https?:\/\//gi;
/** What may stand before a link that begins anew: a separator, or what a link is wrapped in. */
const BEFORE = /[\s,;|"'`<([\u200b-\u200d\u2060]/;
/** What is cut off at the end of a link: separators, and what it is wrapped in. */
const BEHIND = /[\s,;|"'`<>\u200b-\u200d\u2060]/;
/** In a text that was to be JSON: cut off, or with quotes of another language. */
const QUOTED = /(["'])(https?:\/\/[^"'\s]+)\1/gi;
const NAMES_AN_ECHO = /["'](?:input|param)["']\s*:/;
/** A link in running text ends where these stand. */
const NOT_IN_LINK = /["'<>\r\n\t]/;

/** What a text that is no JSON holds. */
export interface TextLinks {
  readonly links: readonly string[];
  /** What is no link by itself, but may hold one among its words. */
  readonly prose: readonly string[];
}

/**
 * The links that a text consists of: one, or several with line breaks, commas or blanks between them. A link may have a
 * comma of its own, so a new one begins only where `http` does.
 */
export function linksInText(text: string): TextLinks {
  const starts = startsIn(text);
  const [first] = starts;
  if (first === undefined) return { links: [], prose: [] };
  if (/^[[{]/.test(text.trimStart())) {
    // What was asked for cannot be told from what was made in a text that is not parsed.
    return NAMES_AN_ECHO.test(text) ? { links: [], prose: [] } : { links: quotedLinks(text), prose: [text] };
  }
  if (hasWordsBefore(text, first)) return { links: [], prose: [text] };
  const pieces = starts.map((start, index) => {
    const piece = trimmed(text.slice(start, starts[index + 1]));
    // A link may end with a bracket of its own.
    return text.charAt(start - 1) === '(' && piece.endsWith(')') ? piece.slice(0, -1) : piece;
  });
  return { links: pieces.filter(isLink), prose: pieces.filter((piece) => !isLink(piece)) };
}

/**
 * Links to media files among other words, and those with a blank in the file's name: for a result that has no other link. A
 * link without such an ending may as well lead to a page of help.
 */
export function mediaLinksInProse(text: string): string[] {
  const starts = startsIn(text, () => true);
  return starts.flatMap((start, index) => {
    const rest = text.slice(start, starts[index + 1]);
    const ending = MEDIA_ENDING.exec(rest);
    if (ending === null) return [];
    const end = ending.index + ending[0].length;
    const [query = ''] = /^[?#][^\s"'<>)]*/.exec(rest.slice(end)) ?? [];
    const path = rest.slice(0, end);
    const link = `${path.replaceAll(' ', '%20')}${query}`;
    return !NOT_IN_LINK.test(path) && isLink(link) ? [link] : [];
  });
}

/** An absolute http(s) URL, without white space. */
function isLink(text: string): boolean {
  return /^https?:\/\/\S+$/i.test(text) && URL.canParse(text);
}

/** Where links begin. By a look at each `http`, and not by a pattern over what is between: that would be slow on purpose. */
function startsIn(text: string, mayBegin: (before: string) => boolean = (c) => BEFORE.test(c)): number[] {
  return Array.from(text.matchAll(HTTP), ({ index }) => index).filter(
    (index) => index === 0 || mayBegin(text.charAt(index - 1)),
  );
}

function hasWordsBefore(text: string, end: number): boolean {
  for (let index = 0; index < end; index++) if (!BEFORE.test(text.charAt(index))) return true;
  return false;
}

function quotedLinks(text: string): string[] {
  return Array.from(text.matchAll(QUOTED), ([, , url = '']) => url).filter(isLink);
}

function trimmed(piece: string): string {
  let end = piece.length;
  while (end > 0 && BEHIND.test(piece.charAt(end - 1))) end--;
  return piece.slice(0, end);
}
