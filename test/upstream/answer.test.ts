import { describe, expect, it } from 'vitest';

import { resultUrls } from '../../src/domain/result-urls.ts';
import { headerMs } from '../../src/upstream/envelope.ts';
import { readCreateAnswer, readRecordAnswer } from '../../src/upstream/answer.ts';

/** Stands in an answer for a link, so deep in lists that JSON cannot be written from it: neither here. */
const NESTED = 'nested without end';
const DEPTH = 20_000;

/** Upstream's envelope over HTTP. */
const raw = (code: number, data: unknown = null, msg = 'its words') => ({
  status: code,
  body: JSON.stringify({ code, msg, data }).replace(
    `"${NESTED}"`,
    `${'['.repeat(DEPTH)}"https://cdn.example.com/1.mp4"${']'.repeat(DEPTH)}`,
  ),
});

const garbage: [string, { status: number; body: string }][] = [
  ['nothing', { status: 200, body: '' }],
  ['a page of a proxy', { status: 502, body: '<html><h1>502 Bad Gateway</h1></html>' }],
  ['half an envelope', { status: 200, body: '{"code":200,"msg":"succ' }],
  ['JSON that is no object', { status: 200, body: '[1]' }],
  ['null', { status: 200, body: 'null' }],
  ['an envelope without a code', { status: 200, body: '{"msg":"success","data":{"taskId":"x"}}' }],
  ['a code in words', { status: 200, body: '{"code":"OK","msg":"success","data":{"taskId":"x"}}' }],
  ['a code of success that is none', { status: 200, body: '{"code":true,"data":{"taskId":"x"}}' }],
  ['a broken code', { status: 200, body: '{"code":200.5,"msg":"success","data":{"taskId":"x"}}' }],
];

