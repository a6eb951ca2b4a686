import { z } from '@hono/zod-openapi';
import { problems } from './contract.ts';
import type { App } from './services.ts';

const PATH = '/files/{task}/{n}/{capability}/{name}';

/** `GET` and `HEAD` of a kept file, as the document shows them. */
export function describeFiles({ openAPIRegistry: registry }: App): void {
  const { 404: missing, 416: noSuchPart } = problems(404, 416);
  if (missing === undefined || noSuchPart === undefined) throw new Error('a refusal has no description');
  const unchanged = { description: 'Whoever asks has it already' };
  registry.registerPath({
    ...COMMON,
    method: 'get',
    operationId: 'getFile',
    summary: 'Read a kept result',
    description:
      'For whoever has its link, without a key: `result_urls` are such links where results are kept. The type is video, image or audio as it came, and else a download of bytes. Several ranges at once are answered with the whole file.',
    responses: {
      200: { ...FILE, description: 'The file' },
      206: { ...FILE, description: 'The part that `Range` asks for' },
      304: unchanged,
      404: missing,
      416: noSuchPart,
    },
  });
  registry.registerPath({
    ...COMMON,
    method: 'head',
    operationId: 'headFile',
    summary: 'Look at a kept result',
    description: 'What `GET` would answer, without the file.',
    responses: { 200: { description: 'It is there' }, 304: unchanged, 404: missing },
  });
}

const BYTES = { schema: { type: 'string', format: 'binary' } } as const;
const FILE = {
  content: { 'video/*': BYTES, 'image/*': BYTES, 'audio/*': BYTES, 'application/octet-stream': BYTES },
};

const COMMON = {
  path: PATH,
  tags: ['Tasks'],
  security: [],
  request: {
    params: z.object({
      task: z.string().openapi({ description: 'Of the task.' }),
      n: z.string().openapi({ description: 'Which of its files, from 1.' }),
      capability: z.string().openapi({ description: 'What nobody guesses.' }),
      name: z.string().openapi({ description: 'The first words of the prompt.' }),
    }),
    query: z.object({
      download: z.enum(['1']).optional().openapi({ description: 'Makes it a download by that name.' }),
    }),
    headers: z.object({
      range: z.string().optional().openapi({ example: 'bytes=0-1023' }),
      'if-range': z.string().optional(),
      'if-none-match': z.string().optional(),
    }),
  },
};
