import { describe, expect, it } from 'vitest';

import { callbackBody, failureBody, outcomeFields } from '../../src/domain/callback-body.ts';
import { canceled, failed, running, sampleTarget, succeeded } from './sample-task.ts';

const CREATED = '2026-11-22T15:00:00.000Z';
const SUBMITTED = '2026-11-22T15:00:02.000Z';
const ENDED = '2026-11-22T15:01:30.000Z';
const common = {
  event_id: 'evt_01kapzk2rfq7w3v5x8n0c4t6ym',
  id: 'task_01kapzk2rfq7w3v5x8n0c4t6ym',
  model: 'seedance-2.0-reference-to-video',
  metadata: { row: '42' },
  estimated_credits: 400,
  created_at: CREATED,
};

describe('the body of a callback', () => {
  it.each([
    [
      'of a success',
      succeeded(),
      {
        ...common,
        type: 'task.succeeded',
        timestamp: ENDED,
        state: 'succeeded',
        result_url: 'https://cdn.example.com/1.mp4',
        result_urls: ['https://cdn.example.com/1.mp4'],
        source_urls: ['https://cdn.example.com/1.mp4'],
        error_code: null,
        error_message: null,
        submitted_at: SUBMITTED,
        completed_at: ENDED,
        duration_ms: 90_000,
      },
    ],
    [
      'of a failure',
      failed(),
      {
        ...common,
        type: 'task.failed',
        timestamp: ENDED,
        state: 'failed',
        result_url: null,
        result_urls: [],
        source_urls: [],
        error_code: 'upstream_failed',
        error_message: 'Content policy.',
        submitted_at: SUBMITTED,
        completed_at: ENDED,
        duration_ms: 90_000,
      },
    ],
    [
      'of a task that was canceled before upstream took it',
      canceled(),
      {
        ...common,
        type: 'task.canceled',
        timestamp: '2026-11-22T15:00:05.000Z',
        state: 'canceled',
        result_url: null,
        result_urls: [],
        source_urls: [],
        error_code: null,
        error_message: null,
        submitted_at: null,
        completed_at: '2026-11-22T15:00:05.000Z',
        duration_ms: 5_000,
      },
    ],
  ])('%s is flat and complete', (_, task, body) => {
    expect(JSON.parse(callbackBody(task))).toEqual(body);
  });

  it('has the same keys in the same order, whatever the end', () => {
    const keys = [succeeded(), failed(), canceled()].map((task) =>
      Object.keys(JSON.parse(callbackBody(task))),
    );
    expect(keys[1]).toEqual(keys[0]);
    expect(keys[2]).toEqual(keys[0]);
    expect(keys[0]?.slice(0, 6)).toEqual(['type', 'event_id', 'timestamp', 'id', 'model', 'state']);
  });

  it('is byte for byte the same in every attempt', () => {
    const later = succeeded({ dueAt: 5, leasedUntil: 7, revision: 12, polls: { count: 40, lastAt: 9 } });
    expect(callbackBody(later)).toBe(callbackBody(succeeded()));
  });

  it('of a drop-in task is what recordInfo answers', () => {
    const task = succeeded({ callback: sampleTarget({ format: 'record' }) });
    expect(JSON.parse(callbackBody(task))).toMatchObject({ code: 200, data: { state: 'success' } });
  });
});

it('a task that runs has no outcome yet', () => {
  expect(outcomeFields(running())).toMatchObject({
    result_url: null,
    result_urls: [],
    source_urls: [],
    error_code: null,
    submitted_at: SUBMITTED,
    completed_at: null,
    duration_ms: null,
  });
});

describe('the notice that a callback was given up', () => {
  const GIVEN_UP = Date.UTC(2026, 10, 22, 16);
  const about = { at: GIVEN_UP, url: 'https://hooks.example.com/42', attempts: 11, lastStatus: 500 };

  it('says what was to be told, and where it could not be', () => {
    expect(JSON.parse(failureBody(succeeded(), about))).toEqual({
      type: 'callback.failed',
      timestamp: '2026-11-22T16:00:00.000Z',
      callback_url: 'https://hooks.example.com/42',
      attempts: 11,
      last_status: 500,
      ...common,
      event_id: 'evt_01kapzk2rfq7w3v5x8n0c4t6ym_givenup_11',
      state: 'succeeded',
      result_url: 'https://cdn.example.com/1.mp4',
      result_urls: ['https://cdn.example.com/1.mp4'],
      source_urls: ['https://cdn.example.com/1.mp4'],
      error_code: null,
      error_message: null,
      submitted_at: SUBMITTED,
      completed_at: ENDED,
      duration_ms: 90_000,
    });
  });

  it('has every key of the callback, and three of its own, whatever the end', () => {
    const keys = [succeeded, failed, canceled].map((ended) =>
      Object.keys(JSON.parse(failureBody(ended(), about))),
    );
    expect(keys[1]).toEqual(keys[0]);
    expect(keys[2]).toEqual(keys[0]);
    const own = ['callback_url', 'attempts', 'last_status'];
    const ofCallback = Object.keys(JSON.parse(callbackBody(succeeded())));
    expect(keys[0]?.toSorted()).toEqual([...ofCallback, ...own].toSorted());
  });

  it('is byte for byte the same in every attempt of its own', () => {
    const later = succeeded({ leasedUntil: 7, revision: 20 });
    expect(failureBody(later, about)).toBe(failureBody(succeeded(), about));
  });

  it('tells where it was sent then, wherever the callback goes now', () => {
    const moved = succeeded({ callback: sampleTarget({ url: 'https://new.example.com/' }) });
    expect(JSON.parse(failureBody(moved, about))).toMatchObject({ callback_url: about.url });
  });
});
