/** Services that show a file on a page of theirs: what such an address is good for, and what to use instead. */
const PAGES: readonly {
  readonly fits: (url: URL) => boolean;
  readonly words: string | ((url: URL) => string);
}[] = [
  {
    fits: ({ hostname, pathname }) =>
      hostname === 'drive.google.com' && /^\/(file\/d\/|open\b|drive\/)/.test(pathname),
    words: (url) =>
      `This is a page of Google Drive, not the file. Share it with everybody, and use https://drive.google.com/uc?export=download&id=${driveId(url)}`,
  },
  {
    fits: ({ hostname }) => /^(docs|photos)\.google\.com$|^photos\.app\.goo\.gl$/.test(hostname),
    words: 'This is a page of Google, not a file. Put the file where its own address can be had.',
  },
  {
    fits: ({ hostname, searchParams }) =>
      /^(www\.)?dropbox\.com$/.test(hostname) &&
      searchParams.get('raw') !== '1' &&
      searchParams.get('dl') !== '1',
    words: (url) => `This is a page of Dropbox, not the file. Use ${rawOf(url)}`,
  },
  {
    fits: ({ hostname, pathname }) => hostname === 'github.com' && /^\/[^/]+\/[^/]+\/blob\//.test(pathname),
    words: 'This is a page of GitHub, not the file. Use the address behind its button Raw.',
  },
  {
    fits: ({ hostname }) =>
      /(^|\.)(1drv\.ms|onedrive\.live\.com|sharepoint\.com|wetransfer\.com|we\.tl|icloud\.com|youtube\.com|youtu\.be)$/.test(
        hostname,
      ),
    words: 'This is a page that shows the file, not the file. Put the file where its own address can be had.',
  },
];

/** What is wrong with a link that opens a viewer instead of a file, and what to use; null where nothing is known of it. */
export function problemOfViewerPage(link: string): string | null {
  if (!URL.canParse(link)) return null;
  const url = new URL(link);
  const words = PAGES.find(({ fits }) => fits(url))?.words ?? null;
  return typeof words === 'function' ? words(url) : words;
}

function driveId({ pathname, searchParams }: URL): string {
  return /^\/file\/d\/([\w-]+)/.exec(pathname)?.[1] ?? searchParams.get('id') ?? '… with the id of the file';
}

function rawOf(url: URL): string {
  const raw = new URL(url);
  raw.searchParams.delete('dl');
  raw.searchParams.set('raw', '1');
  return raw.href;
}
