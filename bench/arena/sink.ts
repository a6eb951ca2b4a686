import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { serve, type Server } from './server.ts';

const bodyShape = z.object({ completed_at: z.iso.datetime() });

/** A callback as it came, the first time, and how often it came. Epoch ms. */
export interface Arrival {
  readonly at: number;
  /** Since the task ended upstream. */
  readonly latencyMs: number;
  readonly times: number;
}

/** The receiver of all callbacks: a path for each task, so that it can tell one that comes twice. */
export interface Sink extends Server {
  readonly arrivals: ReadonlyMap<string, Arrival>;
  readonly requests: () => number;
}

export async function startSink(): Promise<Sink> {
  const arrivals = new Map<string, Arrival>();
  let requests = 0;
  const server = await serve((request, response) => {
    const path = request.url ?? '/';
    requests++;
    json(request)
      .then((body) => {
        const at = Date.now();
        const before = arrivals.get(path);
        const latencyMs = at - Date.parse(bodyShape.parse(body).completed_at);
        arrivals.set(
          path,
          before === undefined ? { at, latencyMs, times: 1 } : { ...before, times: before.times + 1 },
        );
        response.end('ok');
      })
      .catch(() => response.destroy());
  });
  return { ...server, arrivals, requests: () => requests };
}
