import { describe, expect, it } from 'vitest';

import { recordEnvelope } from '../../src/domain/record.ts';
import { timedOut } from '../../src/domain/poll-outcome.ts';
import { isEnded } from '../../src/domain/task.ts';
import { transition } from '../../src/domain/transition.ts';
import { accepting, canceled, failed, queued, running, succeeded, T0 } from './sample-task.ts';

const untouched = {
  taskId: 'task_01kapzk2rfq7w3v5x8n0c4t6ym',
  model: 'seedance-2.0-reference-to-video',
  param: '{"model":"seedance-2.0-reference-to-video","input":{"prompt":"a fox"}}',
  resultJson: null,
  failCode: null,
  failMsg: null,
  costTime: null,
  completeTime: null,
  createTime: T0,
};

describe("in upstream's own words, a task that", () => {
  it.each([
    ['was just accepted', accepting()],
    ['waits here', queued()],
    ['runs', running()],
  ])('%s is waiting', (_, task) => {
    expect(recordEnvelope(task)).toEqual({
      code: 200,
      msg: 'success',
      data: { ...untouched, state: 'waiting' },
    });
  });

  it('succeeded is a success, with the result as upstream gave it', () => {
    expect(recordEnvelope(succeeded()).data).toEqual({
      ...untouched,
      state: 'success',
      resultJson: '{"resultUrls":["https://cdn.example.com/1.mp4"]}',
      costTime: 80_000,
      completeTime: T0 + 90_000,
    });
  });

  it("failed upstream is a fail, with upstream's code and words", () => {
    expect(recordEnvelope(failed()).data).toEqual({
      ...untouched,
      state: 'fail',
      failCode: '400',
      failMsg: 'Content policy.',
      costTime: 90_000,
      completeTime: T0 + 90_000,
    });
  });

  it('was canceled is a fail, in our words', () => {
    expect(recordEnvelope(canceled()).data).toEqual({
      ...untouched,
      state: 'fail',
      failCode: 'canceled',
      failMsg: 'The task was canceled.',
      costTime: 5_000,
      completeTime: T0 + 5_000,
    });
  });

  it('timed out here is a fail, with our code', () => {
    const task = transition(running(), timedOut(running(), null), T0 + 95_000);
    if (task === null || !isEnded(task)) throw new Error('not ended');
    expect(recordEnvelope(task).data).toMatchObject({ state: 'fail', failCode: 'timed_out' });
  });
});
