import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { fileBytes } from '../../sandbox/upstream/file-bytes.ts';
import { startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

const SIZE = 200_000;

/** A task that has ended, with its file kept. */
async function kept(prompt: string) {
  const relay = await startRelay({ timeScale: 0.05, keepsResults: true });
  const me = relay.as((await relay.client()).key);
  const { id } = (await me.post('/v1/tasks', video(prompt))).body;
  await relay.tickUntil(async () => (await me.get(`/v1/tasks/${id}`)).body.state === 'succeeded');
  const link: string = (await me.get(`/v1/tasks/${id}`)).body.result_url;
  const seed = `${relay.simulator.snapshot().tasks[0]?.taskId}/result-1.mp4`;
  return { relay, me, id, path: link.replace('https://relay.test', ''), bytes: fileBytes(seed, SIZE) };
}

const bodyOf = async (response: Response) => new Uint8Array(await response.arrayBuffer());

describe('a kept file', () => {
  let file: Awaited<ReturnType<typeof kept>>;
  let etag = '';
  const ask = async (headers: Record<string, string> = {}, init: RequestInit = {}, query = '') =>
    await file.relay.request(file.path + query, { ...init, headers });

  beforeAll(async () => {
    file = await kept(`A fox [size:${SIZE}]`);
    etag = (await ask({}, { method: 'HEAD' })).headers.get('etag') ?? '';
  });

  it('is read by whoever has its link, and runs nothing', async () => {
    const response = await ask();
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'video/mp4',
      'content-length': String(SIZE),
      'accept-ranges': 'bytes',
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'cross-origin',
      etag,
    });
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(response.headers.get('content-security-policy')).not.toContain('script-src');
    expect(response.headers.has('content-disposition')).toBe(false);
    expect(await bodyOf(response)).toEqual(file.bytes);
  });

  it('has a strong validator, and a HEAD without a body', async () => {
    const response = await ask({}, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe(String(SIZE));
    expect(response.headers.get('etag')).toMatch(/^"[^"]+"$/);
    expect((await bodyOf(response)).byteLength).toBe(0);
    expect((await ask({ range: 'bytes=0-9' }, { method: 'HEAD' })).status).toBe(200);
  });

  it.each([
    ['bytes=0-99', 0, 99],
    ['bytes=100-', 100, SIZE - 1],
    ['bytes=-500', SIZE - 500, SIZE - 1],
    [`bytes=-${SIZE * 2}`, 0, SIZE - 1],
    [`bytes=199990-${SIZE * 2}`, 199_990, SIZE - 1],
    [`bytes=${SIZE - 1}-`, SIZE - 1, SIZE - 1],
  ])('is read in part: %s', async (range, first, last) => {
    const response = await ask({ range });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes ${first}-${last}/${SIZE}`);
    expect(response.headers.get('content-length')).toBe(String(last - first + 1));
    expect(response.headers.get('etag')).toBe(etag);
    expect(await bodyOf(response)).toEqual(file.bytes.slice(first, last + 1));
  });

  it.each([`bytes=${SIZE}-`, `bytes=${SIZE + 5}-${SIZE + 9}`, 'bytes=-0'])(
    'has no such part: %s',
    async (range) => {
      const response = await ask({ range });
      expect(response.status).toBe(416);
      expect(response.headers.get('content-range')).toBe(`bytes */${SIZE}`);
      expect(response.headers.get('cache-control')).toBe('no-store');
    },
  );

  it.each(['bytes=0-1,5-6', 'bytes=9-3', 'items=0-1', 'bytes=', 'bytes=a-b'])(
    'is read whole where a range means nothing here: %s',
    async (range) => {
      const response = await ask({ range });
      expect(response.status).toBe(200);
      expect((await bodyOf(response)).byteLength).toBe(SIZE);
    },
  );

  it('goes on where it is still the same file, and begins anew where it is not', async () => {
    const range = 'bytes=10-19';
    const modified = (await ask({}, { method: 'HEAD' })).headers.get('last-modified') ?? '';
    expect((await ask({ range, 'if-range': etag })).status).toBe(206);
    expect((await ask({ range, 'if-range': modified })).status).toBe(206);
    expect((await ask({ range, 'if-range': '"another"' })).status).toBe(200);
    expect((await ask({ range, 'if-range': `W/${etag}` })).status).toBe(200);
    expect((await ask({ range, 'if-range': 'Sat, 01 Jan 2000 00:00:00 GMT' })).status).toBe(200);
  });

  it('is not sent again to who has it', async () => {
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const response = await ask({ 'if-none-match': known });
      expect(response.status, known).toBe(304);
      expect(response.headers.get('etag')).toBe(etag);
      expect(response.headers.get('cache-control')).toContain('immutable');
    }
    expect((await ask({ 'if-none-match': '"other"' })).status).toBe(200);
    expect((await ask({ 'if-none-match': etag }, { method: 'HEAD' })).status).toBe(304);
    const modified = (await ask({}, { method: 'HEAD' })).headers.get('last-modified') ?? '';
    expect((await ask({ 'if-modified-since': modified })).status).toBe(304);
    // An entity tag says more than a date.
    expect((await ask({ 'if-none-match': '"other"', 'if-modified-since': modified })).status).toBe(200);
  });

  it('is a download where that is asked for', async () => {
    const response = await ask({}, {}, '?download=1');
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="a-fox-size-200000.mp4"; filename*=UTF-8''a-fox-size-200000.mp4`,
    );
    expect(response.headers.get('content-type')).toBe('video/mp4');
    await response.body?.cancel();
  });

  it('may be asked for by pages of other origins', async () => {
    const response = await ask({ origin: 'https://app.example' }, { method: 'OPTIONS' });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-headers')).toContain('Range');
  });

  it('is nowhere else: not by another number, name or capability, and not without', async () => {
    const [, files = '', task = '', n = '', capability = '', name = ''] = file.path.split('/');
    for (const parts of [
      [files, task, '2', capability, name],
      [files, task, n, `${capability.slice(0, -1)}${capability.endsWith('A') ? 'B' : 'A'}`, name],
      [files, task, n, capability, 'other.mp4'],
      [files, task, n, name],
      [files, task],
      [files],
    ]) {
      const response = await file.relay.request(`/${parts.join('/')}`);
      expect(response.status, parts.join('/')).toBe(404);
      expect(response.headers.get('content-type')).toContain('problem+json');
    }
  });
});

