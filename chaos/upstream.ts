import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { createUpstreamApp } from '../sandbox/upstream/app.ts';
import type { FaultInput } from '../sandbox/upstream/faults.ts';
import { seededRandom } from '../sandbox/upstream/random.ts';
import { UpstreamSimulator } from '../sandbox/upstream/simulator.ts';
import { ENDPOINTS } from '../sandbox/upstream/tiers.ts';
import { call } from '../scripts/call.ts';
import { serveApp } from './serve.ts';

/** Longer than Ringback waits for upstream. */
const HANG_MS = 12_000;
/** Told by a 429: Ringback then polls this key no faster. */
const LIMIT_A_MINUTE = 6_000;
/** An answer is on its way for so long at the most. */
const MAX_ANSWER_MS = 200;

const stateShape = z.object({
  tasks: z.array(z.object({ taskId: z.string(), requestId: z.string().nullable() })),
  calls: z.record(z.string(), z.record(z.string(), z.number())),
});
export type UpstreamState = z.infer<typeof stateShape>;

/** The sandbox's upstream, with its control API. */
export interface Upstream {
  origin: string;
  /** From now on calls go wrong at this rate, from 0 to 1. */
  startFaults: (rate: number) => Promise<void>;
  stopFaults: () => Promise<void>;
  state: () => Promise<UpstreamState>;
  stop: () => Promise<void>;
}

/** Serves it on loopback. @param timeScale multiplies how long its tasks take: 90 s is the median of a video. */
export async function startUpstream(seed: number, timeScale: number): Promise<Upstream> {
  const simulator = new UpstreamSimulator({ now: Date.now, random: seededRandom(seed), timeScale });
  const app = createUpstreamApp({ simulator });
  const pauses = seededRandom(seed + 1);
  const { origin, stop } = await serveApp({
    fetch: async (request) => {
      const answer = await app.fetch(request);
      // After the work was done: the time in which a kill hurts most.
      await sleep(pauses() * MAX_ANSWER_MS);
      return answer;
    },
  });
  const control = async (method: string, path: string, body?: unknown): Promise<UpstreamState> =>
    await call(new URL(`/_sandbox/${path}`, origin), { method, body, expect: 200, schema: stateShape });
  return {
    origin,
    startFaults: async (rate) => {
      await control('POST', 'faults', faultsAt(rate));
    },
    stopFaults: async () => {
      await control('DELETE', 'faults');
    },
    state: async () => await control('GET', 'state'),
    stop,
  };
}

/** Each kind as likely as the others; all together they hit calls at this rate. */
function faultsAt(rate: number): FaultInput[] {
  return ENDPOINTS.flatMap((endpoint) => {
    const kinds = [
      { endpoint, kind: 'status' as const, status: 500 as const },
      { endpoint, kind: 'malformed' as const },
      { endpoint, kind: 'disconnect' as const },
      { endpoint, kind: 'hang' as const, delayMs: HANG_MS },
    ];
    const faults: FaultInput[] = [
      ...kinds,
      // The dangerous half: upstream did its work, and only its answer is bad.
      ...(endpoint === 'createTask' ? kinds.map((fault) => ({ ...fault, afterEffect: true })) : []),
      ...(endpoint === 'createTask' ? [{ endpoint, kind: 'status' as const, status: 409 as const }] : []),
      { endpoint, kind: 'status', status: 429, retryAfter: 1, limit: LIMIT_A_MINUTE },
    ];
    // They are tried one after the other: for each to be as likely, the later ones need a higher chance.
    const each = rate / faults.length;
    return faults.map((fault, index) => ({ ...fault, probability: each / (1 - index * each) }));
  });
}
