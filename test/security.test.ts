import { expect, it } from 'vitest';
import threatModel from '../docs/security.md?raw';

const sources = import.meta.glob<string>('./**/*.test.ts', { query: '?raw', import: 'default', eager: true });

/** Each `file` "words" of the document: a test file, and words that stand in the name of a test there. */
const named = Array.from(
  threatModel.matchAll(/`((?:[\w-]+\/)*[\w-]+\.test\.ts)` "([^"]+)"/g),
  ([, file = '', words = '']) => [file, words],
);

/** As the name is shown: quotes as they are typed. */
const plain = (text = '') => text.replaceAll(/\\(['"])/g, '$1').replaceAll('’', "'");

it('names a test for each line of the threat model', () => {
  const rows = threatModel
    .split('\n')
    .filter((line) => line.startsWith('| ') && line.split(' | ').length === 3);
  const claims = rows.filter((line) => !/^\| (what they try|---)/.test(line));
  expect(claims.length).toBeGreaterThan(30);
  expect(claims.filter((line) => !/\.test\.ts` "/.test(line))).toEqual([]);
});

it.each(named)('%s has: %s', (file, words) => {
  expect(plain(sources[`./${file}`])).toContain(words);
});