describe('a link that nobody was told', () => {
  it.each([
    [
      'a name longer than the bucket takes',
      `/files/task_${'a'.repeat(26)}/1/${'x'.repeat(32)}/${'n'.repeat(2_000)}`,
    ],
    [
      'a name of many bytes',
      `/files/task_${'a'.repeat(26)}/1/${'x'.repeat(32)}/${encodeURIComponent('狐'.repeat(400))}`,
    ],
    ['a way out of its folder', `/files/task_${'a'.repeat(26)}/1/${'x'.repeat(32)}/..%2F..%2Fother`],
    ['something else in the bucket', '/files/backups/1/2/monday.zip'],
  ])('is 404, and costs no request to the bucket: %s', async (_, path) => {
    const relay = await startRelay({ keepsResults: true });
    const asked: string[] = [];
    relay.restart({
      trouble: (name) => {
        if (name.startsWith('R2')) asked.push(name);
        return null;
      },
    });
    for (const headers of [{}, { range: 'bytes=0-1' }] as Record<string, string>[])
      expect((await relay.request(path, { headers })).status).toBe(404);
    expect(asked).toEqual([]);
  });
});

describe('what a file is served as', () => {
  it.each([
    ['a page', '[file:html]', 'bin'],
    ['a drawing that may run scripts', '[file:svg]', 'bin'],
    ['what has no type', '[file:untyped]', 'bin'],
  ])('%s is a download of bytes', async (_, word, ending) => {
    const { relay, path } = await kept(`A fox ${word}`);
    const response = await relay.request(path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(response.headers.get('content-disposition')).toContain('attachment');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(path.endsWith(`.${ending}`)).toBe(true);
    await response.body?.cancel();
  });

  it('is named by the first words of the prompt, whatever their script', async () => {
    const names = [
      'Ein Füchslein, schnürt',
      '雪の中の狐が走る',
      '"><script>alert(1)</script>',
      '… !',
      '[size:100]',
    ];
    const expected = [
      'ein-fuchslein-schnurt',
      '雪の中の狐が走る',
      'script-alert-1-script',
      'result',
      'size-100',
    ];
    for (const [i, prompt] of names.entries()) {
      const { relay, path } = await kept(prompt.includes('size') ? prompt : `${prompt} [size:100]`);
      const name = decodeURIComponent(path.split('/').at(-1) ?? '');
      expect(name.startsWith(expected[i] === 'result' ? 'size-100' : (expected[i] ?? '')), name).toBe(true);
      const response = await relay.request(`${path}?download=1`);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-disposition')).toContain(
        `filename*=UTF-8''${encodeURIComponent(name)}`,
      );
      await response.body?.cancel();
    }
  });
});

/** The names in the bucket. */
async function stored(): Promise<string[]> {
  return (await env.TEST_RESULTS.list()).objects.map(({ key }) => key);
}

async function totals(relay: Relay) {
  return await relay.services.stores.kept.totals();
}

