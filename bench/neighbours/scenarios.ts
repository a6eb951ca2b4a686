import { setTimeout as sleep } from 'node:timers/promises';
import { call } from '../../scripts/call.ts';
import { sampleTask } from '../../scripts/sample.ts';
import { taskShape, type Client } from '../../scripts/shapes.ts';
import type { Stack } from '../../scripts/stack.ts';
import { startHost, type Host } from './receivers.ts';

/** What one client does while another posts a task a second. */
export interface World {
  readonly stack: Stack;
  readonly client: Client;
  /** The host that the other's callbacks go to. */
  readonly host: Host;
  readonly stop: AbortSignal;
  readonly defer: (end: () => Promise<void>) => void;
}

export type Neighbour = (world: World) => Promise<void>;

const FRESH_HOSTS = 60;
const SLOW_CALLBACKS = 240;
const POSTS_AT_ONCE = 10;
const SECOND_MS = 1_000;
const REDELIVERED = 20;
const REDELIVERERS = 4;

export async function postTask(
  { stack, client }: Pick<World, 'stack' | 'client'>,
  callbackUrl: URL,
  seconds: number,
): Promise<string> {
  const prompt = `[slow:${seconds}] A red fox walks through fresh snow`;
  const body = { ...sampleTask(callbackUrl), input: { prompt, resolution: '720p', duration: 5 } };
  const url = new URL('/v1/tasks', stack.relay);
  const { id } = await call(url, { method: 'POST', token: client.key, body, expect: 202, schema: taskShape });
  return id;
}

/** A task a second to a path of the same host that answers after 5 s. */
export const slowPath: Neighbour = async (world) => {
  while (!world.stop.aborted) {
    await postTask(world, world.host.after(5_000), 3);
    await rest(world, SECOND_MS);
  }
};

/** Sixty tasks, each for a host of its own that takes the request and never answers. */
export const freshHosts: Neighbour = async (world) => {
  for (let n = 0; n < FRESH_HOSTS && !world.stop.aborted; n++) {
    const host = await startHost();
    world.defer(host.stop);
    await postTask(world, host.hanging, 3);
  }
};

/** 240 tasks at once for a host that takes two seconds for each. */
export const slowCallbacks: Neighbour = async (world) => {
  const host = await startHost();
  world.defer(host.stop);
  for (let n = 0; n < SLOW_CALLBACKS && !world.stop.aborted; n += POSTS_AT_ONCE) {
    const posts = Array.from({ length: POSTS_AT_ONCE }, () => postTask(world, host.after(2_000), 3));
    await Promise.all(posts);
  }
};

/** A few tasks, whose callbacks it has sent again as fast as it is answered. */
export const redeliveries: Neighbour = async (world) => {
  const host = await startHost();
  world.defer(host.stop);
  const ids: string[] = [];
  for (let n = 0; n < REDELIVERED; n++) ids.push(await postTask(world, host.hook, 1));
  const again = async (first: number): Promise<void> => {
    for (let n = first; !world.stop.aborted; n += REDELIVERERS) {
      const url = new URL(`/v1/tasks/${ids[n % ids.length]}/redeliver`, world.stack.relay);
      const headers = { authorization: `Bearer ${world.client.key}` };
      const response = await fetch(url, { method: 'POST', headers }).catch(() => null);
      await response?.body?.cancel();
      await rest(world, 20);
    }
  };
  await Promise.all(Array.from({ length: REDELIVERERS }, (_, first) => again(first)));
};

async function rest({ stop }: World, ms: number): Promise<void> {
  await sleep(ms, undefined, { signal: stop }).catch(() => undefined);
}
