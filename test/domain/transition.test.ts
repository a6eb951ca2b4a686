import { describe, expect, it } from 'vitest';

import { filesToCopy } from '../../src/domain/keeping.ts';
import type { Task } from '../../src/domain/task.ts';
import { transition } from '../../src/domain/transition.ts';
import type { TaskEvent } from '../../src/domain/transition.ts';
import type { UpstreamEnd } from '../../src/domain/upstream.ts';
import {
  accepting,
  canceled,
  failed,
  HOUR,
  keeping,
  queued,
  running,
  sampleTask,
  succeeded,
  T0,
} from './sample-task.ts';

const NOW = T0 + 60_000;
const error = { code: 'timed_out', message: 'No end.', upstreamCode: null } as const;
const success = {
  state: 'succeeded',
  resultJson: '{"resultUrls":["https://cdn.example.com/new.mp4"]}',
  costTimeMs: 50_000,
  completedAt: NOW - 1_000,
} as const satisfies UpstreamEnd;
const FILES = filesToCopy(['https://cdn.example.com/new.mp4'], NOW, () => 'secret');
const KEEPING = {
  since: NOW,
  resultJson: success.resultJson,
  completedAt: NOW,
  costTimeMs: null,
  files: FILES,
};
const failure: UpstreamEnd = {
  state: 'failed',
  failCode: '400',
  failMessage: 'Content policy.',
  costTimeMs: null,
  completedAt: null,
};
const events = {
  submitted: { type: 'submitted', upstreamTaskId: 'up_9', pollAt: NOW + 3_000 },
  deferred: { type: 'deferred', reason: 'limited', retryAt: NOW + 17_000, problem: 'Too fast.' },
  refused: { type: 'refused', error: { code: 'upstream_refused', message: 'No.', upstreamCode: '422' } },
  missing: { type: 'missing' },
  found: { type: 'found' },
  unlinked: { type: 'unlinked', problem: 'No link yet.' },
  troubled: { type: 'troubled', problem: 'Bad key.' },
  ended: { type: 'ended', end: success },
  finished: { type: 'finished', end: success, files: FILES },
  copying: { type: 'copying', keeping: KEEPING, dueAt: NOW },
  copied: { type: 'copied' },
  gone: { type: 'gone', error },
  canceled: { type: 'canceled' },
} as const satisfies Record<TaskEvent['type'], TaskEvent>;

const lives: Record<string, Task> = {
  accepting: accepting(),
  queued: queued(),
  running: running(),
  'running, while its files are copied': keeping(KEEPING),
  succeeded: succeeded(),
  failed: failed(),
  canceled: canceled(),
  'succeeded, without a callback': succeeded({ callback: null }),
};

const unsent = ['submitted', 'deferred', 'refused', 'gone', 'canceled'];
const possible: Record<string, string[]> = {
  accepting: unsent,
  queued: unsent,
  running: ['missing', 'found', 'unlinked', 'troubled', 'ended', 'finished', 'gone', 'canceled'],
  'running, while its files are copied': ['copying', 'copied', 'canceled'],
  succeeded: [],
  failed: [],
  canceled: [],
  'succeeded, without a callback': [],
};

/** The task after the event, which has to apply. */
function after(task: Task, event: TaskEvent, now = NOW): Task {
  const next = transition(task, event, now);
  if (next === null) throw new Error(`${event.type} does not apply`);
  return next;
}

describe('what can happen to a task that is', () => {
  it.each(Object.entries(lives))('%s', (life, task) => {
    const applies = Object.values(events).filter((event) => transition(task, event, NOW) !== null);
    expect(applies.map(({ type }) => type).toSorted()).toEqual(possible[life]?.toSorted());
    for (const event of applies) expect(after(task, event).revision).toBe(task.revision + 1);
  });
});

