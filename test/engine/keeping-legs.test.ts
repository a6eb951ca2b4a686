import { describe, expect, it } from 'vitest';
import { startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

const TICK_MS = 55_000;
const LOOK_MS = 500;

/** A relay on the Free plan that keeps results, with a client whose callbacks go to `hooks.example.com`. */
async function startFree() {
  const relay = await startRelay({
    hasQueue: true,
    keepsResults: true,
    vars: { UPSTREAM_API_KEY: 'sk-sandbox-unlimited' },
  });
  const receiver = relay.receiver('hooks.example.com');
  const me = relay.as((await relay.client()).key);
  const post = async (prompt: string): Promise<string> =>
    (await me.post('/v1/tasks', video(prompt, { callback_url: 'https://hooks.example.com/1' }))).body.id;
  const told = (id: string) => receiver.received.filter(({ body }) => JSON.parse(body).id === id);
  return { relay, post, told };
}

/** A tick: the cron, and beside it each leg that is called, at its time, whether or not the one before has come to its end. */
async function tick(relay: Relay): Promise<void> {
  const startedAt = relay.clock.now();
  const running: Promise<unknown>[] = [relay.tick()];
  for (let called = relay.queue.sent.length; relay.clock.now() < startedAt + TICK_MS;) {
    await relay.clock.sleep(LOOK_MS);
    for (; called < relay.queue.sent.length; called++) running.push(relay.work(relay.queue.sent[called]));
  }
  await Promise.all(running);
}

function lateness(relay: Relay, id: string, told: { at: number } | undefined): number {
  const upstream = relay.simulator.snapshot().tasks.find(({ requestId }) => requestId === id);
  return (told?.at ?? Infinity) - (upstream?.endTime ?? 0);
}

describe('a file whose copy outlasts the leg that began it', () => {
  it('is copied by that leg, once, while the next one brings other tasks to their callbacks', async () => {
    const { relay, post, told } = await startFree();
    // It ends some seconds before the first leg does, and takes 25 s to copy.
    const slow = await post('a slow fox [slow:12] [size:500000] [file:slow:20000]');
    const others = [await post('a fox [slow:24] [size:1000]'), await post('a fox [slow:42] [size:1000]')];
    await tick(relay);
    expect(relay.queue.legs).toHaveLength(2);
    for (const id of others) {
      expect(told(id)).toHaveLength(1);
      expect(lateness(relay, id, told(id)[0])).toBeLessThan(12_000);
    }
    expect(told(slow)).toHaveLength(1);
    expect(lateness(relay, slow, told(slow)[0])).toBeLessThan(45_000);
    const files = Object.entries(relay.simulator.snapshot().files);
    expect(files.map(([, count]) => count)).toEqual([1, 1, 1]);
    const [link] = JSON.parse(told(slow)[0]?.body ?? '').result_urls;
    expect(link).toContain('/files/');
  });
});

describe('files that wait when their leg is over', () => {
  it('are taken up by the next one, and each is told once', async () => {
    const { relay, post, told } = await startFree();
    const ids: string[] = [];
    for (let i = 0; i < 8; i++) ids.push(await post('a fox [slow:13] [size:200000] [file:slow:50000]'));
    await tick(relay);
    for (const id of ids) {
      expect(told(id)).toHaveLength(1);
      expect(JSON.parse(told(id)[0]?.body ?? '').result_url).toContain('/files/');
    }
  });
});
