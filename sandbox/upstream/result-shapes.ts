/**
 * How a result can look like, beside what is documented: as it was seen of services of this sort, of their gateways, and of
 * what serialises for them. Each is made of the links that the result is to have.
 */
export const RESULT_SHAPES = [
  'object',
  'list',
  'twice',
  'url',
  'text-list',
  'python-list',
  'lines',
  'commas',
  'spaced',
  'objects',
  'other-name',
  'nested',
  'with-picture',
  'with-input',
  'long',
  'prose',
] as const;

export type ResultShape = (typeof RESULT_SHAPES)[number];

const LONG_CHARACTERS = 300_000;

/** What `resultJson` is in a shape: mostly text, an object or a list where that is the oddity. */
export function resultInShape(shape: ResultShape | null, resultUrls: readonly string[]): unknown {
  const documented = { resultUrls };
  const [first = ''] = resultUrls;
  switch (shape) {
    case null:
      return JSON.stringify(documented);
    case 'object':
      return documented;
    case 'list':
      return resultUrls;
    case 'twice':
      return JSON.stringify(JSON.stringify(documented));
    case 'url':
      return first;
    case 'text-list':
      return JSON.stringify({ resultUrls: JSON.stringify(resultUrls) });
    case 'python-list':
      return JSON.stringify({ resultUrls: `[${resultUrls.map((url) => `'${url}'`).join(', ')}]` });
    case 'lines':
      return JSON.stringify({ resultUrls: resultUrls.join('\r\n') });
    case 'commas':
      return JSON.stringify({ resultUrls: resultUrls.join(', ') });
    case 'spaced':
      return JSON.stringify({ resultUrls: resultUrls.map((url) => ` ${url}\n`) });
    case 'objects':
      return JSON.stringify({ resultUrls: resultUrls.map((url, id) => ({ id, url })) });
    case 'other-name':
      return JSON.stringify({ resultUrls: [], videoUrl: first, more: resultUrls.slice(1) });
    case 'nested':
      return JSON.stringify({ code: 0, data: JSON.stringify({ output: { files: resultUrls } }) });
    case 'with-picture':
      return JSON.stringify({ firstFrameUrl: `${first}.first-frame.png`, files: resultUrls });
    case 'with-input':
      return JSON.stringify({ input: { image_urls: ['https://asked.example/for.png'] }, files: resultUrls });
    case 'long':
      return JSON.stringify({ log: 'x'.repeat(LONG_CHARACTERS), files: resultUrls });
    case 'prose':
      return `Your files are ready: ${resultUrls.join(' and ')} Enjoy!`;
  }
}

export const FAILURE_WORDS = ['empty', 'none', 'object', 'list', 'number', 'elsewhere'] as const;

export type FailureWords = (typeof FAILURE_WORDS)[number];

/** How a failure can be told, beside a code and a sentence. */
export function failureInWords(
  words: FailureWords | null,
  { code, message }: { code: string; message: string },
): Record<string, unknown> {
  switch (words) {
    case null:
      return { failCode: code, failMsg: message };
    case 'empty':
      return { failCode: '', failMsg: '' };
    case 'none':
      return { failCode: null, failMsg: null };
    case 'object':
      return { failCode: { code }, failMsg: { message } };
    case 'list':
      return { failCode: [code], failMsg: [{ message }] };
    case 'number':
      return { failCode: Number(code) || 500, failMsg: Number(code) || 500 };
    case 'elsewhere':
      return { failCode: null, failMsg: '', errorCode: code, errorMessage: message };
  }
}

export const ODD_TIMES = ['zero', 'seconds', 'future', 'past', 'none'] as const;

export type OddTimes = (typeof ODD_TIMES)[number];

const HOUR_MS = 3_600_000;

/** How the times of an end can be told, beside epoch milliseconds. */
export function timesOf(
  odd: OddTimes | null,
  { costTime, completeTime }: { costTime: number; completeTime: number },
): { costTime: number | null; completeTime: number | null } {
  switch (odd) {
    case null:
      return { costTime, completeTime };
    case 'zero':
      return { costTime: 0, completeTime: 0 };
    case 'seconds':
      return { costTime: Math.round(costTime / 1_000), completeTime: Math.round(completeTime / 1_000) };
    case 'future':
      return { costTime: costTime + HOUR_MS, completeTime: completeTime + HOUR_MS };
    case 'past':
      return { costTime, completeTime: completeTime - costTime - HOUR_MS };
    case 'none':
      return { costTime: null, completeTime: null };
  }
}
