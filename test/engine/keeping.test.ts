import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { fileBytes } from '../../sandbox/upstream/file-bytes.ts';
import { writeRefusals } from '../../src/http/count-refusals.ts';
import { RELAY, startRelay, video } from '../support/relay.ts';
import type { RelayOptions } from '../support/relay.ts';

const BASE = { timeScale: 0.05, keepsResults: true } as const;
const HOOK = 'https://hooks.example.com/1';

async function start(options: RelayOptions = {}) {
  const relay = await startRelay({ ...BASE, ...options });
  const receiver = relay.receiver('hooks.example.com');
  const me = relay.as((await relay.client()).key);
  const post = async (prompt: string, extra: Record<string, unknown> = {}): Promise<string> =>
    (await me.post('/v1/tasks', video(prompt, { callback_url: HOOK, ...extra }))).body.id;
  const task = async (id: string) => (await me.get(`/v1/tasks/${id}`)).body;
  const upstreamOf = (id: string) => {
    const found = relay.simulator.snapshot().tasks.find(({ requestId }) => requestId === id);
    if (found === undefined) throw new Error(`upstream has no ${id}`);
    return found;
  };
  return { relay, receiver, me, post, task, upstreamOf };
}

/** One task with this prompt, from its post until its callback was delivered. */
async function keep(prompt: string, options: RelayOptions = {}, extra: Record<string, unknown> = {}) {
  const { relay, receiver, me, post, task, upstreamOf } = await start(options);
  const id = await post(prompt, extra);
  await relay.tickUntil(async () => (await task(id)).callback.state === 'delivered');
  const upstream = upstreamOf(id);
  const seed = (n = 1) => `${upstream.taskId}/result-${n}.mp4`;
  const asked = (n = 1) => relay.simulator.snapshot().files[seed(n)] ?? 0;
  const [told] = receiver.received;
  if (told === undefined) throw new Error('nothing was told');
  const lateMs = told.at - (upstream.endTime ?? 0);
  const shown = await relay.services.stores.tasks.get(id, null);
  const kept = shown?.phase.state === 'succeeded' ? shown.phase.kept : null;
  return { relay, me, task: await task(id), told, lateMs, seed, asked, kept };
}

/** What is stored under a kept link. */
async function stored(link: string): Promise<{ bytes: Uint8Array; type: string | undefined }> {
  const object = await env.TEST_RESULTS.get(new URL(link).pathname.replace('/files/', ''));
  if (object === null) throw new Error(`nothing is stored for ${link}`);
  return { bytes: new Uint8Array(await object.arrayBuffer()), type: object.httpMetadata?.contentType };
}

async function storedNames(): Promise<string[]> {
  return (await env.TEST_RESULTS.list()).objects.map(({ key }) => key);
}

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
});

