import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { envelope, withUpstream } from '../support/odd-upstream.ts';
import type { Answers } from '../support/odd-upstream.ts';
import { video } from '../support/relay.ts';

const HOOK = 'https://hooks.example.com/1';
const A = 'https://cdn.example.com/1.mp4';
const B = 'https://cdn.example.com/2.mp4';
const PNG = 'https://cdn.example.com/first.png';

/** An upstream that takes a task and then answers recordInfo by script, its last answer over and over. */
function recording(...records: (Record<string, unknown> | number)[]): Answers {
  let asked = 0;
  return (path) => {
    if (path.endsWith('createTask')) return envelope({ taskId: 'up-1' });
    const record = records[Math.min(asked++, records.length - 1)] ?? {};
    return typeof record === 'number' ? envelope(null, record) : envelope({ taskId: 'up-1', ...record });
  };
}

const success = (resultJson: unknown = null) => ({ state: 'success', resultJson });

async function follow(answers: Answers, post: Record<string, unknown> = {}) {
  const world = await withUpstream(answers);
  const receiver = world.relay.receiver('hooks.example.com');
  const { body } = await world.ask('POST', '/v1/tasks', video('x', { callback_url: HOOK, ...post }));
  const task = async () => (await world.ask('GET', `/v1/tasks/${body.id}`)).body;
  /** Crons until the task has an end, or for so many seconds. */
  const run = async (seconds: number) => {
    const until = world.relay.clock.now() + seconds * 1_000;
    while (world.relay.clock.now() < until) {
      await world.tick();
      if (!['queued', 'running'].includes((await task()).state)) break;
    }
    return await task();
  };
  return { ...world, receiver, id: String(body.id), task, run };
}

describe('a result in an odd shape', () => {
  it.each<[string, unknown, string[]]>([
    ['a list in a text', '{"resultUrls":"[\\"https://cdn.example.com/1.mp4\\"]"}', [A]],
    ['the whole encoded twice', JSON.stringify(JSON.stringify({ resultUrls: [A, B] })), [A, B]],
    ['the object itself', { resultUrls: [A, B] }, [A, B]],
    ['another name beside an empty list', JSON.stringify({ resultUrls: [], videoUrl: A }), [A]],
    ['a bare link with white space', ` ${A}\n`, [A]],
    ['two links in one text', JSON.stringify({ resultUrls: `${A},${B}` }), [A, B]],
    ['two lines', `${A}\r\n${B}`, [A, B]],
    ['its first frame', JSON.stringify({ firstFrameUrl: PNG, videoUrl: A }), [A]],
    ['its input', JSON.stringify({ input: { image_urls: [PNG] }, param: PNG, out: { link: A } }), [A]],
  ])('with %s arrives with its links, in the task and in its callback', async (_, resultJson, urls) => {
    const { run, receiver } = await follow(recording(success(resultJson)));
    const links = { result_url: urls[0], result_urls: urls, source_urls: urls };
    expect(await run(20)).toMatchObject({ state: 'succeeded', ...links });
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({ type: 'task.succeeded', ...links });
  });

  it('of 512 KB is kept and told whole, its last link too', async () => {
    const urls = Array.from(
      { length: 2_000 },
      (_, i) => `https://cdn.example.com/${'x'.repeat(200)}/${i}.mp4`,
    );
    const resultJson = JSON.stringify({ resultUrls: urls, log: '"'.repeat(20_000) });
    const { run, receiver, ask, id } = await follow(recording(success(resultJson)));
    expect((await run(20)).result_urls).toEqual(urls);
    expect(JSON.parse(receiver.received[0]?.body ?? '').result_urls).toEqual(urls);
    expect((await ask('GET', `/api/v1/jobs/recordInfo?taskId=${id}`)).body.data.resultJson).toBe(resultJson);
  });

  it('several of which end at once is written, although one statement does not take them', async () => {
    const log = '"'.repeat(400_000 / 2);
    let made = 0;
    const { ask, tick } = await withUpstream((path, { url }) => {
      if (path.endsWith('createTask')) return envelope({ taskId: `up-${++made}` });
      const taskId = new URL(url).searchParams.get('taskId');
      return envelope({ taskId, ...success({ resultUrls: [`https://cdn.example.com/${taskId}.mp4`], log }) });
    });
    for (let i = 0; i < 6; i++) await ask('POST', '/v1/tasks', video(`x ${i}`));
    await tick();
    await tick();
    // A page has a megabyte at the most.
    const urls: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await ask('GET', `/v1/tasks?cursor=${cursor}`);
      urls.push(...body.data.map((task: { result_url: string }) => task.result_url));
      cursor = body.next_cursor;
    }
    expect(new Set(urls)).toEqual(
      new Set([1, 2, 3, 4, 5, 6].map((n) => `https://cdn.example.com/up-${n}.mp4`)),
    );
  });
});

