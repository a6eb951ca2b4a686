import { kindOfName, kindOfUrl } from './link-kind.ts';
import type { LinkKind } from './link-kind.ts';
import { linksInText, mediaLinksInProse } from './links-in-text.ts';
import type { Media } from './models/model.ts';

/** What was asked for is no result, although it has links: a result may repeat it. */
const ECHOES: ReadonlySet<string> = new Set(['input', 'param']);
/** The field that upstream documents. */
const DOCUMENTED = 'resultUrls';
/** Fields that say what the links beside them lead to. */
const TYPE_FIELDS = ['type', 'mime_type', 'mimeType', 'content_type', 'contentType', 'media_type', 'kind'];

/** A link, with what its place in the document tells of it. */
interface Link {
  readonly url: string;
  readonly kind: LinkKind | null;
  readonly isDocumented: boolean;
}

/** Where a value stands. */
interface Place {
  readonly hint: LinkKind | null;
  readonly isDocumented: boolean;
}

/**
 * The result's links, each once, in the order of the document. Upstream documents `{"resultUrls": [...]}` as what a result
 * "usually" is; sister services send the list as a text, the whole encoded twice, one link, or other names. The links are
 * those of `resultUrls`, else all outside of `input` and `param`. Of a video model the videos come first, and pictures (its
 * first frame, its cover) only where there is nothing else. Never throws.
 *
 * @param result upstream's `resultJson`: its text, or a document.
 * @param media what the task's model makes, if known.
 */
export function resultUrls(result: unknown, media: Media | null = null): string[] {
  const links = linksOf(result);
  const documented = links.filter(({ isDocumented }) => isDocumented);
  const chosen = media === 'video' ? ofVideo(documented, links) : documented.length > 0 ? documented : links;
  return Array.from(new Set(chosen.map(({ url }) => url)));
}

function ofVideo(documented: readonly Link[], all: readonly Link[]): readonly Link[] {
  const hasPictures = documented.some(isPicture);
  if (documented.length > 0 && !hasPictures) return documented;
  if (documented.some((link) => !isPicture(link))) return videosFirst(documented);
  if (documented.length > 0 && !all.some(isVideo)) return documented;
  const others = videosFirst(all);
  return others.length > 0 ? others : all;
}

function videosFirst(links: readonly Link[]): Link[] {
  const rest = links.filter((link) => !isVideo(link) && !isPicture(link));
  return [...links.filter(isVideo), ...rest];
}

const isVideo = ({ kind }: Link): boolean => kind === 'video';
const isPicture = ({ kind }: Link): boolean => kind === 'picture';

/** All links of a document; those among words only where there is no other. */
function linksOf(result: unknown): Link[] {
  const found: Link[] = [];
  const prose: [string, Place][] = [];
  for (const [text, place] of textsOf(result)) {
    const inText = linksInText(text);
    found.push(...inText.links.map((url) => linkAt(url, place)));
    for (const words of inText.prose) prose.push([words, place]);
  }
  if (found.length > 0) return found;
  return prose.flatMap(([words, place]) => mediaLinksInProse(words).map((url) => linkAt(url, place)));
}

function linkAt(url: string, { hint, isDocumented }: Place): Link {
  return { url, kind: kindOfUrl(url) ?? hint, isDocumented };
}

/** An open list or object, and how far it was read. */
interface Frame {
  readonly values: readonly unknown[];
  readonly places: (index: number) => Place | null;
  next: number;
}

/**
 * The texts of a document that are no JSON themselves, in order, with their places. JSON in a text is read as if it stood
 * there. Without recursion, so that no depth of nesting can exhaust the stack.
 */
function* textsOf(root: unknown): Generator<[string, Place]> {
  const open: Frame[] = [frameOf([root], () => ({ hint: null, isDocumented: false }))];
  for (let frame = open.at(-1); frame !== undefined; frame = open.at(-1)) {
    if (frame.next >= frame.values.length) {
      open.pop();
      continue;
    }
    const index = frame.next++;
    const place = frame.places(index);
    if (place === null) continue;
    const value = decoded(frame.values[index]);
    if (typeof value === 'string') yield [value, place];
    else if (Array.isArray(value)) open.push(frameOf(value, () => place));
    else if (typeof value === 'object' && value !== null) open.push(objectFrame(value, place));
  }
}

function frameOf(values: readonly unknown[], places: Frame['places']): Frame {
  return { values, places, next: 0 };
}

function objectFrame(value: object, { hint, isDocumented }: Place): Frame {
  const fields = new Map<string, unknown>(Object.entries(value));
  const typed = TYPE_FIELDS.map((name) => fields.get(name)).find((type) => typeof type === 'string');
  const here = (typeof typed === 'string' ? kindOfName(typed) : null) ?? hint;
  const names = [...fields.keys()];
  return frameOf([...fields.values()], (index) => {
    const name = names[index] ?? '';
    if (ECHOES.has(name)) return null;
    return { hint: kindOfName(name) ?? here, isDocumented: isDocumented || name === DOCUMENTED };
  });
}

/** What a text stands for that is JSON, however often it was encoded. */
function decoded(value: unknown): unknown {
  let current = value;
  while (typeof current === 'string' && /^\s*["[{]/.test(current)) {
    try {
      current = JSON.parse(current);
    } catch {
      return current;
    }
  }
  return current;
}