describe('a result whose files are kept', () => {
  it('is told by links of Ringback, with those of upstream beside them', async () => {
    const { task, told, seed, asked } = await keep('A red fox, at dawn [size:1000]');
    expect(task.result_urls).toEqual([task.result_url]);
    expect(task.result_url).toMatch(
      new RegExp(`^${RELAY}/files/${task.id}/1/[A-Za-z0-9_-]{32}/a-red-fox-at-dawn-size-1000.mp4$`),
    );
    expect(task.source_urls).toEqual([`https://upstream.test/files/${seed()}`]);
    const { result_url, source_urls } = task;
    expect(JSON.parse(told.body)).toMatchObject({ state: 'succeeded', result_url, source_urls });
    expect(await stored(task.result_url)).toEqual({ bytes: fileBytes(seed(), 1_000), type: 'video/mp4' });
    expect(asked()).toBe(1);
  });

  it.each([1, 65_536, 65_537, 1_000_000, 9_000_000])(
    'is byte for byte what upstream had: %i bytes, of a known and of an unknown length',
    async (size) => {
      for (const word of ['', '[file:chunked]']) {
        const { task, seed } = await keep(`a fox [size:${size}] ${word}`);
        const { bytes } = await stored(task.result_url);
        expect(bytes.byteLength).toBe(size);
        // One word for millions of bytes: a difference is not to be printed.
        expect(
          bytes.every((byte, i) => byte === fileBytesOnce(seed(), size)[i]),
          word,
        ).toBe(true);
      }
    },
    60_000,
  );

  it('has all of its files, in their order', async () => {
    const { task, seed } = await keep('a fox [results:3] [size:500]');
    expect(task.result_urls).toHaveLength(3);
    for (const [place, link] of task.result_urls.entries()) {
      expect(new URL(link).pathname.split('/')[3]).toBe(String(place + 1));
      expect((await stored(link)).bytes).toEqual(fileBytes(seed(place + 1), 500));
    }
    expect(new Set(task.result_urls.map((link: string) => link.split('/').at(-2))).size).toBe(3);
  });

  it('stays where redirects lead to addresses that are called, three at the most', async () => {
    expect((await keep('a fox [size:500] [file:redirect:3]')).task.result_url).toContain(`${RELAY}/files/`);
    const { task, asked, kept } = await keep('a fox [size:500] [file:redirect:4]');
    expect(task.result_url).toBe(task.source_urls[0]);
    expect(kept).toEqual([{ problem: 'Its link redirects more than 3 times.' }]);
    // The first request and three redirects: nothing of it is tried again.
    expect(asked()).toBe(4);
  });

  it('is tried again where its server is busy', async () => {
    const { task, asked, lateMs } = await keep('a fox [file:flaky]');
    expect(task.result_url).toContain(`${RELAY}/files/`);
    expect(asked()).toBe(3);
    expect(lateMs).toBeLessThan(25_000);
  });
});

const once = new Map<string, Uint8Array>();
function fileBytesOnce(seed: string, size: number): Uint8Array {
  const key = `${seed} ${size}`;
  const known = once.get(key) ?? fileBytes(seed, size);
  once.clear();
  once.set(key, known);
  return known;
}

describe('a result that cannot be kept is told by its upstream link:', () => {
  it.each([
    ['gone', '[file:gone]', 3, /answered with 404.*3 times/],
    ['an error of its server', '[file:error:503]', 3, /answered with 503/],
    ['a server that never answers', '[file:silent]', 3, /stood still for 10 s/],
    ['a server that stops in the middle', '[file:stalled]', 3, /stood still/],
    ['one that breaks off', '[file:broken]', 3, /broke/],
    ['one that is packed in a way of its own', '[file:packed:zstd]', 1, /not understood here \(zstd\)/],
    ['an empty one', '[file:empty]', 3, /empty/],
    ['one that is announced as too large', '[file:huge]', 1, /10000 MB large.*KEEP_MAX_MB allows \(1 MB\)/],
    ['one that turns out to be too large', '[file:chunked] [size:1000001]', 1, /larger than KEEP_MAX_MB/],
    ['one without an end', '[file:endless]', 1, /larger than KEEP_MAX_MB/],
    [
      'one that redirects into a network',
      '[file:redirect-to:https://10.0.0.1/x]',
      1,
      /redirects to is no address/,
    ],
    ['one that redirects to another scheme', '[file:redirect-to:http://cdn.example/x]', 1, /https/],
    ['one that redirects to Ringback', `[file:redirect-to:${RELAY}/x]`, 1, /back to this Ringback/],
  ])(
    '%s',
    async (_, word, tries, why) => {
      const { task, told, asked, lateMs, kept } = await keep(`a fox ${word}`, { vars: { KEEP_MAX_MB: '1' } });
      expect(task).toMatchObject({ state: 'succeeded', result_urls: task.source_urls });
      expect(JSON.parse(told.body).result_urls).toEqual(task.source_urls);
      expect(kept).toEqual([{ problem: expect.stringMatching(why) }]);
      expect(asked()).toBe(tries);
      expect(lateMs).toBeLessThan(60_000);
      expect(await storedNames()).toEqual([]);
    },
    60_000,
  );

  it('one that comes too slowly for its minute', async () => {
    const { task, lateMs, kept } = await keep('a fox [size:8000000] [file:slow:100000]');
    expect(task.result_urls).toEqual(task.source_urls);
    expect(kept).toEqual([{ problem: expect.stringMatching(/within 50 s/) }]);
    expect(lateMs).toBeLessThan(60_000);
  });

  it('beside others of the same task that are kept', async () => {
    const { relay, post, task, upstreamOf } = await start();
    const id = await post('a fox [results:2] [size:500]');
    const { taskId } = upstreamOf(id);
    // The second one is served by nobody.
    const result = relay.simulator.result.bind(relay.simulator);
    relay.simulator.result = (upstream, name) => (name === 'result-2.mp4' ? null : result(upstream, name));
    await relay.tickUntil(async () => (await task(id)).state === 'succeeded');
    const { result_urls: links, source_urls: sources } = await task(id);
    expect(links[0]).toContain(`${RELAY}/files/`);
    expect(links[1]).toBe(`https://upstream.test/files/${taskId}/result-2.mp4`);
    expect(sources).toHaveLength(2);
  });
});

