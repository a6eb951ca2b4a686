import { describe, expect, it } from 'vitest';

import { startRelay, video } from '../support/relay.ts';
import type { RelayOptions } from '../support/relay.ts';

const CREATE = '/api/v1/jobs/createTask';
const HOOK = 'https://hooks.example.com/42';

async function start(options: RelayOptions = {}) {
  const relay = await startRelay(options);
  const { key } = await relay.client();
  const me = relay.as(key);
  const create = async (prompt: string, extra = {}, headers = {}): Promise<string> =>
    (await me.post(CREATE, video(prompt, extra), headers)).body.data.taskId;
  const record = async (id: string) => await me.get(`/api/v1/jobs/recordInfo?taskId=${id}`);
  return { relay, key, me, create, record };
}

describe('a client of the upstream that changed its base URL and key', () => {
  it('creates a task as it always has', async () => {
    const { relay, me } = await start();
    const answer = await me.post(CREATE, video());
    expect(answer).toMatchObject({ status: 200, body: { code: 200, msg: 'success' } });
    expect(Object.keys(answer.body)).toEqual(['code', 'msg', 'data']);
    expect(answer.body.data).toEqual({ taskId: expect.stringMatching(/^task_/) });
    expect(relay.simulator.snapshot().tasks).toMatchObject([{ requestId: answer.body.data.taskId }]);
  });

  it('reads a running task in the words that it knows', async () => {
    const { create, record } = await start();
    const id = await create('[never]');
    expect(await record(id)).toMatchObject({ status: 200, body: { code: 200, msg: 'success' } });
    expect((await record(id)).body.data).toEqual({
      taskId: id,
      model: video().model,
      state: 'waiting',
      param: JSON.stringify(video('[never]')),
      resultJson: null,
      failCode: null,
      failMsg: null,
      costTime: null,
      completeTime: null,
      createTime: Date.UTC(2026, 10, 22, 15),
    });
  });

  it('does not notice that a task waits here', async () => {
    const { relay, create, record } = await start();
    await relay.fault({ endpoint: 'createTask', kind: 'status', status: 409 });
    expect((await record(await create('a fox'))).body.data.state).toBe('waiting');
  });

  it('reads a success with the result as upstream gave it', async () => {
    const { relay, create, record } = await start({ timeScale: 0 });
    const id = await create('a fox');
    await relay.tick();
    const { data } = (await record(id)).body;
    expect(data).toMatchObject({ state: 'success', failCode: null, failMsg: null });
    expect(JSON.parse(data.resultJson).resultUrls).toHaveLength(1);
    expect(data.completeTime).toBeGreaterThanOrEqual(data.createTime);
    expect(data.costTime).toEqual(expect.any(Number));
  });

  it.each([
    ['upstream failed', '[fail:400:content policy]', { failCode: '400', failMsg: 'content policy' }],
    ['upstream lost', '[lost]', { failCode: expect.any(String), failMsg: expect.any(String) }],
  ])('reads a task that %s as a fail', async (_, prompt, expected) => {
    const { relay, create, record } = await start({ timeScale: 0 });
    const id = await create(prompt);
    await relay.tickUntil(async () => (await record(id)).body.data.state === 'fail');
    expect((await record(id)).body.data).toMatchObject({ state: 'fail', resultJson: null, ...expected });
  });

  it('reads a task that was canceled here as a fail, with our code', async () => {
    const { me, create, record } = await start();
    const id = await create('[never]');
    await me.post(`/v1/tasks/${id}/cancel`);
    expect((await record(id)).body.data).toMatchObject({ state: 'fail', failCode: 'canceled' });
  });

  it('finds the same task by its X-Request-ID', async () => {
    const { relay, create } = await start();
    const headers = { 'X-Request-ID': 'b8a4' };
    expect(await create('a fox', {}, headers)).toBe(await create('a fox', {}, headers));
    expect(relay.simulator.snapshot().tasks).toHaveLength(1);
  });

  it('sees the same task on the other surface', async () => {
    const { me, create, record } = await start();
    const id = await create('[never]', { callBackUrl: HOOK });
    const { body: task } = await me.get(`/v1/tasks/${id}`);
    expect(task).toMatchObject({ id, state: 'running', callback: { url: HOOK } });
    const { body: other } = await me.post('/v1/tasks', video('[never]'));
    expect((await record(other.id)).body.data.taskId).toBe(other.id);
  });
});

describe('a callBackUrl', () => {
  it('is called with exactly what recordInfo answers', async () => {
    const { relay, key, create } = await start({ timeScale: 0 });
    const receiver = relay.receiver('hooks.example.com');
    const id = await create('a fox', { callBackUrl: HOOK });
    await relay.tick();
    const answer = await relay.request(`/api/v1/jobs/recordInfo?taskId=${id}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(receiver.received.map(({ body }) => body)).toEqual([await answer.text()]);
    expect(receiver.received[0]?.headers['webhook-id']).toMatch(/^msg_/);
  });

  it('may be null, as no-code tools send it', async () => {
    const { me, create } = await start();
    const id = await create('[never]', { callBackUrl: null });
    expect((await me.get(`/v1/tasks/${id}`)).body.callback).toBeNull();
  });
});

describe("a refusal is told in upstream's envelope", () => {
  it.each<[string, unknown, string]>([
    ['an unknown model', { ...video(), model: 'sora' }, 'model: must be one of: seedance-2.0'],
    ['an unknown field', video('x', { callback_url: HOOK }), 'callback_url: is not a field of this request'],
    ['an unknown field inside the input', { ...video(), input: { fps: 30 } }, 'input.fps: is not a field'],
    ['a private address', video('x', { callBackUrl: 'https://10.0.0.1/' }), 'callBackUrl: '],
    ['what belongs to the other surface', video('x', { metadata: {} }), 'metadata: is not a field'],
  ])('%s', async (_, body, words) => {
    const { me, relay } = await start();
    const answer = await me.post(CREATE, body);
    expect(answer).toMatchObject({ status: 422, body: { code: 422, data: null } });
    expect(answer.body.msg).toContain(words);
    expect(relay.simulator.snapshot().tasks).toEqual([]);
  });

  it('no task of this id', async () => {
    const { record } = await start();
    expect(await record('task_0')).toMatchObject({ status: 404, body: { code: 404, data: null } });
  });

  it('no id at all', async () => {
    const { me } = await start();
    for (const query of ['', '?taskId=', '?taskid=x']) {
      const answer = await me.get(`/api/v1/jobs/recordInfo${query}`);
      expect(answer).toMatchObject({ status: 422, body: { code: 422, msg: 'taskId: is required' } });
    }
  });

  it('no such endpoint', async () => {
    const { me } = await start();
    expect(await me.get('/api/v1/jobs')).toMatchObject({ status: 404, body: { code: 404, data: null } });
  });
});
