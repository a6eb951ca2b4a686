import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { fileBytes } from '../../sandbox/upstream/file-bytes.ts';
import { RELAY, startRelay, video } from '../support/relay.ts';
import type { RelayOptions } from '../support/relay.ts';

const BASE = { timeScale: 0.05, keepsResults: true, vars: { ALLOW_PRIVATE_CALLBACKS: 'true' } } as const;

/** One task with this prompt, from its post until its callback was delivered. */
async function keep(prompt: string, options: RelayOptions = {}, extra: Record<string, unknown> = {}) {
  const relay = await startRelay({ ...BASE, ...options, vars: { ...BASE.vars, ...options.vars } });
  const receiver = relay.receiver('hooks.example.com');
  const me = relay.as((await relay.client()).key);
  const body = video(prompt, { callback_url: 'https://hooks.example.com/1', ...extra });
  const { id } = (await me.post('/v1/tasks', body)).body;
  const task = async () => (await me.get(`/v1/tasks/${id}`)).body;
  await relay.tickUntil(async () => (await task()).callback.state === 'delivered');
  const [upstream] = relay.simulator.snapshot().tasks;
  const seed = (n = 1) => `${upstream?.taskId}/result-${n}.mp4`;
  return { relay, me, task: await task(), received: receiver.received, seed };
}

describe('a result whose files are kept', () => {
  it('is told by links of the relay, and upstream links beside them', async () => {
    const { relay, task, received, seed } = await keep('A red fox, at dawn [size:1000]');
    expect(task).toMatchObject({ state: 'succeeded' });
    expect(task.result_urls).toHaveLength(1);
    expect(task.result_url).toMatch(
      new RegExp(`^${RELAY}/files/${task.id}/1/[A-Za-z0-9_-]{32}/a-red-fox-at-dawn-size-1000.mp4$`),
    );
    expect(task.source_urls).toEqual([`https://upstream.test/files/${seed()}`]);
    const told = JSON.parse(received[0]?.body ?? '');
    expect(told).toMatchObject({ result_url: task.result_url, source_urls: task.source_urls });
    const key = new URL(task.result_url).pathname.replace('/files/', '');
    const stored = await env.TEST_RESULTS.get(key);
    expect(new Uint8Array((await stored?.arrayBuffer()) ?? new ArrayBuffer())).toEqual(
      fileBytes(seed(), 1_000),
    );
    expect(stored?.httpMetadata?.contentType).toBe('video/mp4');
    expect(relay.simulator.snapshot().files[seed()]).toBe(1);
  });
});