describe('a kept file lives as long as its task', () => {
  it('and goes when its owner erases that', async () => {
    const { relay, me, id, path } = await kept(`A fox [size:${SIZE}]`);
    expect(await totals(relay)).toEqual({ bytes: SIZE, tasks: 1 });
    expect((await me.delete(`/v1/tasks/${id}`)).status).toBe(204);
    expect((await relay.request(path)).status).toBe(404);
    expect(await stored()).toEqual([]);
    expect(await totals(relay)).toEqual({ bytes: 0, tasks: 0 });
  });

  it('and goes with its retention', async () => {
    const { relay, path } = await kept(`A fox [size:${SIZE}]`);
    relay.clock.advance(29 * 86_400_000);
    await relay.tick();
    expect((await relay.request(path, { method: 'HEAD' })).status).toBe(200);
    relay.clock.advance(2 * 86_400_000);
    await relay.tick();
    expect((await relay.request(path)).status).toBe(404);
    expect(await stored()).toEqual([]);
    expect(await totals(relay)).toEqual({ bytes: 0, tasks: 0 });
  });

  it('and a task that is erased while nothing can be removed is still there', async () => {
    const { relay, me, id, path } = await kept(`A fox [size:${SIZE}]`);
    relay.restart({ trouble: (name) => (name === 'R2 delete' ? new Error('R2 is out of order') : null) });
    expect((await me.delete(`/v1/tasks/${id}`)).status).toBe(500);
    expect((await me.get(`/v1/tasks/${id}`)).status).toBe(200);
    relay.restart();
    expect((await me.delete(`/v1/tasks/${id}`)).status).toBe(204);
    expect((await relay.request(path)).status).toBe(404);
  });
});

describe('maintenance mends', () => {
  const HOUR_MS = 3_600_000;

  it('files whose tasks are gone', async () => {
    const { relay, path } = await kept(`A fox [size:${SIZE}]`);
    await env.DB.prepare('delete from tasks').run();
    expect((await relay.request(path, { method: 'HEAD' })).status).toBe(200);
    relay.clock.advance(HOUR_MS);
    await relay.tick();
    expect(await stored()).toEqual([]);
  });

  it('a file that was left by a copy which was not the last', async () => {
    const { relay, id, path } = await kept(`A fox [size:${SIZE}]`);
    await env.TEST_RESULTS.put(`${id}/1/${'x'.repeat(32)}/a-fox.mp4`, 'left behind');
    relay.clock.advance(HOUR_MS);
    await relay.tick();
    expect(await stored()).toEqual([decodeURIComponent(path.replace('/files/', ''))]);
  });

  it('a task whose file is gone, which is told by its upstream link from then on, until the file is there again', async () => {
    const { relay, me, id, path, bytes } = await kept(`A fox [size:${SIZE}]`);
    const key = path.replace('/files/', '');
    await env.TEST_RESULTS.delete(key);
    relay.clock.advance(HOUR_MS);
    await relay.tick();
    const task = (await me.get(`/v1/tasks/${id}`)).body;
    expect(task.result_urls).toEqual(task.source_urls);
    expect(await totals(relay)).toEqual({ bytes: 0, tasks: 0 });
    await env.TEST_RESULTS.put(key, bytes);
    relay.clock.advance(HOUR_MS);
    await relay.tick();
    expect((await me.get(`/v1/tasks/${id}`)).body.result_url).toBe(`https://relay.test${path}`);
    expect(await totals(relay)).toEqual({ bytes: SIZE, tasks: 1 });
  });

  it("nothing that is somebody else's", async () => {
    const { relay, path } = await kept(`A fox [size:${SIZE}]`);
    await env.TEST_RESULTS.put('backups/monday.zip', 'not ours');
    relay.clock.advance(HOUR_MS);
    await relay.tick();
    expect(await stored()).toEqual(['backups/monday.zip', path.replace('/files/', '')]);
  });
});

describe('maintenance goes on', () => {
  it("behind more of somebody else's files than it reads at once", async () => {
    const { relay } = await kept(`A fox [size:100]`);
    await Promise.all(
      Array.from({ length: 1_001 }, async (_, i) => {
        await env.TEST_RESULTS.put(`backups/${String(i).padStart(4, '0')}.zip`, 'not ours');
      }),
    );
    await env.DB.prepare('delete from tasks').run();
    for (let hour = 0; hour < 2; hour++) {
      relay.clock.advance(3_600_000);
      await relay.tick();
    }
    expect((await env.TEST_RESULTS.list({ prefix: 'task_' })).objects).toEqual([]);
    await env.TEST_RESULTS.delete((await stored()).slice(0, 1_000));
    await env.TEST_RESULTS.delete(await stored());
  }, 60_000);
});

describe('where no bucket is bound', () => {
  it('there are no files, and a task is told as soon as upstream has ended it', async () => {
    const relay = await startRelay({ timeScale: 0.05 });
    const me = relay.as((await relay.client()).key);
    const { id } = (await me.post('/v1/tasks', video('a fox [size:100]'))).body;
    await relay.tickUntil(async () => (await me.get(`/v1/tasks/${id}`)).body.state === 'succeeded');
    const task = (await me.get(`/v1/tasks/${id}`)).body;
    expect(task.result_urls).toEqual(task.source_urls);
    expect(relay.simulator.snapshot().files).toEqual({});
    expect((await relay.request(`/files/${id}/1/${'x'.repeat(32)}/a-fox.mp4`)).status).toBe(404);
  });
});