describe('a success without a link', () => {
  it('is polled on, and told with its link when that comes', async () => {
    const { run, receiver, tick } = await follow(
      recording(success(), success('{"resultUrls":[]}'), success(A)),
    );
    await tick();
    expect(receiver.received.filter(({ body }) => JSON.parse(body).result_url === null)).toEqual([]);
    expect(await run(60)).toMatchObject({ state: 'succeeded', result_url: A });
    expect(receiver.received).toHaveLength(1);
  });

  it("fails 120 s after the first such answer, with no_result and upstream's words", async () => {
    const words = { failCode: '451', failMsg: 'Removed by the filter.' };
    const { relay, run, receiver, task, ask, id } = await follow(recording({ ...success(), ...words }));
    const start = relay.clock.now();
    expect(await run(100)).toMatchObject({ state: 'running', error_code: null, result_urls: [] });
    const ended = await run(60);
    expect(ended).toMatchObject({
      state: 'failed',
      error_code: 'no_result',
      error_message: words.failMsg,
      result_url: null,
    });
    const waited = Date.parse(ended.completed_at) - start;
    expect(waited).toBeGreaterThanOrEqual(120_000);
    expect(waited).toBeLessThan(140_000);
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({
      type: 'task.failed',
      error_code: 'no_result',
    });
    const record = await ask('GET', `/api/v1/jobs/recordInfo?taskId=${id}`);
    expect(record.body.data).toMatchObject({ state: 'fail', failCode: '451', failMsg: words.failMsg });
    expect(await task()).toEqual(ended);
  });

  it('fails in our words where upstream has none, or empty ones', async () => {
    const { run } = await follow(recording({ ...success(), failCode: '', failMsg: '' }));
    expect(await run(150)).toMatchObject({
      error_code: 'no_result',
      error_message: 'Upstream says that the task succeeded, but gave no link to a result within 120 s.',
    });
  });

  it('is counted over restarts, outages, and answers that it still runs', async () => {
    const script = [success(), 500, { state: 'waiting' }, 404, success(), { state: 'waiting' }];
    const { relay, run, restart, tick } = await follow(recording(...script, success()));
    const start = relay.clock.now();
    for (let i = 0; i < 5; i++) {
      await tick();
      restart();
      relay.clock.advance(10_000);
    }
    const ended = await run(200);
    expect(ended).toMatchObject({ state: 'failed', error_code: 'no_result' });
    expect(Date.parse(ended.completed_at) - start).toBeLessThan(150_000);
  });

  it('is polled every few seconds, however old its task is', async () => {
    const { relay, tick, calls, run } = await follow(recording({ state: 'waiting' }));
    relay.clock.advance(5 * 3_600_000);
    await tick();
    await env.DB.prepare('update tasks set unlinked_since = ?1, due_at = ?1').bind(relay.clock.now()).run();
    const before = calls.length;
    await run(60);
    expect(calls.length - before).toBeGreaterThanOrEqual(9);
    expect(calls.length - before).toBeLessThanOrEqual(21);
  });

  it("times out at the task's own deadline", async () => {
    const { run } = await follow(recording(success()), { timeout_seconds: 40 });
    expect(await run(60)).toMatchObject({ state: 'failed', error_code: 'timed_out' });
  });

  it('reads waiting on the drop-in surface', async () => {
    const { run, ask, id } = await follow(recording(success()));
    await run(30);
    const { data } = (await ask('GET', `/api/v1/jobs/recordInfo?taskId=${id}`)).body;
    expect(data).toMatchObject({ state: 'waiting', resultJson: null });
  });
});

