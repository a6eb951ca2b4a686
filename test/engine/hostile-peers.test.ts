import { describe, expect, it } from 'vitest';
import { createCallbackSender } from '../../src/delivery/sender.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { envelope, withUpstream } from '../support/odd-upstream.ts';
import type { Answers } from '../support/odd-upstream.ts';
import { startRelay, video } from '../support/relay.ts';

const hurried = () => envelope({ retryAfter: 1e-9 }, 429);
const created = () => envelope({ taskId: 'up-1' });
const ending =
  (record: Record<string, unknown>): Answers =>
  (path) =>
    path.endsWith('createTask') ? created() : envelope({ taskId: 'up-1', ...record });

/** Posts a task to such an upstream, lets a tick see its record, and reads the task. */
async function taskAfter(record: Record<string, unknown>) {
  const { relay, ask, tick } = await withUpstream(ending(record));
  const receiver = relay.receiver('hooks.example.com');
  const { body } = await ask(
    'POST',
    '/v1/tasks',
    video('x', { callback_url: 'https://hooks.example.com/1' }),
  );
  await tick();
  // A link that has not come by then is waited for no longer.
  relay.clock.advance(120_000);
  await tick();
  const task = await ask('GET', `/v1/tasks/${body.id}`);
  const dropIn = await ask('GET', `/api/v1/jobs/recordInfo?taskId=${body.id}`);
  return { relay, task, dropIn, callback: receiver.received[0]?.body ?? '' };
}

describe('an upstream that ends a task', () => {
  it('gives no URL but http(s) ones', async () => {
    const resultUrls = [
      'javascript:alert(1)',
      'data:text/html,<script>alert(1)</script>',
      'file:///etc/passwd',
      '//cdn.example.com/x.mp4',
      'https://cdn.example.com/a b.mp4',
      ' https://cdn.example.com/c.mp4',
      42,
      { url: 'https://cdn.example.com/nested.mp4' },
      'https://cdn.example.com/good.mp4',
    ];
    const { task, callback } = await taskAfter({
      state: 'success',
      resultJson: JSON.stringify({ resultUrls }),
    });
    expect(task.body.result_urls.sort()).toEqual(
      [
        'https://cdn.example.com/good.mp4',
        'https://cdn.example.com/nested.mp4',
        // A link with white space around it is a link.
        'https://cdn.example.com/c.mp4',
      ].sort(),
    );
    expect(callback).not.toMatch(/javascript:|data:text|file:/);
  });

  it.each([
    ['a completion in a far future', { completeTime: 8.64e15 }],
    ['a completion before all time', { completeTime: 0 }],
    ['a completion beyond all dates', { completeTime: 1e300 }],
    ['a completion in words', { completeTime: 'tomorrow' }],
    ['a negative cost', { costTime: -1 }],
    ['a cost beyond all numbers', { costTime: 1e308 }],
    ['a broken cost', { costTime: 1.5 }],
  ])('with %s ends it between its submission and now', async (_what, times) => {
    const { relay, task, dropIn } = await taskAfter({
      state: 'success',
      resultJson: '["https://cdn.example.com/1.mp4"]',
      ...times,
    });
    expect(task.body.state).toBe('succeeded');
    const completedAt = Date.parse(task.body.completed_at);
    expect(completedAt).toBeGreaterThanOrEqual(Date.parse(task.body.submitted_at));
    expect(completedAt).toBeLessThanOrEqual(relay.clock.now());
    expect(task.body.duration_ms).toBeGreaterThanOrEqual(0);
    expect(Number.isSafeInteger(dropIn.body.data.costTime)).toBe(true);
    expect(dropIn.body.data.costTime).toBeGreaterThanOrEqual(0);
  });

  it.each([
    ['a megabyte of words', 'x'.repeat(900_000)],
    ['half a character', 'a\ud800b'],
    ['a null byte', 'before\u0000after'],
    ['line breaks and HTML', '<script>alert(1)</script>\r\nSet-Cookie: a=b'],
  ])('as failed with %s is told in a bounded, well-formed way', async (_what, failMsg) => {
    const { task, callback } = await taskAfter({
      state: 'fail',
      failCode: failMsg.slice(0, 10_000),
      failMsg,
    });
    expect(task.status).toBe(200);
    expect(task.body).toMatchObject({ state: 'failed', error_code: 'upstream_failed' });
    expect(task.body.error_message.length).toBeLessThanOrEqual(4_000);
    expect(task.body.error_message.isWellFormed()).toBe(true);
    expect(JSON.parse(callback).error_message).toBe(task.body.error_message);
    expect(callback.length).toBeLessThan(10_000);
  });

  it.each([
    [
      'results without end',
      JSON.stringify({ resultUrls: Array(9_000).fill('https://cdn.example.com/x.mp4') }),
      'succeeded',
    ],
    ['a result of nested lists', `${'['.repeat(200_000)}${']'.repeat(200_000)}`, 'failed'],
    [
      'a result with keys of JavaScript',
      '{"__proto__":{"x":1},"constructor":{"prototype":{"y":2}},"resultUrls":["https://a.example/1"]}',
      'succeeded',
    ],
    ['a result that is no JSON', '{'.repeat(100_000), 'failed'],
  ])('with %s leaves a task that can be read and called back', async (_what, resultJson, state) => {
    const { task, callback } = await taskAfter({ state: 'success', resultJson });
    expect(task.body.state).toBe(state);
    expect(task.text.length).toBeLessThan(200_000);
    expect(JSON.parse(callback).type).toBe(`task.${state}`);
    expect(Object.prototype).not.toHaveProperty('x');
    expect(Object.prototype).not.toHaveProperty('y');
  });
});

