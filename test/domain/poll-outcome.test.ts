import { describe, expect, it } from 'vitest';

import { eventOfRecord, timedOut } from '../../src/domain/poll-outcome.ts';
import type { RecordAnswer } from '../../src/domain/upstream.ts';
import { HOUR, running, T0 } from './sample-task.ts';

const NOW = T0 + 90_000;
const DEADLINE = T0 + HOUR;
const ended: RecordAnswer = {
  kind: 'ended',
  end: {
    state: 'succeeded',
    resultJson: '"https://cdn.example.com/1.mp4"',
    costTimeMs: null,
    completedAt: null,
  },
};
const missing: RecordAnswer = { kind: 'missing' };
const refused: RecordAnswer = { kind: 'refused', message: 'Bad key.', isUnauthorized: false };

describe('a poll of a running task', () => {
  it.each([
    ['nothing new leaves nothing to write', { kind: 'running' }, running(), null],
    [
      'a limit leaves nothing to write',
      { kind: 'limited', retryAfterMs: 1, intervalMs: null, message: '' },
      running(),
      null,
    ],
    ['an outage leaves nothing to write', { kind: 'unavailable', message: 'down' }, running(), null],
    ['the end ends it', ended, running(), { type: 'ended', end: ended.end }],
    ['a first 404 is noted', missing, running(), { type: 'missing' }],
    ['a second 404 within a minute waits', missing, running({}, NOW - 59_999), null],
    ['an answer after a 404 is noted', { kind: 'running' }, running({}, NOW - 5_000), { type: 'found' }],
    ['a refusal is told to its owner', refused, running(), { type: 'troubled', problem: 'Bad key.' }],
    ['the same refusal is told once', refused, running({ problem: 'Bad key.' }), null],
  ] as const)('%s', (_, answer, task, event) => {
    expect(eventOfRecord(answer, task, NOW)).toEqual(event);
  });

  it('a task that upstream has not known for a minute is lost', () => {
    expect(eventOfRecord(missing, running({}, NOW - 60_000), NOW)).toEqual({
      type: 'gone',
      error: {
        code: 'upstream_lost',
        message: 'Upstream has not known this task (404) for 60 s.',
        upstreamCode: null,
      },
    });
  });
});

describe('at its time limit', () => {
  it('a task that has ended has ended, not timed out', () => {
    expect(eventOfRecord(ended, running(), DEADLINE + 60_000)).toMatchObject({ type: 'ended' });
  });

  it('a task that upstream has lost is told as lost', () => {
    const event = eventOfRecord(missing, running({}, DEADLINE - 60_000), DEADLINE);
    expect(event).toMatchObject({ type: 'gone', error: { code: 'upstream_lost' } });
  });

  it.each([
    ['', { kind: 'running' }, null],
    [' What upstream last said: down', { kind: 'unavailable', message: 'down' }, null],
    [' What upstream last said: no such task (404)', missing, null],
    [' What upstream last said: Bad key.', { kind: 'running' }, 'Bad key.'],
  ] as const)(
    'a task without an end fails, in the words "No end within 3600 s.%s"',
    (words, answer, problem) => {
      expect(eventOfRecord(answer, running({ problem }), DEADLINE)).toEqual({
        type: 'gone',
        error: { code: 'timed_out', message: `No end within 3600 s.${words}`, upstreamCode: null },
      });
      expect(eventOfRecord(answer, running({ problem }), DEADLINE - 1)).not.toMatchObject({ type: 'gone' });
    },
  );

  it('a task that upstream never took fails in the words of its last refusal', () => {
    const task = { createdAt: T0, deadlineAt: T0 + 5_000, problem: 'Upstream is full.' };
    expect(timedOut(task, null)).toMatchObject({
      error: { message: 'No end within 5 s. What upstream last said: Upstream is full.' },
    });
  });
});

describe('a success without a link', () => {
  const words = 'The filter took it.';
  const bare = { kind: 'unlinked', failCode: null, failMessage: null } as const;
  const told = { kind: 'unlinked', failCode: '451', failMessage: words } as const;
  const since = (ms: number, changes = {}) => running(changes, null, NOW - ms);
  const OURS = 'Upstream says that the task succeeded, but has not given a link to its result yet.';

  it.each([
    ['is noted at first', bare, running(), { type: 'unlinked', problem: OURS }],
    ['is noted with its words', told, running(), { type: 'unlinked', problem: words }],
    ['is noted again after a 404', bare, running({}, NOW - 1, NOW - 2), { type: 'unlinked', problem: OURS }],
    ['leaves nothing to write afterwards', bare, since(5_000, { problem: OURS }), null],
    ['nor where its words are known', told, since(5_000, { problem: words }), null],
    ['is waited for to the last millisecond of 120 s', bare, since(119_999), null],
  ] as const)('%s', (_, answer, task, event) => {
    expect(eventOfRecord(answer, task, NOW)).toEqual(event);
  });

  it.each([
    ["fails after 120 s with upstream's words", told, words, '451'],
    [
      'fails after 120 s with ours, where it has none',
      bare,
      'Upstream says that the task succeeded, but gave no link to a result within 120 s.',
      null,
    ],
  ] as const)('%s', (_, answer, message, upstreamCode) => {
    expect(eventOfRecord(answer, since(120_000), NOW)).toEqual({
      type: 'gone',
      error: { code: 'no_result', message, upstreamCode },
    });
  });

  it("times out at the task's own deadline, where that is before", () => {
    const short = running({ deadlineAt: NOW }, null, NOW - 30_000);
    const event = eventOfRecord(told, short, NOW);
    expect(event).toMatchObject({ type: 'gone', error: { code: 'timed_out' } });
    expect(event?.type === 'gone' && event.error.message).toContain(words);
    // The cron was away: what came first counts.
    expect(eventOfRecord(bare, short, NOW + HOUR)).toMatchObject({ error: { code: 'timed_out' } });
    expect(eventOfRecord(bare, since(300_000), DEADLINE + 1)).toMatchObject({ error: { code: 'no_result' } });
  });

  it('ends well where the link comes, and as failed where upstream changes its mind', () => {
    expect(eventOfRecord(ended, since(60_000), NOW)).toMatchObject({
      type: 'ended',
      end: { state: 'succeeded' },
    });
  });
});