describe('before upstream has a task', () => {
  it('a task runs once upstream took it, and is polled when the schedule says', () => {
    const next = after(queued(4, { problem: 'Upstream is full.' }), events.submitted);
    expect(next.phase).toEqual({
      state: 'running',
      upstreamTaskId: 'up_9',
      submittedAt: NOW,
      missingSince: null,
      unlinkedSince: null,
      keeping: null,
    });
    expect(next).toMatchObject({ dueAt: NOW + 3_000, problem: null });
  });

  it.each([
    ['the first time', accepting(), 1],
    ['the fifth time', queued(4, {}, 'limited'), 5],
    ['for another reason than before', queued(4), 1],
  ])('a task waits until it may be tried again, counting: %s', (_, task, tries) => {
    const next = after(task, events.deferred);
    expect(next.phase).toEqual({ state: 'queued', reason: 'limited', tries });
    expect(next).toMatchObject({ dueAt: NOW + 17_000, problem: 'Too fast.' });
  });

  it('a task that waits for others waits in the queue, which has no clock, and keeps no lease', () => {
    const asked = accepting({ leasedUntil: NOW + 9_000 });
    const next = after(asked, { ...events.deferred, reason: 'full', retryAt: null });
    expect(next).toMatchObject({ dueAt: null, leasedUntil: 0, problem: 'Too fast.' });
  });

  it('a task that was asked for again counts on where it waits for the same again', () => {
    const again = sampleTask({ state: 'accepting', waited: { reason: 'limited', tries: 4 } } as const);
    expect(after(again, events.deferred).phase).toMatchObject({ reason: 'limited', tries: 5 });
    expect(after(again, { ...events.deferred, reason: 'failing' }).phase).toMatchObject({ tries: 1 });
  });

  it('a task never sleeps past its own time limit', () => {
    const late = { ...events.deferred, retryAt: T0 + 2 * HOUR };
    expect(after(queued(), late).dueAt).toBe(T0 + HOUR);
    expect(after(queued(), { ...events.submitted, pollAt: T0 + 2 * HOUR }).dueAt).toBe(T0 + HOUR);
  });

  it('a refusal for good ends it, and leaves it nothing to do', () => {
    const next = after(queued(), events.refused);
    expect(next.phase).toEqual({
      state: 'failed',
      upstreamTaskId: null,
      submittedAt: null,
      completedAt: NOW,
      costTimeMs: null,
      resultJson: null,
      error: events.refused.error,
    });
    expect(next).toMatchObject({ dueAt: null, leasedUntil: 0, problem: null });
  });
});

describe('the end of a running task', () => {
  it('is a success with the result as upstream gave it', () => {
    expect(after(running(), events.ended).phase).toEqual({
      state: 'succeeded',
      upstreamTaskId: 'up_1',
      submittedAt: T0 + 2_000,
      completedAt: NOW - 1_000,
      costTimeMs: 50_000,
      resultJson: success.resultJson,
      error: null,
      kept: null,
    });
  });

  it.each([
    ['its own words', 'Content policy.', 'Content policy.'],
    ['no words', null, 'Upstream says that the task failed, and gives no reason.'],
  ])('is a failure, told with %s', (_, failMessage, message) => {
    const next = after(running(), { type: 'ended', end: { ...failure, failMessage } });
    expect(next.phase).toMatchObject({
      state: 'failed',
      resultJson: null,
      error: { code: 'upstream_failed', message, upstreamCode: '400' },
    });
  });

  it.each([
    ['as upstream says', NOW - 1_000, NOW - 1_000],
    ['now, where upstream does not say', null, NOW],
    ['now, where its clock is ahead of ours', NOW + HOUR, NOW],
    ['now, where that was before its submission', T0 - HOUR, NOW],
    ['now, where it is told in seconds', NOW / 1_000, NOW],
    ['now, where it is 0', 0, NOW],
  ])('is dated %s', (_, completedAt, expected) => {
    const next = after(running(), { type: 'ended', end: { ...success, completedAt } });
    expect(next.phase).toMatchObject({ completedAt: expected });
  });

  it('leaves the task nothing to do, called back or not: its callback has a clock of its own', () => {
    for (const task of [running({ leasedUntil: NOW + 9_000 }), running({ callback: null })]) {
      const next = after(task, events.ended);
      expect(next).toMatchObject({ dueAt: null, leasedUntil: 0, problem: null });
      expect(next.callback).toEqual(task.callback);
    }
  });

  it('keeps what upstream knows it by, whoever ended it', () => {
    for (const event of [events.gone, events.canceled]) {
      expect(after(running(), event).phase).toMatchObject({
        upstreamTaskId: 'up_1',
        submittedAt: T0 + 2_000,
        completedAt: NOW,
      });
    }
    expect(after(running(), events.canceled).phase).toMatchObject({ state: 'canceled', error: null });
    expect(after(running(), events.gone).phase).toMatchObject({ state: 'failed', error });
  });
});

describe('of a running task', () => {
  it('is noted since when upstream does not know it, and no longer once it does', () => {
    const lost = after(running(), events.missing);
    expect(lost.phase).toMatchObject({ state: 'running', missingSince: NOW });
    expect(after(lost, events.found).phase).toMatchObject({ state: 'running', missingSince: null });
  });

  it('trouble is noted for its owner, and the clock goes on', () => {
    expect(after(running(), events.troubled)).toEqual({ ...running(), revision: 4, problem: 'Bad key.' });
  });
});

describe('a running task whose link has to come', () => {
  it('is counted from the first such answer, whatever comes between', () => {
    const waits = after(running(), events.unlinked);
    expect(waits).toMatchObject({
      problem: 'No link yet.',
      phase: { state: 'running', unlinkedSince: NOW, missingSince: null },
    });
    const lost = after(waits, events.missing, NOW + 5_000);
    expect(lost.phase).toMatchObject({ unlinkedSince: NOW, missingSince: NOW + 5_000 });
    const again = after(lost, events.unlinked, NOW + 9_000);
    expect(again.phase).toMatchObject({ unlinkedSince: NOW, missingSince: null });
  });
});
