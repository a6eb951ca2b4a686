import { describe, expect, it } from 'vitest';
import { RESULT_SHAPES } from '../../sandbox/upstream/result-shapes.ts';
import { read, startUpstream, video } from './upstream-client.ts';

describe('a task', () => {
  it('is accepted, waits, and ends with result URLs on the origin that was asked', async () => {
    const upstream = startUpstream();
    const taskId = await upstream.task('a fox [slow:30]');

    const waiting = await upstream.record(taskId);
    expect(waiting).toMatchObject({ state: 'waiting', resultJson: null, costTime: null, completeTime: null });

    upstream.advance(30);
    const ended = await upstream.record(taskId);
    expect(ended).toMatchObject({ state: 'success', costTime: 30_000, failCode: null });
    expect(JSON.parse(String(ended['resultJson']))).toEqual({
      resultUrls: [`https://upstream.test/files/${taskId}/result-1.mp4`],
    });
  });

  it('keeps the request in param, unknown fields too, and maps aspect_ratio to ratio', async () => {
    const upstream = startUpstream();
    const body = video('a fox');
    body.input = { ...body.input, aspect_ratio: '16:9', brand_new: true };
    const mapped = await read(await upstream.createTask(body));
    body.input = { ...body.input, ratio: '9:16' };
    const given = await read(await upstream.createTask(body));

    const params = await Promise.all(
      [mapped, given].map(async ({ data }) => {
        const { param } = await upstream.record(String(data?.['taskId']));
        return JSON.parse(String(param)) as unknown;
      }),
    );
    expect(params).toMatchObject([
      { model: body.model, input: { aspect_ratio: '16:9', ratio: '16:9', brand_new: true } },
      { model: body.model, input: { aspect_ratio: '16:9', ratio: '9:16' } },
    ]);
  });

  it('takes about a minute and a half for a video, always as long for the same id', async () => {
    const upstream = startUpstream();
    await Promise.all(Array.from({ length: 99 }, () => upstream.task('a fox')));
    const seconds = upstream.simulator
      .snapshot()
      .tasks.map((task) => ((task.endTime ?? Infinity) - task.createTime) / 1000)
      .sort((a, b) => a - b);
    expect(seconds[49]).toBeGreaterThan(70);
    expect(seconds[49]).toBeLessThan(115);
    expect(seconds[0]).toBeGreaterThan(20);
    expect(seconds[98]).toBeLessThan(360);
  });

  it('is shortened by the time scale, except where its prompt sets the seconds', async () => {
    const upstream = startUpstream({ timeScale: 0 });
    expect(await upstream.record(await upstream.task('a fox'))).toMatchObject({ state: 'success' });
    expect(await upstream.record(await upstream.task('[slow:5]'))).toMatchObject({ state: 'waiting' });
  });

  it('is known to its own key only', async () => {
    const upstream = startUpstream();
    const taskId = await upstream.task('a fox', { key: 'sk-one' });
    expect((await upstream.recordInfo(taskId, { key: 'sk-two' })).status).toBe(404);
    expect((await upstream.recordInfo('task_nobody')).status).toBe(404);
  });

  it('serves its file once it succeeded, whole or in ranges', async () => {
    const upstream = startUpstream();
    const taskId = await upstream.task('[slow:1]');
    const path = `/files/${taskId}/result-1.mp4`;
    expect((await upstream.request(path)).status).toBe(404);

    upstream.advance(1);
    const whole = await upstream.request(path);
    expect(whole.headers.get('content-type')).toBe('video/mp4');
    expect(new Uint8Array(await whole.arrayBuffer())).toEqual(new Uint8Array([1, 2, 3, 4]));
    const part = await upstream.request(path, { headers: { range: 'bytes=1-2' } });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 1-2/4']);
    expect((await upstream.request(`/files/${taskId}/result-2.mp4`)).status).toBe(404);
  });

  it('of an image model ends with an image', async () => {
    const upstream = startUpstream({ timeScale: 0 });
    const body = { model: 'gpt-image-2-text-to-image', input: { prompt: 'a fox', resolution: '4K' } };
    const { data } = await read(await upstream.createTask(body));
    const record = await upstream.record(String(data?.['taskId']));
    expect(record['resultJson']).toContain('result-1.png');
    expect(upstream.simulator.snapshot().keys[0]?.charged).toBe(8);
  });
});

