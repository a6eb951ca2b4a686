import { describe, expect, it } from 'vitest';

import { resultUrls } from '../../src/domain/result-urls.ts';

const A = 'https://cdn.example.com/result-1.mp4?sig=a%2Fb';
const B = 'http://cdn.example.com/result-2.mp4';

it.each([
  ['what upstream documents', JSON.stringify({ resultUrls: [A, B] }), [A, B]],
  ['what upstream documents, before anything else', JSON.stringify({ cover: B, resultUrls: [A] }), [A]],
  ['an empty list, and another name', JSON.stringify({ resultUrls: [], videoUrl: A }), [A]],
  ['a single URL in place of the list', JSON.stringify({ resultUrls: A }), [A]],
  ['an unknown document', JSON.stringify({ data: { videos: [{ url: A }, { url: B }] }, n: 1 }), [A, B]],
  ['a list', JSON.stringify([A, null, 5, true, B]), [A, B]],
  ['a URL as JSON', JSON.stringify(A), [A]],
  ['a bare URL', A, [A]],
  ['URLs among other texts', JSON.stringify({ id: 'x', note: `see ${A}`, url: A }), [A]],
  ['other schemes', JSON.stringify({ resultUrls: ['ftp://a/b', 'javascript:alert(1)', 'data:,x'] }), []],
  ['nothing', null, []],
  ['an empty text', '', []],
  ['the same link twice', JSON.stringify({ resultUrls: [A, A, B, A] }), [A, B]],
  ['broken JSON', '{"resultUrls":["https://cdn', []],
  ['JSON null', 'null', []],
])('a result with %s', (_, resultJson, urls) => {
  expect(resultUrls(resultJson)).toEqual(urls);
});

/** The kinds of shapes that sister services, gateways and libraries in other languages were seen to send. */
describe('a result is read in any shape:', () => {
  const urls = [A, B];
  const list = JSON.stringify(urls);
  const TEXTS: [string, string][] = [
    ['line breaks', `${A}\n${B}`],
    ['line breaks of Windows, and one at the end', `${A}\r\n${B}\r\n`],
    ['commas', `${A},${B}`],
    ['commas and blanks', `${A} , ${B}`],
    ['a comma at the end', `${A}, ${B},`],
    ['blanks', `${A} ${B}`],
    ['semicolons', `${A};${B}`],
    ['bars', `${A}|${B}`],
    ['a list in the text', list],
    ['a list in a text in the text', JSON.stringify(list)],
    ['a list as Python writes it', `['${A}', '${B}']`],
    ['white space around', `  \t${A}\n\n ${B}  `],
    ['invisible characters around', `\ufeff${A}\u200b\n\u2060${B}\u200b`],
    ['angle brackets', `<${A}>, <${B}>`],
    ['quotes', `"${A}","${B}"`],
  ];

  it.each(TEXTS)('several links in one text, separated by %s', (_, text) => {
    expect(resultUrls(text)).toEqual(urls);
    expect(resultUrls(JSON.stringify({ resultUrls: text }))).toEqual(urls);
    expect(resultUrls(JSON.stringify({ resultUrls: [text] }))).toEqual(urls);
    expect(resultUrls(JSON.stringify({ output: text }))).toEqual(urls);
  });

  it.each([
    ['encoded twice', JSON.stringify(JSON.stringify({ resultUrls: urls }))],
    ['encoded three times', JSON.stringify(JSON.stringify(JSON.stringify({ resultUrls: urls })))],
    ['the object itself', { resultUrls: urls }],
    ['the list itself', urls],
    ['a list in a text in the object', JSON.stringify({ resultUrls: list })],
    ['JSON in a text under another name', JSON.stringify({ data: JSON.stringify({ urls }) })],
    ['objects', JSON.stringify({ resultUrls: [{ url: A }, { url: B, id: 2 }] })],
    ['an object by place', JSON.stringify({ resultUrls: { 0: A, 1: B } })],
    ['lists in lists', JSON.stringify({ resultUrls: [[A], [[B]]] })],
    [
      'a wrapped result',
      JSON.stringify({ code: 200, data: { resultUrls: urls, page: 'https://a.example/' } }),
    ],
    ['a list of results', JSON.stringify([{ resultUrls: [A] }, { resultUrls: [B] }])],
    ['snake case', JSON.stringify({ result_urls: urls })],
    ['singular', JSON.stringify({ resultUrl: A, backup: B })],
    ['in the order of the document, however deep', JSON.stringify({ a: { b: { c: A } }, d: B })],
    ['white space around the whole', `\n ${JSON.stringify({ resultUrls: urls })} \n`],
    ['links with white space around', JSON.stringify({ resultUrls: [` ${A}`, `${B}\n`] })],
    ['escaped slashes', `{"resultUrls":["${A.replaceAll('/', '\\/')}","${B}"]}`],
    ['cut off behind its links', `{"resultUrls":["${A}","${B}"],"cost`],
  ])('%s', (_, result) => {
    expect(resultUrls(result)).toEqual(urls);
  });

  it('a link may have commas, brackets and another link in itself', () => {
    const odd = [
      'https://cdn.example.com/w_300,h_200/1.mp4',
      'https://cdn.example.com/a(1).mp4',
      'https://proxy.example.com/?u=https://cdn.example.com/2.mp4',
    ];
    expect(resultUrls(JSON.stringify({ resultUrls: odd }))).toEqual(odd);
    expect(resultUrls(odd.join(','))).toEqual(odd);
  });

  it.each([
    'https://',
    'http://:80/x',
    'https://[::1/x',
    'http//a.example/1.mp4',
    'https://a b/1.mp4',
    'see https://a.example/1.mp4',
  ])('what is no valid link by itself is none beside others: %s', (text) => {
    expect(resultUrls(JSON.stringify({ resultUrls: [text, A] }))).toEqual([A]);
  });

  it('what was asked for is no result, wherever it stands', () => {
    const ref = 'https://mine.example.com/ref.mp4';
    const param = JSON.stringify({ input: { image_urls: [ref] } });
    const echo = { input: { video: ref, resultUrls: [ref] }, param, nested: { input: [ref] } };
    expect(resultUrls(JSON.stringify({ ...echo, video: A }))).toEqual([A]);
    expect(resultUrls(JSON.stringify(echo))).toEqual([]);
    expect(resultUrls(`{"input":{"a":"${ref}"},"vid`)).toEqual([]);
  });

  it.each([
    ['words around it', `Your video is ready: ${A} Enjoy!`, [A]],
    [
      'words of Markdown',
      `[Download](${A}) ![cover](https://cdn.example.com/c.png)`,
      [A, 'https://cdn.example.com/c.png'],
    ],
    ['HTML', `<video src="${A}"></video>`, [A]],
    [
      'blanks in the name of its file',
      'https://cdn.example.com/my video.mp4',
      ['https://cdn.example.com/my%20video.mp4'],
    ],
    ['a page of help, and no file', 'No video yet, see https://help.example.com/why', []],
  ])('a result of no other link is looked through for files: %s', (_, text, expected) => {
    expect(resultUrls(text)).toEqual(expected);
    expect(resultUrls(JSON.stringify({ message: text }))).toEqual(expected);
    expect(resultUrls(JSON.stringify({ note: text, url: B }))).toEqual([B]);
  });
});