describe('a refresh', () => {
  it.each([
    ['no result', success()],
    ['an empty list', success({ resultUrls: [] })],
    ['a text without a link', success('gone')],
    ['another task', { ...success(B), taskId: 'up-2' }],
    ['a failure', { state: 'fail', failMsg: 'expired' }],
  ])('that gives %s leaves the links that are there', async (_, later) => {
    const { run, ask, id, receiver, task, tick } = await follow(recording(success(A), later));
    await run(20);
    expect((await ask('POST', `/v1/tasks/${id}/redeliver`)).status).toBe(202);
    await tick();
    expect(receiver.received).toHaveLength(2);
    expect(receiver.received[1]?.body).toBe(receiver.received[0]?.body);
    expect(await task()).toMatchObject({ result_urls: [A], callback: { state: 'delivered' } });
  });
});

describe('a failure', () => {
  it.each([
    [
      'empty words',
      { failCode: '', failMsg: '' },
      'upstream_failed',
      'Upstream says that the task failed, and gives no reason.',
    ],
    ['an object', { failCode: 7, failMsg: { message: 'No faces.' } }, '7', 'No faces.'],
    ['a number', { failCode: null, failMsg: 500 }, 'upstream_failed', '500'],
  ])('with %s for words is told in words', async (_, said, failCode, message) => {
    const { run, ask, id } = await follow(recording({ state: 'FAILED', ...said }));
    expect(await run(20)).toMatchObject({
      state: 'failed',
      error_code: 'upstream_failed',
      error_message: message,
    });
    const record = await ask('GET', `/api/v1/jobs/recordInfo?taskId=${id}`);
    expect(record.body.data).toMatchObject({ failCode, failMsg: message });
  });
});

describe('a completion that cannot be', () => {
  it.each([
    ['0', () => 0],
    ['in seconds', (now: number) => Math.round(now / 1_000)],
    ['in the future', (now: number) => now + 3_600_000],
    ['before the submission', (now: number) => now - 3_600_000],
  ])('%s counts as none, and nothing is learned from it', async (_, time) => {
    const relay: { now: number } = { now: 0 };
    const { run, relay: world } = await follow((path) => {
      if (path.endsWith('createTask')) return envelope({ taskId: 'up-1' });
      return envelope({ taskId: 'up-1', ...success(A), completeTime: time(relay.now), costTime: 4 });
    });
    relay.now = world.clock.now();
    world.clock.advance(4_000);
    const ended = await run(20);
    expect(ended.duration_ms).toBeGreaterThanOrEqual(4_000);
    expect(Date.parse(ended.completed_at)).toBeLessThanOrEqual(world.clock.now());
    expect((await env.DB.prepare('select * from durations').all()).results).toEqual([]);
  });
});

describe('a limit', () => {
  it.each([
    ['no data, and its header', () => limited({ code: 429, msg: 'slow down', data: null }, '12')],
    ['a text in its data', () => envelope({ retryAfter: '12' }, 429)],
    [
      'its status and header alone',
      () => new Response('Too Many Requests', { status: 429, headers: { 'retry-after': '12' } }),
    ],
  ])('that is told by %s is waited out', async (_, refuse) => {
    const submits: number[] = [];
    const world: { now: () => number } = { now: () => 0 };
    const { relay, ask, tick } = await withUpstream(
      (path) => {
        if (!path.endsWith('createTask')) return envelope({ taskId: 'up-1', state: 'waiting' });
        submits.push(world.now());
        return submits.length === 1 ? refuse() : envelope({ taskId: 'up-1' });
      },
      { TICK_SECONDS: '20' },
    );
    world.now = () => relay.clock.now();
    const { body } = await ask('POST', '/v1/tasks', video());
    expect(body).toMatchObject({ state: 'queued', queue: { reason: 'upstream_limited' } });
    await tick();
    expect(submits).toHaveLength(2);
    const waited = (submits[1] ?? 0) - (submits[0] ?? 0);
    expect(waited).toBeGreaterThanOrEqual(12_000);
    expect(waited).toBeLessThan(20_000);
  });
});

