/** What became of one result file: where it is kept, or why it is not, in words. */
export type Kept = KeptFile | NotKept;

export interface KeptFile {
  /** Its name in the bucket, and the end of its link: `{task}/{n}/{capability}/{name}`. */
  readonly path: string;
  readonly bytes: number;
}

export interface NotKept {
  readonly problem: string;
  /** It was kept, and is not in the bucket any more: what it was, in case it comes back. */
  readonly lost?: KeptFile;
}

/** The types that browsers show and play, without parameters; an SVG is a page that runs scripts. */
const SHOWN_TYPE = /^(?:video|image|audio)\/[a-z0-9][a-z0-9.+-]{0,99}$/;
const BYTES = 'application/octet-stream';

export function isKept(kept: Kept | undefined): kept is KeptFile {
  return kept !== undefined && 'path' in kept;
}

/** The type that a file is stored and served under, by what its source said: whatever could run something is bytes. */
export function safeType(contentType: string | null): string {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return SHOWN_TYPE.test(type) && !/svg|xml|html/.test(type) ? type : BYTES;
}

const MAX_NAME_CHARACTERS = 48;
/** As much of a prompt as its first words need. */
const PROMPT_READ = 200;
/** What stands before the end of a link's path: letters and digits. */
const ENDING = /\.([a-z0-9]{1,5})$/i;
const ENDING_OF_TYPE: ReadonlyMap<string, string> = new Map([
  ['video/mp4', 'mp4'],
  ['video/webm', 'webm'],
  ['video/quicktime', 'mov'],
  ['image/png', 'png'],
  ['image/jpeg', 'jpg'],
  ['image/webp', 'webp'],
  ['image/gif', 'gif'],
  ['audio/mpeg', 'mp3'],
  ['audio/wav', 'wav'],
]);

/** A file's name, for whoever downloads it: the prompt's first words, and an ending. */
export function fileName(prompt: unknown, source: string, type: string): string {
  const ending = ENDING_OF_TYPE.get(type) ?? endingOf(source, type);
  return `${firstWords(typeof prompt === 'string' ? prompt : '')}.${ending}`;
}

function endingOf(source: string, type: string): string {
  const path = URL.canParse(source) ? new URL(source).pathname : '';
  const [, ending] = ENDING.exec(path) ?? [];
  // What was called a video and is none is not to open as one.
  return type === BYTES || ending === undefined ? 'bin' : ending.toLowerCase();
}

/** Letters and digits of whatever script, with hyphens between words; accents of Latin letters are left out. */
function firstWords(prompt: string): string {
  const plain = prompt
    .slice(0, PROMPT_READ)
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC');
  let name = '';
  for (const [word] of plain.toLowerCase().matchAll(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu)) {
    // Some scripts have no spaces between words.
    const longer = name === '' ? Array.from(word).slice(0, MAX_NAME_CHARACTERS).join('') : `${name}-${word}`;
    if (longer.length > 2 * MAX_NAME_CHARACTERS || (name !== '' && longer.length > MAX_NAME_CHARACTERS))
      break;
    name = longer;
  }
  return name === '' ? 'result' : name;
}

/** Where a file is kept; `place` counts from 0, as the links do. */
export function pathOf(task: string, place: number, capability: string, name: string): string {
  return `${task}/${place + 1}/${capability}/${name}`;
}

const OUR_PATH = /^task_[0-9a-z]{26}\/\d+\/[A-Za-z0-9_-]{20,}\/[^/]+$/;

/** R2 refuses names that are longer (https://developers.cloudflare.com/r2/platform/limits/), and ours are far shorter. In UTF-16 units. */
const MAX_PATH = 250;

/** Whether a name in the bucket is one of ours: somebody may keep other things there, and ask for anything. */
export function isKeptPath(path: string): boolean {
  return path.length <= MAX_PATH && OUR_PATH.test(path);
}

/** The task that a file in the bucket belongs to. */
export function taskOfPath(path: string): string {
  return path.split('/', 1)[0] ?? '';
}

/** The link that a kept file is told by. */
export function linkOf(origin: string, { path }: KeptFile): string {
  return `${origin}/files/${path.split('/').map(encodeURIComponent).join('/')}`;
}

/** The links to use: the kept file in the place of each link that has one, whatever upstream's link has become since. */
export function withKeptLinks(
  links: readonly string[],
  kept: readonly Kept[] | null,
  origin: string | null,
): string[] {
  if (kept === null || origin === null) return [...links];
  const places = Array.from({ length: Math.max(links.length, kept.length) }, (_, place) => place);
  return places.flatMap((place) => {
    const file = kept[place];
    return isKept(file) ? linkOf(origin, file) : (links[place] ?? []);
  });
}

/** What the files take together. */
export function bytesOf(kept: readonly Kept[] | null): number {
  return (kept ?? []).reduce((sum, file) => sum + (isKept(file) ? file.bytes : 0), 0);
}

/** Their names in the bucket. */
export function pathsOf(kept: readonly Kept[] | null): string[] {
  return (kept ?? []).filter(isKept).map(({ path }) => path);
}