describe('createTask', () => {
  it('made a task', () => {
    const answer = readCreateAnswer(raw(200, { taskId: 'task_9', more: 1 }));
    expect(answer).toEqual({ kind: 'created', upstreamTaskId: 'task_9' });
  });

  it.each([
    ['its id is a number', '{"code":200,"data":{"taskId":12345}}', '12345'],
    [
      'its id is a number beyond 2^53',
      '{"code":200,"data":{"taskId":1234567890123456789}}',
      '1234567890123456789',
    ],
    ['its id is 0', '{"code":200,"data":{"taskId":0}}', '0'],
    ['its id is called task_id', '{"code":200,"data":{"task_id":"task_9"}}', 'task_9'],
    ['its id has white space around', '{"code":200,"data":{"taskId":" task_9\\n"}}', 'task_9'],
    ['its code is a text', '{"code":"200","data":{"taskId":"task_9"}}', 'task_9'],
    ['its code has blanks around', '{"code":" 200 ","data":{"taskId":"task_9"}}', 'task_9'],
    ['its data is encoded twice', '{"code":200,"data":"{\\"taskId\\":\\"task_9\\"}"}', 'task_9'],
    ['all of it is encoded twice', JSON.stringify('{"code":200,"data":{"taskId":"task_9"}}'), 'task_9'],
    ['its words are an object', '{"code":200,"msg":{"text":"ok"},"data":{"taskId":"task_9"}}', 'task_9'],
  ])('made a task although %s', (_, body, upstreamTaskId) => {
    expect(readCreateAnswer({ status: 200, body })).toEqual({ kind: 'created', upstreamTaskId });
  });

  it.each([
    [400, { kind: 'invalid', code: 400, message: 'its words' }],
    [422, { kind: 'invalid', code: 422, message: 'its words' }],
    [401, { kind: 'unauthorized', message: 'its words' }],
    [402, { kind: 'no-credits', message: 'its words' }],
    [409, { kind: 'full', message: 'its words' }],
    [429, { kind: 'limited', retryAfterMs: 5_000, message: 'its words' }],
    [403, { kind: 'refused', code: 403, message: 'its words' }],
    [404, { kind: 'refused', code: 404, message: 'its words' }],
    [451, { kind: 'refused', code: 451, message: 'its words' }],
    [500, { kind: 'unavailable', message: 'its words' }],
    [503, { kind: 'unavailable', message: 'its words' }],
    [302, { kind: 'unavailable', message: 'its words' }],
    [0, { kind: 'unavailable', message: 'its words' }],
  ])('answered %d', (code, meaning) => {
    expect(readCreateAnswer(raw(code))).toEqual(meaning);
  });

  it.each([
    ['no data', null],
    ['no task id', {}],
    ['an empty task id', { taskId: '' }],
    ['a task id that is a list', { taskId: ['task_9'] }],
    ['a task id of blanks', { taskId: '  ' }],
    ['a broken number as its id', { taskId: 5.5 }],
    // It may be of the request: recordInfo would be asked about somebody else's task.
    ['an id of nobody knows what', { id: 'task_9' }],
    ['words', 'task_9'],
    ['a task id without end', { taskId: 'x'.repeat(201) }],
  ])('said success with %s: nobody knows whether there is a task', (_, data) => {
    expect(readCreateAnswer(raw(200, data)).kind).toBe('unavailable');
  });

  it.each(garbage)('answered %s, which counts as a server error', (_, answer) => {
    expect(readCreateAnswer(answer)).toEqual({
      kind: 'unavailable',
      message: `upstream answered ${answer.status} with a body that is not its envelope`,
    });
  });

  it.each([
    ['in seconds', { retryAfter: 17, tier: 'basic' }, 17_000],
    ['in parts of a second', { retryAfter: 0.25 }, 250],
    ['for longer than an hour', { retryAfter: 1e9 }, 3_600_000],
    ['in a text', { retryAfter: '12' }, 12_000],
    ['in parts of a second, in a text', { retryAfter: ' 9.5 ' }, 9_500],
    ['in a text with its unit', { retryAfter: '12s' }, 12_000],
    ['under another name', { retry_after: 12 }, 12_000],
    ['with nonsense', { retryAfter: 'soon' }, 5_000],
    ['with a time that is over', { retryAfter: -3 }, 5_000],
    ['with nothing', null, 5_000],
  ])('was limited, and asked for time %s', (_, data, retryAfterMs) => {
    expect(readCreateAnswer(raw(429, data))).toMatchObject({ kind: 'limited', retryAfterMs });
    expect(readRecordAnswer(raw(429, data), 'task_9')).toMatchObject({ kind: 'limited', retryAfterMs });
  });

  it.each([
    ['no data', JSON.stringify({ code: 429, msg: 'slow down', data: null })],
    ['a text as its code', JSON.stringify({ code: '429', msg: 'slow down' })],
    ['another code', JSON.stringify({ code: 500, msg: 'slow down', data: null })],
    ['no envelope, but a page', '<html>Too Many Requests</html>'],
    ['no envelope, but the JSON of a proxy', '{"error":"rate limited"}'],
    ['nothing', ''],
  ])('was limited by its status with %s: its header is waited out', (_, body) => {
    const limited = { status: 429, body, retryAfterMs: 12_000 };
    expect(readCreateAnswer(limited)).toMatchObject({ kind: 'limited', retryAfterMs: 12_000 });
    expect(readRecordAnswer(limited, 'task_9')).toMatchObject({ kind: 'limited', retryAfterMs: 12_000 });
    expect(readCreateAnswer({ status: 429, body })).toMatchObject({ kind: 'limited', retryAfterMs: 5_000 });
  });

  it('was limited by its code, whatever the status', () => {
    const body = JSON.stringify({ code: 429, msg: 'slow down', data: { retryAfter: 3 } });
    expect(readCreateAnswer({ status: 200, body, retryAfterMs: 12_000 })).toEqual({
      kind: 'limited',
      retryAfterMs: 3_000,
      message: 'slow down',
    });
  });

  it.each([
    ['12', 12_000],
    ['9.5', 9_500],
    ['3, 30', 30_000],
    ['Sun, 22 Nov 2026 15:00:20 GMT', 20_000],
    ['Sun, 22 Nov 2026 14:00:00 GMT', 0],
    ['soon', null],
    ['', null],
    [null, null],
  ])('asks by the header Retry-After: %s', (header, ms) => {
    expect(headerMs(header, Date.UTC(2026, 10, 22, 15))).toBe(ms);
  });

  it.each([
    ['no words', '', 'upstream answered 402'],
    ['words without end', 'x'.repeat(9_000), 'x'.repeat(500)],
  ])('refused with %s', (_, msg, message) => {
    expect(readCreateAnswer(raw(402, null, msg))).toEqual({ kind: 'no-credits', message });
  });
});