describe('an upstream that is asked for a task', () => {
  it.each<[string, () => Response]>([
    ['an answer without end', () => new Response(endless())],
    ['an answer that grows when it is unpacked', () => new Response(bomb().stream)],
    ['a redirect', () => new Response(null, { status: 302, headers: { location: 'https://evil.example/' } })],
    ['HTML', () => new Response('<html>')],
    ['null', () => Response.json(null)],
    ['a list', () => Response.json([])],
    ['a code that is no number', () => Response.json({ code: 'OK', data: { taskId: 'x' } })],
    ['a code beyond all numbers', () => new Response('{"code":1e999,"data":{"taskId":"x"}}')],
    ['a task without id', () => envelope({})],
    ['a task id of a megabyte', () => envelope({ taskId: 'x'.repeat(1_000_000) })],
    ['a task id that is a list', () => envelope({ taskId: ['x'] })],
    ['an envelope of nested lists', () => new Response('['.repeat(500_000))],
  ])('and answers with %s leaves the task queued', async (_what, answer) => {
    const { ask } = await withUpstream(answer);
    const { status, body } = await ask('POST', '/v1/tasks', video());
    expect([status, body.state]).toEqual([202, 'queued']);
  });

  it('and asks for no time at all to be waited is not asked again and again', async () => {
    const { ask, calls, tick } = await withUpstream(hurried, { TICK_SECONDS: '3' });
    await ask('POST', '/v1/tasks', video());
    await tick();
    // The post, and a tick of 3 s at five a second.
    expect(calls.length).toBeLessThanOrEqual(16);
  });

  it('and asks for a year to be waited is asked again within the hour', async () => {
    const { relay, ask, calls, tick } = await withUpstream(() => envelope({ retryAfter: 1e300 }, 429));
    await ask('POST', '/v1/tasks', video());
    relay.clock.advance(3_610_000);
    await tick();
    expect(calls.length).toBeGreaterThan(1);
  });
});

function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536).fill(120)) });
}

/** 64 MiB of zeros, packed; and how much of it was unpacked. */
function bomb() {
  const state = { unpacked: 0 };
  const zeros = new Uint8Array(65_536);
  let left = 1_024;
  const source = new ReadableStream<Uint8Array>({
    pull: (controller) => (left-- > 0 ? controller.enqueue(zeros) : controller.close()),
  });
  const packed = source.pipeThrough(new CompressionStream('gzip'));
  const counting = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      state.unpacked += chunk.byteLength;
      controller.enqueue(chunk);
    },
  });
  return { state, stream: packed.pipeThrough(new DecompressionStream('gzip')).pipeThrough(counting) };
}

const call = async (response: () => Response) =>
  await createCallbackSender({
    clock: new FakeClock(0, () => false),
    timeoutMs: 15_000,
    allowPrivate: false,
    checkName: null,
    fetch: async () => response(),
  })({ url: 'https://hooks.example.com/1', headers: {}, body: '{}', ownHosts: [] });

describe('a receiver', () => {
  it('whose answer grows when it is unpacked is read for one KiB', async () => {
    const { stream, state } = bomb();
    const answer = await call(() => new Response(stream, { status: 500 }));
    expect(answer).toMatchObject({ kind: 'response', status: 500 });
    expect(answer.kind === 'response' && answer.excerpt.length).toBeLessThanOrEqual(1_024);
    expect(state.unpacked).toBeLessThan(4_000_000);
  });

  it('whose answer to a success is a bomb is not read at all', async () => {
    const { stream, state } = bomb();
    expect(await call(() => new Response(stream, { status: 200 }))).toMatchObject({
      status: 200,
      excerpt: '',
    });
    expect(state.unpacked).toBeLessThan(1_000_000);
  });

  it('with an answer that cannot be unpacked has answered all the same', async () => {
    const broken = new Blob(['this is not gzip']).stream().pipeThrough(new DecompressionStream('gzip'));
    expect(await call(() => new Response(broken, { status: 502 }))).toMatchObject({
      status: 502,
      excerpt: '',
    });
  });

  it.each([
    ['half a character', new Uint8Array([0x61, 0xed, 0xa0, 0x80, 0x62])],
    ['null bytes', new Uint8Array([0x61, 0, 0, 0x62])],
    ['HTML', new TextEncoder().encode('<script>alert(1)</script>')],
  ])('that answers with %s leaves an attempt log that can be read', async (_what, bytes) => {
    const relay = await startRelay({ timeScale: 0, vars: { TICK_SECONDS: '5' } });
    const { key } = await relay.client();
    relay.receiver('hooks.example.com', [{ status: 500, body: String.fromCharCode(...bytes) }]);
    const { body } = await relay
      .as(key)
      .post('/v1/tasks', video('', { callback_url: 'https://hooks.example.com/1' }));
    await relay.tick();
    const log = await relay.as(key).get(`/v1/tasks/${body.id}/attempts`);
    expect(log.body.data[0]).toMatchObject({ status: 500, outcome: 'retry' });
    expect(log.headers.get('x-content-type-options')).toBe('nosniff');
  });
});
