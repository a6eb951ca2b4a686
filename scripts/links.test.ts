import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from 'vitest';

const documents = globSync('**/*.md', {
  exclude: (path) => /(^|\/)(node_modules|dist|\.[^/]*)$/.test(path),
});

/** The text without its code, in which brackets are no links. */
const proseOf = (path: string) => readFileSync(path, 'utf8').replaceAll(/```[^]*?```/g, '');

/** What GitHub makes of a heading. */
const anchorOf = (heading: string) =>
  heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-');

function anchorsOf(path: string): ReadonlySet<string> {
  const headings = proseOf(path).matchAll(/^#+ (.*)$/gm);
  return new Set(Array.from(headings, ([, heading = '']) => anchorOf(heading)));
}

/** Links within the repository that lead nowhere. */
function broken(path: string): string[] {
  const links = Array.from(proseOf(path).matchAll(/\]\(([^)\s]+)\)/g), ([, link = '']) => link);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : normalize(join(dirname(path), file));
    if (!existsSync(target)) return true;
    return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).has(anchor);
  });
}

it('finds the documents', () => {
  expect(documents).toEqual(expect.arrayContaining(['README.md', join('docs', 'api.md')]));
});

it.each(documents)('%s links to what is there', (path) => {
  expect(broken(path)).toEqual([]);
});