describe('recordInfo', () => {
  const RESULT = '{"resultUrls":["https://cdn.example.com/1.mp4"]}';
  const record = {
    taskId: 'task_9',
    state: 'waiting',
    resultJson: null,
    failCode: null,
    failMsg: null,
    costTime: null,
    completeTime: null,
  };
  const read = (changes: Record<string, unknown>, taskId = 'task_9') =>
    readRecordAnswer(raw(200, { ...record, ...changes }), taskId);
  const noTimes = { costTimeMs: null, completedAt: null };
  const success = { kind: 'ended', end: { state: 'succeeded', resultJson: RESULT, ...noTimes } };

  it.each(['waiting', 'queuing', 'generating', 'succeeding', 'anything', ''])(
    'says %s: still running',
    (state) => {
      expect(read({ state })).toEqual({ kind: 'running' });
      expect(read({ state, resultJson: RESULT })).toEqual({ kind: 'running' });
    },
  );

  it.each(['success', 'SUCCESS', 'Success', ' success ', 'succeeded', 'COMPLETED', 'done', 'finished'])(
    'says %s, with a link: it has succeeded',
    (state) => {
      expect(read({ state, resultJson: RESULT })).toEqual(success);
    },
  );

  it.each(['completed', 'done', 'Finished', 'succeeded'])(
    'says %s, without a link: that may be the end of a step',
    (state) => {
      expect(read({ state })).toEqual({ kind: 'running' });
    },
  );

  it('says it under status, where there is no state', () => {
    expect(read({ state: undefined, status: 'SUCCESS', resultJson: RESULT })).toEqual(success);
  });

  it.each(['fail', 'FAIL', 'Failed', ' failure '])('says %s: it has failed', (state) => {
    expect(read({ state })).toMatchObject({ kind: 'ended', end: { state: 'failed' } });
  });

  it.each(['error', 'rejected', 'EXPIRED', 'aborted'])('says %s: failed, where it says why', (state) => {
    expect(read({ state })).toEqual({ kind: 'running' });
    expect(read({ state, failMsg: 'Bad.' })).toMatchObject({ end: { state: 'failed', failMessage: 'Bad.' } });
  });

  it('tells a success as it is', () => {
    expect(read({ state: 'success', resultJson: RESULT, costTime: 8, completeTime: 9 })).toEqual({
      kind: 'ended',
      end: { state: 'succeeded', resultJson: RESULT, costTimeMs: 8, completedAt: 9 },
    });
  });

  it.each([
    ['null', null, null],
    ['an empty text', '', null],
    ['an empty list', '{"resultUrls":[]}', null],
    ['no JSON', '{"resultUrls":[', null],
    ['a link of another kind', '{"resultUrls":["ftp://a/b","/1.mp4"]}', null],
    ['its input alone', '{"input":{"image_urls":["https://a.example/1.png"]}}', null],
    ['its words', 'NSFW content was found', 'NSFW content was found'],
    ['its words in JSON', '{"resultUrls":[],"message":"No faces, please."}', 'No faces, please.'],
  ])('says success with %s for a result: the link may come later', (_, resultJson, failMessage) => {
    expect(read({ state: 'success', resultJson })).toEqual({ kind: 'unlinked', failCode: null, failMessage });
  });

  it("says success without a link and with words: they are kept for the task's end", () => {
    expect(read({ state: 'success', failCode: 451, failMsg: 'Removed.' })).toEqual({
      kind: 'unlinked',
      failCode: '451',
      failMessage: 'Removed.',
    });
  });

  it.each([
    ['an object', { resultUrls: ['https://cdn.example.com/1.mp4'] }, RESULT],
    ['a list', ['https://cdn.example.com/1.mp4'], '["https://cdn.example.com/1.mp4"]'],
    ['a bare link', 'https://cdn.example.com/1.mp4', 'https://cdn.example.com/1.mp4'],
  ])('gives a result as %s, which is kept as text', (_, resultJson, kept) => {
    expect(read({ state: 'success', resultJson })).toMatchObject({ end: { resultJson: kept } });
  });

  it.each([
    ['response', { response: { resultUrls: ['https://cdn.example.com/1.mp4'] } }],
    [
      'videoInfo',
      { videoInfo: { videoUrl: 'https://cdn.example.com/1.mp4', imageUrl: 'https://c.example/1.png' } },
    ],
    ['resultUrls itself', { resultUrls: 'https://cdn.example.com/1.mp4' }],
    ['result_json', { result_json: RESULT }],
    ['output beside an empty resultJson', { resultJson: '{}', output: ['https://cdn.example.com/1.mp4'] }],
  ])('gives its result as %s of the record', (_, changes) => {
    const answer = read({ state: 'success', param: '{"input":{"a":"https://b.example/2.mp4"}}', ...changes });
    if (answer.kind !== 'ended' || answer.end.state !== 'succeeded') throw new Error(answer.kind);
    expect(resultUrls(answer.end.resultJson, 'video')).toEqual(['https://cdn.example.com/1.mp4']);
  });

  it('never takes for a result what it was asked with', () => {
    const asked = { callBackUrl: 'https://hooks.example.com/1', webhookUrl: 'https://hooks.example.com/2' };
    expect(read({ state: 'success', ...asked })).toMatchObject({ kind: 'unlinked' });
  });

  it.each([
    ['a result of 512 KB', 'x', 500_000],
    ['a result of 512 KB, every character of which is escaped', '\\"', 250_000],
  ])('keeps %s as it came', (_, filling, times) => {
    const resultJson = `{"resultUrls":["https://cdn.example.com/1.mp4"],"log":"${filling.repeat(times)}"}`;
    expect(read({ state: 'success', resultJson })).toMatchObject({ end: { resultJson } });
  });

  it.each([
    ['too long', JSON.stringify({ log: 'x'.repeat(530_000), videoUrl: 'https://cdn.example.com/1.mp4' })],
    [
      'too long in bytes',
      JSON.stringify({ log: '\u6587'.repeat(180_000), videoUrl: 'https://cdn.example.com/1.mp4' }),
    ],
    ['too long to write', `https://cdn.example.com/1.mp4\n${'\u0001'.repeat(300_000)}`],
    ['nested too deep to write', NESTED],
  ])('keeps the links of a result that is %s', (_, resultJson) => {
    const answer = read({ state: 'success', resultJson });
    if (answer.kind !== 'ended' || answer.end.state !== 'succeeded') throw new Error(answer.kind);
    expect(resultUrls(answer.end.resultJson)).toEqual(['https://cdn.example.com/1.mp4']);
    expect(JSON.stringify(answer.end.resultJson).length).toBeLessThan(1_200_000);
  });

  it('keeps as many links as go into a row', () => {
    const links = Array.from(
      { length: 12_000 },
      (_, i) => `https://cdn.example.com/${'x'.repeat(60)}/${i}.mp4`,
    );
    const answer = read({ state: 'success', resultJson: links });
    if (answer.kind !== 'ended' || answer.end.state !== 'succeeded') throw new Error(answer.kind);
    const kept = resultUrls(answer.end.resultJson);
    expect(kept.length).toBeGreaterThan(4_000);
    expect(kept).toEqual(links.slice(0, kept.length));
    expect(answer.end.resultJson?.length).toBeLessThanOrEqual(524_288);
  });

  it.each([
    ['400', '400'],
    [400, '400'],
    [0, '0'],
    [null, null],
    ['', null],
    ['  ', null],
    ['null', null],
    ['undefined', null],
    [false, null],
    [{}, null],
    [[], null],
    [{ code: 'E1', message: 'x' }, 'E1'],
  ])('tells a failure with the code %j', (failCode, expected) => {
    expect(read({ state: 'fail', failCode, failMsg: 'Content policy.' })).toEqual({
      kind: 'ended',
      end: { state: 'failed', failCode: expected, failMessage: 'Content policy.', ...noTimes },
    });
  });

  it.each([
    ['Content policy.', 'Content policy.'],
    [' Content policy. ', 'Content policy.'],
    ['', null],
    [' \n', null],
    ['null', null],
    ['None', null],
    [null, null],
    [undefined, null],
    [{}, null],
    [[], null],
    [42, '42'],
    [{ message: 'Content policy.' }, 'Content policy.'],
    [{ code: 1, msg: 'Content policy.' }, 'Content policy.'],
    [{ error: { message: 'Content policy.' } }, 'Content policy.'],
    [['Too long.', { message: 'Too loud.' }], 'Too long.; Too loud.'],
    [{ policy: 'violence' }, '{"policy":"violence"}'],
  ])('tells a failure with the words %j', (failMsg, failMessage) => {
    expect(read({ state: 'fail', failMsg })).toMatchObject({ end: { failMessage } });
  });

  it.each([
    ['failReason', { failReason: 'Too dark.' }],
    ['errorMessage', { failMsg: '', errorMessage: 'Too dark.' }],
    ['error, as an object', { failMsg: null, error: { code: 1, message: 'Too dark.' } }],
    ['its result', { resultJson: '{"error":"Too dark."}' }],
  ])('finds the words of a failure under %s', (_, changes) => {
    expect(read({ state: 'fail', ...changes })).toMatchObject({ end: { failMessage: 'Too dark.' } });
  });

  it('bounds words that are nested without end', () => {
    const answer = read({ state: 'fail', failMsg: { message: NESTED } });
    expect(answer).toMatchObject({ kind: 'ended', end: { state: 'failed' } });
  });

  it.each([
    ['a time before 1970', { completeTime: -1, costTime: -1 }],
    ['a time that no date can hold', { completeTime: 1e300, costTime: 1e300 }],
    ['a time in words', { completeTime: 'today', costTime: '5 s' }],
    ['fields left out', { completeTime: undefined, costTime: undefined }],
  ])('ends a task all the same with %s', (_, times) => {
    expect(read({ state: 'success', resultJson: RESULT, ...times })).toEqual(success);
  });

  it.each([
    ['another id', 'task_8'],
    ['another number', 9],
    ['a longer id', 'task_90'],
    ['the id in capitals', 'TASK_9'],
    ['an id that is an object', { id: 'task_9' }],
  ])('that answers about another task is no answer: %s', (_, taskId) => {
    for (const state of ['success', 'fail', 'waiting']) {
      expect(read({ state, taskId, resultJson: RESULT })).toEqual({
        kind: 'unavailable',
        message: 'upstream answered about another task than it was asked for',
      });
    }
    expect(read({ state: 'success', taskId: undefined, task_id: taskId })).toMatchObject({
      kind: 'unavailable',
    });
  });

  it.each([
    ['the number that it is', 12345, '12345'],
    ['a number that JSON rounds', Number('1234567890123456789'), '1234567890123456789'],
    ['white space around', ' task_9 ', 'task_9'],
    ['no id at all', null, 'task_9'],
  ])('is about the task that was asked for, with %s', (_, taskId, asked) => {
    expect(read({ state: 'success', taskId, resultJson: RESULT }, asked)).toEqual(success);
  });

  it.each([
    [404, { kind: 'missing' }],
    [401, { kind: 'refused', message: 'its words', isUnauthorized: true }],
    [403, { kind: 'refused', message: 'its words', isUnauthorized: false }],
    [500, { kind: 'unavailable', message: 'its words' }],
  ])('answered %d', (code, meaning) => {
    expect(readRecordAnswer(raw(code), 'task_9')).toEqual(meaning);
  });

  it.each([...garbage, ['a record without a state', raw(200, {})] as const])(
    'answered %s, which changes nothing',
    (_, answer) => {
      expect(readRecordAnswer(answer, 'task_9').kind).toBe('unavailable');
    },
  );
});
