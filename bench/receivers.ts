import { createServer, type RequestListener } from 'node:http';
import { json } from 'node:stream/consumers';
import { z } from 'zod';

/** How often a receiver that never comes to an end sends another byte. */
const DRIP_MS = 200;

const bodyShape = z.object({ id: z.string(), completed_at: z.iso.datetime() });

/** A receiver on loopback, a host of its own by its port. */
export interface Receiver {
  url: URL;
  stop: () => Promise<void>;
}

/** When a task's callback came, and how often. */
export interface Arrival {
  /** From upstream's completion of the task until the callback was read here, the first time. */
  latencyMs: number;
  times: number;
}

/** A receiver that answers 200 at once, and notes what came to it by the task's id. */
export async function healthyReceiver(): Promise<Receiver & { arrivals: ReadonlyMap<string, Arrival> }> {
  const arrivals = new Map<string, Arrival>();
  const receiver = await open((request, response) => {
    json(request)
      .then((body) => {
        const { id, completed_at: completedAt } = bodyShape.parse(body);
        const latencyMs = Date.now() - Date.parse(completedAt);
        const before = arrivals.get(id);
        arrivals.set(id, { latencyMs: before?.latencyMs ?? latencyMs, times: (before?.times ?? 0) + 1 });
        response.end('ok');
      })
      .catch(() => response.destroy());
  });
  return { ...receiver, arrivals };
}

/** A receiver that takes a callback and never answers. */
export function hangingReceiver(): Promise<Receiver> {
  return open((request) => request.resume());
}

/** A receiver that answers 200, and then a body that never ends, a byte at a time. */
export function endlessReceiver(): Promise<Receiver> {
  return open((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/plain' });
    const drip = setInterval(() => response.write('.'), DRIP_MS);
    response.once('close', () => clearInterval(drip));
  });
}

async function open(listener: RequestListener): Promise<Receiver> {
  const server = createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The receiver has no port.');
  const stop = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    server.closeAllConnections();
    await closed;
  };
  return { url: new URL(`http://127.0.0.1:${address.port}/hook`), stop };
}