describe('a prompt', () => {
  it.each([
    ['[fail]', { state: 'fail', failCode: '500', failMsg: 'The generation failed.', resultJson: null }],
    ['[fail:400:content policy]', { state: 'fail', failCode: '400', failMsg: 'content policy' }],
    ['[bad-json]', { state: 'success', resultJson: '{"resultUrls":[' }],
    ['[results:0]', { state: 'success', resultJson: '{"resultUrls":[]}' }],
    ['[no-link]', { state: 'success', resultJson: null, failMsg: null }],
    ['[no-link:removed]', { state: 'success', resultJson: null, failMsg: 'removed' }],
    ['[fail:400:too loud] [words:empty]', { state: 'fail', failCode: '', failMsg: '' }],
    ['[fail:400:too loud] [words:none]', { state: 'fail', failCode: null, failMsg: null }],
    ['[fail:400:too loud] [words:object]', { failCode: { code: '400' }, failMsg: { message: 'too loud' } }],
    ['[fail:400:too loud] [words:list]', { failMsg: [{ message: 'too loud' }] }],
    ['[fail:400:too loud] [words:number]', { failCode: 400, failMsg: 400 }],
    ['[fail:400:too loud] [words:elsewhere]', { failMsg: '', errorMessage: 'too loud' }],
    ['[times:zero]', { completeTime: 0, costTime: 0 }],
    ['[times:none]', { completeTime: null, costTime: null }],
    ['[times:seconds]', { completeTime: Date.UTC(2026, 10, 22) / 1_000 }],
    ['[times:future]', { completeTime: Date.UTC(2026, 10, 22, 1) }],
    ['[times:past]', { completeTime: Date.UTC(2026, 10, 21, 23) }],
    ['[end-state:SUCCESS]', { state: 'SUCCESS' }],
    ['[fail] [end-state:Failed]', { state: 'Failed' }],
    ['[shape:unheard-of]', { state: 'success', failMsg: null }],
    ['[never]', { state: 'waiting' }],
    ['[never] [state:generating]', { state: 'generating' }],
    ['[draft] of a [fox]', { state: 'success' }],
  ])('%s decides how its task ends', async (prompt, record) => {
    const upstream = startUpstream({ timeScale: 0 });
    expect(await upstream.record(await upstream.task(prompt))).toMatchObject(record);
  });

  it.each(RESULT_SHAPES)(
    '[shape:%s] decides what its result looks like; it has its link all the same',
    async (shape) => {
      const upstream = startUpstream({ timeScale: 0 });
      const taskId = await upstream.task(`[shape:${shape}]`);
      const { resultJson } = await upstream.record(taskId);
      expect(JSON.stringify(resultJson)).toContain(`https://upstream.test/files/${taskId}/result-1.mp4`);
      expect(resultJson).not.toBe(
        JSON.stringify({ resultUrls: [`https://upstream.test/files/${taskId}/result-1.mp4`] }),
      );
    },
  );

  it('[late-link:30] gives the link half a minute after it said success', async () => {
    const upstream = startUpstream({ timeScale: 0 });
    const taskId = await upstream.task('[late-link:30]');
    upstream.advance(29);
    expect(await upstream.record(taskId)).toMatchObject({ state: 'success', resultJson: null });
    upstream.advance(1);
    expect(JSON.stringify(await upstream.record(taskId))).toContain('result-1.mp4');
  });

  it('[number-id] makes an id that is a number, by which its task is found', async () => {
    const upstream = startUpstream({ timeScale: 0 });
    const created = await read(await upstream.createTask(video('[number-id]'), { requestId: 'order-1' }));
    const id = created.data?.['taskId'];
    expect(Number.isSafeInteger(id)).toBe(true);
    expect(await upstream.record(String(id))).toMatchObject({ taskId: id, state: 'success' });
    expect(await read(await upstream.createTask(video('[number-id]'), { requestId: 'order-1' }))).toEqual(
      created,
    );
  });

  it('[lost] makes recordInfo forget the task', async () => {
    const upstream = startUpstream();
    expect((await upstream.recordInfo(await upstream.task('[lost]'))).status).toBe(404);
  });
});

