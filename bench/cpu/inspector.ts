import { z } from 'zod';

const answerShape = z.object({
  id: z.number().optional(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});

const profileShape = z.object({
  profile: z.object({
    nodes: z.array(
      z.object({
        id: z.number(),
        callFrame: z.object({
          functionName: z.string(),
          url: z.string(),
          lineNumber: z.number(),
          columnNumber: z.number(),
        }),
      }),
    ),
    samples: z.array(z.number()),
  }),
});
export type Profile = z.infer<typeof profileShape>['profile'];

/** Asked for, in microseconds. What a sample really stands for is calibrated. */
const SAMPLED_EVERY_US = 100;

/** V8's profiler in one isolate of workerd. */
export interface Profiler {
  readonly start: () => Promise<void>;
  /** What was sampled since the start. */
  readonly stop: () => Promise<Profile>;
  readonly close: () => void;
}

/** Connects to the isolate of the Worker of this name. */
export async function connectProfiler(inspector: URL, worker: string): Promise<Profiler> {
  const socket = new WebSocket(new URL(`/core:user:${worker}`, inspector));
  const waiting = new Map<number, { done: (result: unknown) => void; failed: (error: Error) => void }>();
  const broken = (): void => {
    for (const { failed } of waiting.values()) failed(new Error("The inspector's connection was closed."));
  };
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve(), { once: true });
    socket.addEventListener('error', () => reject(new Error(`No inspector of ${worker}.`)), { once: true });
  });
  socket.addEventListener('close', broken);
  socket.addEventListener('message', ({ data }) => {
    const { id, result, error } = answerShape.parse(JSON.parse(String(data)));
    const asked = waiting.get(id ?? 0);
    waiting.delete(id ?? 0);
    if (error === undefined) asked?.done(result);
    else asked?.failed(new Error(error.message));
  });
  let last = 0;
  const send = async (method: string, params: object = {}): Promise<unknown> =>
    await new Promise<unknown>((done, failed) => {
      waiting.set(++last, { done, failed });
      socket.send(JSON.stringify({ id: last, method: `Profiler.${method}`, params }));
    });
  await send('enable');
  await send('setSamplingInterval', { interval: SAMPLED_EVERY_US });
  return {
    start: async () => void (await send('start')),
    stop: async () => profileShape.parse(await send('stop')).profile,
    close: () => {
      socket.removeEventListener('close', broken);
      socket.close();
    },
  };
}