function limited(body: unknown, retryAfter: string): Response {
  return Response.json(body, { status: 429, headers: { 'retry-after': retryAfter } });
}

describe("another task's video", () => {
  it('goes to nobody, where recordInfo answers about another task', async () => {
    const { run, receiver, task } = await follow(
      recording(...[1, 2, 3].map(() => ({ ...success(B), taskId: 'up-2' })), success(A)),
    );
    expect(await run(60)).toMatchObject({ state: 'succeeded', result_urls: [A] });
    expect(receiver.received).toHaveLength(1);
    expect((await task()).result_urls).toEqual([A]);
  });

  it('goes to nobody, where createTask answers the id of another task of the key', async () => {
    const other = 'rb_other';
    const { relay, ask, tick } = await withUpstream((path) =>
      path.endsWith('createTask')
        ? envelope({ taskId: 'up-1' })
        : envelope({ taskId: 'up-1', ...success(A) }),
    );
    const { key } = await relay.client({ name: other });
    const first = await ask('POST', '/v1/tasks', video('mine'));
    const second = await ask('POST', '/v1/tasks', video('theirs', { timeout_seconds: 60 }), key);
    expect(first.body.state).toBe('running');
    expect(second).toMatchObject({
      status: 202,
      body: {
        state: 'queued',
        queue: {
          reason: 'upstream_failing',
          problem: 'upstream answered with the id of another task of this key',
        },
      },
    });
    for (let i = 0; i < 8; i++) await tick();
    expect((await ask('GET', `/v1/tasks/${first.body.id}`)).body).toMatchObject({ result_urls: [A] });
    const ended = (await ask('GET', `/v1/tasks/${second.body.id}`, undefined, key)).body;
    expect(ended).toMatchObject({ state: 'failed', error_code: 'timed_out', result_urls: [] });
    expect(ended.error_message).toContain('the id of another task');
  });

  it('goes to nobody, where both are submitted at once', async () => {
    const { ask, tick } = await withUpstream((path) =>
      path.endsWith('createTask')
        ? envelope({ taskId: 'up-1' })
        : envelope({ taskId: 'up-1', ...success(A) }),
    );
    const posted = await Promise.all([1, 2, 3].map((n) => ask('POST', '/v1/tasks', video(`row ${n}`))));
    const states = posted.map(({ body }) => String(body.state));
    expect(states.toSorted()).toEqual(['queued', 'queued', 'running']);
    for (let i = 0; i < 3; i++) await tick();
    const { data } = (await ask('GET', '/v1/tasks')).body;
    expect(data.filter((task: { result_url: string | null }) => task.result_url === A)).toHaveLength(1);
  });

  it('goes to nobody, where one cron submits both and writes them together', async () => {
    let isDown = true;
    const { ask, tick } = await withUpstream((path) => {
      if (isDown) return new Response('down', { status: 503 });
      return path.endsWith('createTask')
        ? envelope({ taskId: 'up-1' })
        : envelope({ taskId: 'up-1', ...success(A) });
    });
    await Promise.all([1, 2, 3].map((n) => ask('POST', '/v1/tasks', video(`row ${n}`))));
    isDown = false;
    for (let i = 0; i < 3; i++) await tick();
    const { data } = (await ask('GET', '/v1/tasks')).body;
    const states = data.map(({ state }: { state: string }) => state).toSorted();
    expect(states).toEqual(['queued', 'queued', 'succeeded']);
  });

  it('is no matter where two upstream keys use the same ids', async () => {
    const { relay, ask } = await withUpstream(() => envelope({ taskId: 'up-1' }));
    const { key } = await relay.client({ name: 'own', upstream_api_key: 'sk-of-their-own' });
    const states = [await ask('POST', '/v1/tasks', video()), await ask('POST', '/v1/tasks', video(), key)];
    expect(states.map(({ body }) => body.state)).toEqual(['running', 'running']);
  });
});