describe('who wants no copies', () => {
  it.each([
    ['the task says so', { extra: { keep_result: false } }],
    ['its client keeps none', { client: { keep_results: false } }],
    [
      'its client keeps none, whatever the task says',
      { client: { keep_results: false }, extra: { keep_result: true } },
    ],
  ])(
    'gets upstream links at once: %s',
    async (
      _,
      {
        client = {},
        extra = {},
      }: {
        client?: Record<string, unknown>;
        extra?: Record<string, unknown>;
      },
    ) => {
      const { relay } = await start();
      const me = relay.as((await relay.client(client)).key);
      const { id } = (await me.post('/v1/tasks', video('a fox [size:500]', extra))).body;
      await relay.tickUntil(async () => (await me.get(`/v1/tasks/${id}`)).body.state === 'succeeded');
      const task = (await me.get(`/v1/tasks/${id}`)).body;
      expect(task.result_urls).toEqual(task.source_urls);
      expect(Object.keys(relay.simulator.snapshot().files)).toEqual([]);
    },
  );

  it('has another task under an idempotency key than who wants them', async () => {
    const { relay, me } = await start();
    const headers = { 'idempotency-key': 'row 42' };
    expect((await me.post('/v1/tasks', video(), headers)).status).toBe(202);
    expect(
      (await me.post('/v1/tasks', video('a fox in the snow', { keep_result: true }), headers)).status,
    ).toBe(200);
    expect(
      (await me.post('/v1/tasks', video('a fox in the snow', { keep_result: false }), headers)).status,
    ).toBe(409);
    // Else it is written five seconds later, while the next test counts rows.
    await writeRefusals(relay.services);
  });
});

/** Rows that D1 counts for one task, from its post to its callback. */
async function rowsOfTask(keepsResults: boolean): Promise<number> {
  const { relay, post, task } = await start({ keepsResults });
  let rows = 0;
  const batch = env.DB.batch.bind(env.DB);
  const counting = vi.spyOn(env.DB, 'batch').mockImplementation(async (statements) => {
    const answers = await batch(statements);
    for (const { meta } of answers) rows += meta.rows_written;
    return answers;
  });
  const id = await post('a fox [size:1000]');
  await relay.tickUntil(async () => (await task(id)).callback.state === 'delivered');
  counting.mockRestore();
  return rows;
}

describe('what keeping writes', () => {
  it('is at most six rows a task', async () => {
    expect((await rowsOfTask(true)) - (await rowsOfTask(false))).toBeLessThanOrEqual(6);
  });
});
