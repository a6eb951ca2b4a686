import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { serve, type Server } from '../arena/server.ts';

const BLOCK = randomBytes(1_048_576);
const createShape = z.object({ input: z.object({ prompt: z.string() }) });
const callbackShape = z.object({ id: z.string(), result_urls: z.array(z.string()) });

/** What a task was called back with, and when. */
export interface Told {
  readonly id: string;
  /** From the answer to the poll that told its end, in ms. */
  readonly lateMs: number;
  readonly links: readonly string[];
}

/** An upstream whose tasks end at once, with a file of as many bytes as the prompt says; and the receiver of callbacks. */
export interface Source extends Server {
  /** Resolves when so many tasks were called back, since the last time that it was asked. */
  readonly told: (count: number) => Promise<readonly Told[]>;
  /** Requests for files so far. */
  readonly fetches: () => number;
}

/** A file as the prompt asks for it: `1000` bytes, or `1000 chunked`, without a length. */
export function sizeOf(prompt: string): { bytes: number; isChunked: boolean } {
  const [bytes = '0', word] = prompt.split(' ');
  return { bytes: Number(bytes), isChunked: word === 'chunked' };
}

/** A task with a file as the prompt asks for it, and its callback to the same server. */
export function bodyOf({ url }: Server, prompt: string, keeps: boolean): object {
  const input = { prompt, resolution: '720p', duration: 5 };
  const options = { callback_url: new URL('/hook', url).href, keep_result: keeps };
  return { model: 'seedance-2.0-reference-to-video', input, ...options };
}

/** The hash of a file of so many bytes. */
export function hashOf(bytes: number): string {
  const hash = createHash('sha256');
  for (let sent = 0; sent < bytes; sent += BLOCK.length) hash.update(BLOCK.subarray(0, bytes - sent));
  return hash.digest('hex');
}

export async function startSource(): Promise<Source> {
  const tasks: { prompt: string; requestId: string; seenAt: number | null }[] = [];
  let told: Told[] = [];
  let fetches = 0;
  const server = await serve((request, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
    const answer = (data: object): void => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ code: 200, msg: 'success', data }));
    };
    const run = async (): Promise<void> => {
      if (url.pathname.endsWith('/createTask')) {
        const { prompt } = createShape.parse(await json(request)).input;
        tasks.push({ prompt, requestId: String(request.headers['x-request-id']), seenAt: null });
        answer({ taskId: `task_${tasks.length - 1}` });
      } else if (url.pathname.endsWith('/recordInfo')) {
        const taskId = url.searchParams.get('taskId') ?? '';
        const task = tasks[Number(taskId.replace('task_', ''))];
        const resultJson = JSON.stringify({ resultUrls: [`${url.origin}/files/${taskId}.mp4`] });
        if (task !== undefined) task.seenAt ??= Date.now();
        const end = { completeTime: null, costTime: null, failCode: null, failMsg: null };
        answer({ taskId, model: 'any', state: 'success', param: '{}', resultJson, ...end, createTime: 1 });
      } else if (url.pathname.startsWith('/files/')) {
        fetches++;
        const task = tasks[Number(/\d+/.exec(url.pathname)?.[0])];
        await sendFile(response, sizeOf(task?.prompt ?? ''));
      } else {
        const body = callbackShape.parse(await json(request));
        const task = tasks.find(({ requestId }) => requestId === body.id);
        const lateMs = Date.now() - (task?.seenAt ?? NaN);
        told.push({ id: body.id, lateMs, links: body.result_urls });
        response.end('ok');
      }
    };
    run().catch(() => response.destroy());
  });
  return {
    ...server,
    fetches: () => fetches,
    told: async (count) => {
      while (told.length < count) await sleep(20);
      const all = told;
      told = [];
      return all;
    },
  };
}

async function sendFile(
  response: ServerResponse,
  { bytes, isChunked }: { bytes: number; isChunked: boolean },
): Promise<void> {
  const length: Record<string, string> = isChunked ? {} : { 'content-length': String(bytes) };
  response.writeHead(200, { 'content-type': 'video/mp4', ...length });
  for (let sent = 0; sent < bytes; sent += BLOCK.length) {
    // Where nobody reads any more, it ends with the bench.
    if (!response.write(BLOCK.subarray(0, bytes - sent))) await once(response, 'drain');
  }
  response.end();
}
