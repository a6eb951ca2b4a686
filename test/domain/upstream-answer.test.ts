import { describe, expect, it } from 'vitest';

import { readCreateAnswer, readRecordAnswer } from '../../src/domain/upstream-answer.ts';

/** Upstream's envelope over HTTP. */
const raw = (code: number, data: unknown = null, msg = 'its words') => ({
  status: code,
  body: JSON.stringify({ code, msg, data }),
});

const garbage: [string, { status: number; body: string }][] = [
  ['nothing', { status: 200, body: '' }],
  ['a page of a proxy', { status: 502, body: '<html><h1>502 Bad Gateway</h1></html>' }],
  ['half an envelope', { status: 200, body: '{"code":200,"msg":"succ' }],
  ['JSON that is no object', { status: 200, body: '[1]' }],
  ['null', { status: 200, body: 'null' }],
  ['an envelope without a code', { status: 200, body: '{"msg":"success","data":{"taskId":"x"}}' }],
  ['a code in quotes', { status: 200, body: '{"code":"200","msg":"success","data":{"taskId":"x"}}' }],
  ['a broken code', { status: 200, body: '{"code":200.5,"msg":"success","data":{"taskId":"x"}}' }],
];

describe('createTask', () => {
  it('made a task', () => {
    const answer = readCreateAnswer(raw(200, { taskId: 'task_9', more: 1 }));
    expect(answer).toEqual({ kind: 'created', upstreamTaskId: 'task_9' });
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
    ['a task id that is no text', { taskId: 5 }],
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
    ['with nonsense', { retryAfter: 'soon' }, 5_000],
    ['with a time that is over', { retryAfter: -3 }, 5_000],
    ['with nothing', null, 5_000],
  ])('was limited, and asked for time %s', (_, data, retryAfterMs) => {
    expect(readCreateAnswer(raw(429, data))).toMatchObject({ kind: 'limited', retryAfterMs });
    expect(readRecordAnswer(raw(429, data))).toMatchObject({ kind: 'limited', retryAfterMs });
  });

  it.each([
    ['no words', '', 'upstream answered 402'],
    ['words without end', 'x'.repeat(9_000), 'x'.repeat(500)],
  ])('refused with %s', (_, msg, message) => {
    expect(readCreateAnswer(raw(402, null, msg))).toEqual({ kind: 'no-credits', message });
  });
});

describe('recordInfo', () => {
  const record = {
    taskId: 'task_9',
    state: 'waiting',
    resultJson: null,
    failCode: null,
    failMsg: null,
    costTime: null,
    completeTime: null,
  };

  it.each(['waiting', 'queuing', 'generating', 'SUCCESS', 'anything'])('says %s: still running', (state) => {
    expect(readRecordAnswer(raw(200, { ...record, state }))).toEqual({ kind: 'running' });
  });

  it('tells a success as it is', () => {
    const data = {
      ...record,
      state: 'success',
      resultJson: '{"resultUrls":[]}',
      costTime: 8,
      completeTime: 9,
    };
    expect(readRecordAnswer(raw(200, data))).toEqual({
      kind: 'ended',
      end: { state: 'succeeded', resultJson: '{"resultUrls":[]}', costTimeMs: 8, completedAt: 9 },
    });
  });

  it.each([
    ['400', '400'],
    [400, '400'],
    [null, null],
    [{}, null],
  ])('tells a failure with the code %j', (failCode, expected) => {
    const data = { ...record, state: 'fail', failCode, failMsg: 'Content policy.' };
    expect(readRecordAnswer(raw(200, data))).toEqual({
      kind: 'ended',
      end: {
        state: 'failed',
        failCode: expected,
        failMessage: 'Content policy.',
        costTimeMs: null,
        completedAt: null,
      },
    });
  });

  it.each([
    ['a time before 1970', { completeTime: -1, costTime: -1 }],
    ['a time that no date can hold', { completeTime: 1e300, costTime: 1e300 }],
    ['a time in words', { completeTime: 'today', costTime: '5 s' }],
    ['fields left out', { completeTime: undefined, costTime: undefined }],
  ])('ends a task all the same with %s', (_, times) => {
    expect(readRecordAnswer(raw(200, { ...record, state: 'success', ...times }))).toEqual({
      kind: 'ended',
      end: { state: 'succeeded', resultJson: null, costTimeMs: null, completedAt: null },
    });
  });

  it.each([
    [404, { kind: 'missing' }],
    [401, { kind: 'refused', message: 'its words' }],
    [403, { kind: 'refused', message: 'its words' }],
    [500, { kind: 'unavailable', message: 'its words' }],
  ])('answered %d', (code, meaning) => {
    expect(readRecordAnswer(raw(code))).toEqual(meaning);
  });

  it.each([...garbage, ['a record without a state', raw(200, {})] as const])(
    'answered %s, which changes nothing',
    (_, answer) => {
      expect(readRecordAnswer(answer).kind).toBe('unavailable');
    },
  );
});
