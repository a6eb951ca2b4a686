import { expect, it } from 'vitest';

import { resultUrls } from '../../src/domain/result-urls.ts';

const A = 'https://cdn.example.com/result-1.mp4?sig=a%2Fb';
const B = 'http://cdn.example.com/result-2.mp4';

it.each([
  ['what upstream documents', JSON.stringify({ resultUrls: [A, B] }), [A, B]],
  ['what upstream documents, before anything else', JSON.stringify({ cover: B, resultUrls: [A] }), [A]],
  ['no URLs', JSON.stringify({ resultUrls: [], cover: A }), []],
  ['a single URL in place of the list', JSON.stringify({ resultUrls: A }), [A]],
  ['an unknown document', JSON.stringify({ data: { videos: [{ url: A }, { url: B }] }, n: 1 }), [A, B]],
  ['a list', JSON.stringify([A, null, 5, true, B]), [A, B]],
  ['a URL as JSON', JSON.stringify(A), [A]],
  ['a bare URL', A, [A]],
  ['URLs among other texts', JSON.stringify({ id: 'x', note: `see ${A}`, url: A }), [A]],
  ['other schemes', JSON.stringify({ resultUrls: ['ftp://a/b', 'javascript:alert(1)', 'data:,x'] }), []],
  ['nothing', null, []],
  ['an empty text', '', []],
  ['broken JSON', '{"resultUrls":["https://cdn', []],
  ['JSON null', 'null', []],
])('a result with %s', (_, resultJson, urls) => {
  expect(resultUrls(resultJson)).toEqual(urls);
});

it('a hostile result costs no more than an honest one', () => {
  const deep = `${'['.repeat(5_000)}"${A}"${']'.repeat(5_000)}`;
  expect(resultUrls(deep)).toEqual([A]);
  const wide = JSON.stringify(Array.from({ length: 50_000 }, (_, i) => `https://a.example/${i}`));
  expect(resultUrls(wide)).toHaveLength(1_000);
  const long = JSON.stringify(Array.from({ length: 100 }, (_, i) => `${A}?${i}=${'x'.repeat(3_000)}`));
  expect(resultUrls(long).join('').length).toBeLessThanOrEqual(30_000);
  expect(resultUrls(JSON.stringify({ resultUrls: [`https://a.example/${'x'.repeat(5_000)}`] }))).toEqual([]);
});
