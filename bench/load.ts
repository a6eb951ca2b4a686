import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { seededRandom } from '../sandbox/upstream/random.ts';
import { call } from '../scripts/call.ts';
import { sampleTask } from '../scripts/sample.ts';
import { clientShape, taskShape, type Client } from '../scripts/shapes.ts';
import type { Stack } from '../scripts/stack.ts';

/** Tasks for the healthy receiver, and as many again for the others where there are any. */
const TASKS = 150;
const MIN_SECONDS = 1;
const MAX_SECONDS = 10;
/** From one post of a client to its next: all are posted, and have ended upstream, within one tick. */
const PACE_MS = 60;
const PAGE = 100;

const pageShape = z.object({
  data: z.array(z.object({ callback: z.object({ state: z.string() }) })),
  next_cursor: z.string().nullable(),
});

/** A task to post: as whom, how long upstream takes for it, and whom its callback is for. */
interface Job {
  client: Client;
  seconds: number;
  callbackUrl: URL;
  /** Subscribers hear of it. */
  isHeard: boolean;
}

/** The model of each fifth task, which subscribers hear of: twenty of them make four messages of a callback. */
const HEARD_MODEL = 'seedance-2.0-text-to-video';
const HEARD_EVERY = 5;

/** Has a standing address told of each fifth task's end. */
export async function subscribe(stack: Stack, client: Client, url: URL): Promise<void> {
  await call(new URL('/v1/subscriptions', stack.relay), {
    method: 'POST',
    token: client.key,
    body: { url: url.href, models: [HEARD_MODEL] },
    expect: 201,
    schema: z.object({ id: z.string() }),
  });
}

/**
 * The tasks of one client, for these receivers by turns; none where there is no receiver. How long each takes upstream is
 * the same in every run for the same seed.
 */
export function makeJobs(client: Client, callbackUrls: readonly URL[], seed: number): Job[] {
  const random = seededRandom(seed);
  return Array.from({ length: TASKS }, () => MIN_SECONDS + random() * (MAX_SECONDS - MIN_SECONDS)).flatMap(
    (seconds, index) => {
      const callbackUrl = callbackUrls[index % callbackUrls.length];
      const isHeard = index % HEARD_EVERY === 0;
      return callbackUrl === undefined ? [] : [{ client, seconds, callbackUrl, isHeard }];
    },
  );
}

export function createClient(stack: Stack, name: string): Promise<Client> {
  return call(new URL('/admin/clients', stack.relay), {
    method: 'POST',
    token: stack.adminToken,
    // How late callbacks are is measured; what copying costs has a bench of its own.
    body: { name, keep_results: false },
    expect: 201,
    schema: clientShape,
  });
}

/**
 * Posts each job at its own instant, however long the posts before it take: so the load is the same whatever stands
 * beside it. The ids of the tasks, in the order of the jobs.
 */
export async function postAll(stack: Stack, jobs: readonly Job[]): Promise<string[]> {
  return await Promise.all(
    jobs.map(async (job, index) => {
      await sleep(index * PACE_MS);
      return await post(stack, job);
    }),
  );
}

async function post(stack: Stack, { client, seconds, callbackUrl, isHeard }: Job): Promise<string> {
  const prompt = `[slow:${seconds.toFixed(2)}] A red fox walks through fresh snow`;
  const { id } = await call(new URL('/v1/tasks', stack.relay), {
    method: 'POST',
    token: client.key,
    body: {
      ...sampleTask(callbackUrl),
      ...(isHeard ? { model: HEARD_MODEL } : {}),
      input: { prompt, resolution: '720p', duration: 5 },
    },
    expect: 202,
    schema: taskShape,
  });
  return id;
}

/** How many of the client's callbacks Ringback has written down as delivered: these are never sent again. */
export async function countDelivered(stack: Stack, client: Client): Promise<number> {
  let delivered = 0;
  let cursor: string | null = null;
  do {
    const url = new URL('/v1/tasks', stack.relay);
    url.searchParams.set('limit', String(PAGE));
    if (cursor !== null) url.searchParams.set('cursor', cursor);
    const page: z.infer<typeof pageShape> = await call(url, {
      token: client.key,
      expect: 200,
      schema: pageShape,
    });
    delivered += page.data.filter(({ callback }) => callback.state === 'delivered').length;
    cursor = page.next_cursor;
  } while (cursor !== null);
  return delivered;
}
