import { createUpstreamApp } from '../../sandbox/upstream/app.ts';
import type { FaultInput } from '../../sandbox/upstream/faults.ts';
import { seededRandom } from '../../sandbox/upstream/random.ts';
import { UpstreamSimulator } from '../../sandbox/upstream/simulator.ts';

const ORIGIN = 'https://upstream.test';

export interface Answer {
  code: number;
  msg: string;
  data: Record<string, unknown> | null;
}

/** A simulator behind its HTTP surface, with a clock that only moves when it is told to. */
export function startUpstream(options: { timeScale?: number } = {}) {
  let nowMs = Date.UTC(2026, 10, 22);
  const simulator = new UpstreamSimulator({ now: () => nowMs, random: seededRandom(7), ...options });
  const slept: number[] = [];
  const app = createUpstreamApp({
    simulator,
    files: { video: new Uint8Array([1, 2, 3, 4]).buffer, image: new Uint8Array([9]).buffer },
    sleep: async (ms) => {
      slept.push(ms);
      nowMs += ms;
    },
  });
  const request = (path: string, init?: RequestInit) => app.request(ORIGIN + path, init);
  const createTask = (body: unknown, { key = 'sk-test', requestId = '' } = {}) =>
    request('/api/v1/jobs/createTask', {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, ...(requestId === '' ? {} : { 'x-request-id': requestId }) },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const recordInfo = (taskId: string, { key = 'sk-test' } = {}) =>
    request(`/api/v1/jobs/recordInfo?taskId=${taskId}`, { headers: { authorization: `Bearer ${key}` } });
  return {
    simulator,
    slept,
    request,
    createTask,
    recordInfo,
    advance: (seconds: number) => {
      nowMs += seconds * 1000;
    },
    /** Creates a task with this prompt and gives its id. */
    async task(prompt: string, who: { key?: string; requestId?: string } = {}): Promise<string> {
      const { data, msg } = await read(await createTask(video(prompt), who));
      if (typeof data?.['taskId'] !== 'string') throw new Error(`the task was refused: ${msg}`);
      return data['taskId'];
    },
    /** The record of a task. */
    async record(taskId: string, who: { key?: string } = {}): Promise<Record<string, unknown>> {
      const { data, msg } = await read(await recordInfo(taskId, who));
      if (data === null) throw new Error(`no record: ${msg}`);
      return data;
    },
    control: (path: 'faults' | 'keys' | 'reset', body: unknown = {}) =>
      request(`/_sandbox/${path}`, { method: 'POST', body: JSON.stringify(body) }),
    fault: (fault: FaultInput) =>
      request('/_sandbox/faults', { method: 'POST', body: JSON.stringify(fault) }),
  };
}

/** The body of an answer in upstream's envelope. */
export async function read(response: Response): Promise<Answer> {
  return response.json<Answer>();
}

/** A request for five seconds of video in 720p: 400 credits. */
export function video(prompt: string): { model: string; input: Record<string, unknown> } {
  return { model: 'seedance-2.0-reference-to-video', input: { prompt, resolution: '720p', duration: 5 } };
}
