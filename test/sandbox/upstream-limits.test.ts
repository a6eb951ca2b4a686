import { describe, expect, it } from 'vitest';
import { read, startUpstream, video } from './upstream-client.ts';

describe('a tier', () => {
  it('limits createTask in a window of one second', async () => {
    const upstream = startUpstream({ timeScale: 0 });
    const key = 'sk-sandbox-basic';
    for (let sent = 0; sent < 5; sent += 1) await upstream.task('', { key });
    const refused = await upstream.createTask(video(''), { key });
    expect(refused.status).toBe(429);
    expect(await read(refused)).toEqual({
      code: 429,
      msg: 'rate limit exceeded',
      data: { retryAfter: 1, limit: 5, tier: 'basic', windowSeconds: 1 },
    });
    upstream.advance(1);
    expect((await upstream.createTask(video(''), { key })).status).toBe(200);
  });

  it('limits createTask in a window of sixty seconds, and says when it is over', async () => {
    const upstream = startUpstream({ timeScale: 0 });
    const key = 'sk-sandbox-free';
    for (let sent = 0; sent < 10; sent += 1) {
      await upstream.task('', { key });
      upstream.advance(1.5);
    }
    const refused = await read(await upstream.createTask(video(''), { key }));
    expect(refused.data).toEqual({ retryAfter: 45, limit: 10, tier: 'free', windowSeconds: 60 });
    upstream.advance(45);
    expect((await upstream.createTask(video(''), { key })).status).toBe(200);
  });

  it('limits recordInfo by itself', async () => {
    const upstream = startUpstream();
    const key = 'sk-sandbox-free';
    const taskId = await upstream.task('', { key });
    await upstream.record(taskId, { key });
    await upstream.record(taskId, { key });
    const refused = await read(await upstream.recordInfo(taskId, { key }));
    expect(refused.data).toMatchObject({ limit: 2, windowSeconds: 1 });
    expect((await upstream.recordInfo(taskId, { key: 'sk-sandbox-basic' })).status).toBe(404);
  });

  it.each([
    ['sk-sandbox-free', 1],
    ['sk-sandbox-basic', 5],
    ['sk-sandbox-standard', 15],
    ['sk-sandbox-pro', 30],
    ['sk-sandbox-ultra', 80],
    ['sk-anything', 300],
  ])('lets %s have %i active tasks, and answers 409 to the next', async (key, limit) => {
    const upstream = startUpstream();
    for (let sent = 0; sent < limit; sent += 1) {
      await upstream.task('[slow:100000]', { key });
      upstream.advance(6);
    }
    expect((await upstream.createTask(video(''), { key })).status).toBe(409);
    upstream.advance(100_000);
    expect((await upstream.createTask(video(''), { key })).status).toBe(200);
  });
});

describe('credits', () => {
  it('are charged once per task, and 402 says that they do not suffice', async () => {
    const upstream = startUpstream({ timeScale: 0 });
    const key = 'sk-sandbox-pro-credits500';
    await upstream.task('', { key });
    const refused = await upstream.createTask(video(''), { key });
    expect(await read(refused)).toEqual({ code: 402, msg: 'insufficient credits', data: null });
    expect(upstream.simulator.snapshot().keys).toMatchObject([{ charged: 400, creditsLeft: 100 }]);
  });

  it('tier and active limit can be set for a key while it is in use', async () => {
    const upstream = startUpstream();
    const key = 'sk-mine';
    await upstream.task('[never]', { key });
    await upstream.control('keys', { key, tier: 'free', credits: 400 });
    upstream.advance(1);
    expect((await upstream.createTask(video(''), { key })).status).toBe(409);
    await upstream.control('keys', { key, activeLimit: 2 });
    upstream.advance(1);
    expect((await upstream.createTask(video(''), { key })).status).toBe(200);
    expect(upstream.simulator.snapshot().keys).toMatchObject([
      { tier: 'free', creditsLeft: 0, charged: 800 },
    ]);
  });
});