describe('of a video model', () => {
  const PNG = 'https://cdn.example.com/frame.png?sig=1';
  const BARE = 'https://cdn.example.com/download/77';

  it.each<[string, unknown, string[]]>([
    ['the first frame is not the video', { firstFrameUrl: PNG, videoUrl: A }, [A]],
    ['nor among the documented links', { resultUrls: [PNG, A] }, [A]],
    ['a picture alone is better than nothing', { resultUrls: [PNG] }, [PNG]],
    ['a picture alone under another name too', { coverUrl: PNG }, [PNG]],
    ['the video goes before a page', { page: BARE, cover: PNG, videoUrl: A }, [A, BARE]],
    ['a documented cover does not hide the video', { resultUrls: [PNG], videoUrl: A }, [A]],
    ['a documented cover is told rather than a page', { resultUrls: [PNG], page: BARE }, [PNG]],
    [
      'links without an ending go by their names',
      { poster_url: `${BARE}/1`, video_url: `${BARE}/2` },
      [`${BARE}/2`],
    ],
    [
      'or by the name of what they stand in',
      { images: [{ url: `${BARE}/1` }], videos: [{ url: `${BARE}/2` }] },
      [`${BARE}/2`],
    ],
    [
      'or by the type beside them',
      [
        { type: 'image', url: `${BARE}/1` },
        { mime_type: 'video/mp4', url: `${BARE}/2` },
      ],
      [`${BARE}/2`],
    ],
    ['or by their query', [`${BARE}?file=c.jpg`, `${BARE}?file=v.mp4`], [`${BARE}?file=v.mp4`]],
    ['the ending counts more than the name', { imageToVideo: PNG, thumbUrl: A }, [A]],
    [
      'what was made from a picture is a video',
      { imageToVideoUrl: `${BARE}/1`, image: `${BARE}/2` },
      [`${BARE}/1`],
    ],
    ['videos without pictures stay in order', { resultUrls: [BARE, A, B] }, [BARE, A, B]],
    [
      'endings in capitals count',
      { resultUrls: ['https://a.example/C.PNG', 'https://a.example/V.MP4'] },
      ['https://a.example/V.MP4'],
    ],
  ])('%s', (_, result, expected) => {
    expect(resultUrls(JSON.stringify(result), 'video')).toEqual(expected);
  });

  it('pictures are the result of a model that makes them', () => {
    expect(resultUrls(JSON.stringify({ resultUrls: [PNG, A] }), 'image')).toEqual([PNG, A]);
  });
});

it('no length of a result costs a link, and no nesting its reader', () => {
  const links = (count: number, rest = '') => Array.from({ length: count }, (_, i) => `${A}&n=${i}${rest}`);
  expect(resultUrls(JSON.stringify({ log: 'x'.repeat(400_000), resultUrls: links(3) }))).toHaveLength(3);
  expect(resultUrls(JSON.stringify({ resultUrls: links(8_000) }))).toHaveLength(8_000);
  expect(resultUrls(JSON.stringify({ resultUrls: links(40, 'x'.repeat(10_000)) }))).toHaveLength(40);
  const deep = `${'['.repeat(5_000)}"${A}"${']'.repeat(5_000)}`;
  expect(resultUrls(deep)).toEqual([A]);
});

it.each([
  ['blanks', ' '.repeat(500_000)],
  ['beginnings', 'http://'.repeat(70_000)],
  ['beginnings in words', 'x http://'.repeat(50_000)],
  ['commas', `${A}${','.repeat(500_000)}`],
  ['brackets', '['.repeat(500_000)],
  ['numbers', `[${'1,'.repeat(250_000)}1]`],
  ['texts of brackets', JSON.stringify(Array(50_000).fill('["'))],
])('a hostile result of %s costs no more than an honest one', (_, result) => {
  const before = performance.now();
  expect(resultUrls(result).length).toBeLessThanOrEqual(1);
  expect(performance.now() - before).toBeLessThan(3_000);
});