describe('a request', () => {
  it('without a key that starts with sk- is 401', async () => {
    const upstream = startUpstream();
    expect(await read(await upstream.createTask(video(''), { key: 'rb_x' }))).toEqual({
      code: 401,
      msg: 'invalid API key',
      data: null,
    });
    expect((await upstream.request('/api/v1/jobs/recordInfo?taskId=x')).status).toBe(401);
  });

  it.each([
    ['a body that is no JSON', '{', 400, 'invalid parameters'],
    ['no input', { model: 'seedance-2.0-text-to-video' }, 400, 'input'],
    ['an unknown model', { model: 'toString', input: {} }, 400, 'unknown model'],
    ['a long prompt', video('x'.repeat(20_001)), 422, 'input.prompt'],
    ['a resolution of another kind', { ...video(''), input: { resolution: '4K' } }, 422, 'input.resolution'],
    ['a duration in words', { ...video(''), input: { duration: '5' } }, 422, 'input.duration'],
    [
      'no prompt where it is required',
      { model: 'seedance-2.0-text-to-video', input: {} },
      422,
      'input.prompt',
    ],
    [
      'no image where it is required',
      { model: 'seedance-2.0-image-to-video', input: { prompt: '', image_urls: [] } },
      422,
      'input.image_urls',
    ],
  ])('with %s is refused, and charged nothing', async (_what, body, code, words) => {
    const upstream = startUpstream();
    const response = await upstream.createTask(body);
    const answer = await read(response);
    expect([response.status, answer.code, answer.data]).toEqual([code, code, null]);
    expect(answer.msg).toContain(words);
    expect(upstream.simulator.snapshot()).toMatchObject({ tasks: [], keys: [{ charged: 0 }] });
  });
});

describe('X-Request-ID', () => {
  it('answers the task that is there already, without a second charge', async () => {
    const upstream = startUpstream();
    const who = { requestId: 'order-1' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => upstream.task('a fox', who)));
    expect(new Set(answers).size).toBe(1);
    expect(upstream.simulator.snapshot().keys).toMatchObject([{ charged: 400, activeTasks: 1 }]);
  });

  it('belongs to its key', async () => {
    const upstream = startUpstream();
    const one = await upstream.task('a fox', { key: 'sk-one', requestId: 'order-1' });
    const two = await upstream.task('a fox', { key: 'sk-two', requestId: 'order-1' });
    expect(one).not.toBe(two);
  });

  it('is answered even where the key has no room for anything new', async () => {
    const upstream = startUpstream();
    const who = { key: 'sk-free-credits400', requestId: 'order-1' };
    const taskId = await upstream.task('[never]', who);
    expect(await upstream.task('[never]', who)).toBe(taskId);
  });

  it('that was refused is free again', async () => {
    const upstream = startUpstream();
    const who = { key: 'sk-free-credits0', requestId: 'order-1' };
    expect((await upstream.createTask(video(''), who)).status).toBe(402);
    await upstream.control('keys', { key: who.key, credits: 400 });
    upstream.advance(1);
    expect((await upstream.createTask(video(''), who)).status).toBe(200);
  });
});
