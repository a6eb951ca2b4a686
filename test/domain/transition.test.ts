import { describe, expect, it } from 'vitest';

import { NEW_ROUND } from '../../src/domain/task.ts';
import type { Task } from '../../src/domain/task.ts';
import { transition } from '../../src/domain/transition.ts';
import type { TaskEvent } from '../../src/domain/transition.ts';
import type { UpstreamEnd } from '../../src/domain/upstream.ts';
import {
  accepting,
  canceled,
  failed,
  HOUR,
  queued,
  running,
  sampleDelivery,
  succeeded,
  T0,
} from './sample-task.ts';

const NOW = T0 + 60_000;
const error = { code: 'timed_out', message: 'No end.', upstreamCode: null } as const;
const success: UpstreamEnd = {
  state: 'succeeded',
  resultJson: '{"resultUrls":["https://cdn.example.com/new.mp4"]}',
  costTimeMs: 50_000,
  completedAt: NOW - 1_000,
};
const failure: UpstreamEnd = {
  state: 'failed',
  failCode: '400',
  failMessage: 'Content policy.',
  costTimeMs: null,
  completedAt: null,
};
const retry = {
  outcome: 'retry',
  at: NOW + 5_000,
  round: { ...NEW_ROUND, firstAttemptAt: NOW, retries: 1 },
} as const;

const events = {
  submitted: { type: 'submitted', upstreamTaskId: 'up_9', pollAt: NOW + 3_000 },
  deferred: { type: 'deferred', reason: 'limited', retryAt: NOW + 17_000, problem: 'Too fast.' },
  refused: { type: 'refused', error: { code: 'upstream_refused', message: 'No.', upstreamCode: '422' } },
  missing: { type: 'missing' },
  found: { type: 'found' },
  unlinked: { type: 'unlinked', problem: 'No link yet.' },
  troubled: { type: 'troubled', problem: 'Bad key.' },
  ended: { type: 'ended', end: success },
  gone: { type: 'gone', error },
  canceled: { type: 'canceled' },
  attempted: {
    type: 'attempted',
    plan: { outcome: 'delivered' },
    status: 200,
    tellsFailure: false,
    refreshed: null,
  },
  postponed: { type: 'postponed', dueAt: NOW + 300_000 },
  noticed: { type: 'noticed', outcome: 'delivered' },
  redelivered: { type: 'redelivered', dueAt: NOW },
} as const satisfies Record<TaskEvent['type'], TaskEvent>;

/** The client still has to be told that the callback was given up. */
const untold = sampleDelivery({ state: 'failed', notice: { state: 'pending', at: T0, tries: 0 } });
const told = sampleDelivery({ state: 'failed', notice: { state: 'delivered', at: T0, tries: 1 } });

const lives: Record<string, Task> = {
  accepting: accepting(),
  queued: queued(),
  running: running(),
  'succeeded, callback pending': succeeded(),
  'failed, callback pending': failed(),
  'canceled, callback pending': canceled(),
  'succeeded, callback delivered': succeeded({ delivery: sampleDelivery({ state: 'delivered' }) }),
  'succeeded, callback given up': succeeded({ delivery: sampleDelivery({ state: 'failed' }) }),
  'succeeded, given up, its client not told yet': succeeded({ delivery: untold }),
  'succeeded, given up, its client told': succeeded({ delivery: told }),
  'succeeded, without a callback': succeeded({ delivery: null }),
};

const unsent = ['submitted', 'deferred', 'refused', 'gone', 'canceled'];
const ended = ['redelivered'];
const pending = ['attempted', 'postponed', ...ended];
const possible: Record<string, string[]> = {
  accepting: unsent,
  queued: unsent,
  running: ['missing', 'found', 'unlinked', 'troubled', 'ended', 'gone', 'canceled'],
  'succeeded, callback pending': pending,
  'failed, callback pending': pending,
  'canceled, callback pending': pending,
  'succeeded, callback delivered': ended,
  'succeeded, callback given up': ended,
  'succeeded, given up, its client not told yet': ['noticed', 'postponed', ...ended],
  'succeeded, given up, its client told': ended,
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

describe('a callback, or a notice, that cannot be made now', () => {
  it.each(['succeeded, callback pending', 'succeeded, given up, its client not told yet'])(
    'waits, and uses up nothing: %s',
    (life) => {
      const task = lives[life];
      if (task === undefined) throw new Error('no such life');
      const next = after(task, events.postponed);
      expect(next).toEqual({ ...task, dueAt: NOW + 300_000, revision: task.revision + 1 });
    },
  );
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

  it('a task never sleeps past its own time limit', () => {
    const late = { ...events.deferred, retryAt: T0 + 2 * HOUR };
    expect(after(queued(), late).dueAt).toBe(T0 + HOUR);
    expect(after(queued(), { ...events.submitted, pollAt: T0 + 2 * HOUR }).dueAt).toBe(T0 + HOUR);
  });

  it('a refusal for good ends it, and is called back at once', () => {
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
    expect(next).toMatchObject({ dueAt: NOW, delivery: { state: 'pending' } });
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

  it('starts its callback at once, in a round of its own', () => {
    const next = after(running(), events.ended);
    expect(next).toMatchObject({ dueAt: NOW, problem: null });
    expect(next.delivery).toEqual(sampleDelivery({ state: 'pending' }));
  });

  it('leaves nothing to do where nobody is to be called', () => {
    expect(after(running({ delivery: null }), events.ended)).toMatchObject({ dueAt: null, delivery: null });
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

describe('a callback attempt', () => {
  const tried = { attempts: 1, lastStatus: 500 };
  it.each([
    ['delivers it', { outcome: 'delivered' }, null, { ...tried, state: 'delivered', deliveredAt: NOW }],
    ['is told to stop', { outcome: 'stopped' }, null, { ...tried, state: 'failed' }],
    ['was the last one', { outcome: 'exhausted' }, null, { ...tried, state: 'failed' }],
    ['is followed by another', retry, NOW + 5_000, { ...tried, state: 'pending', round: retry.round }],
  ] as const)('%s', (_, plan, dueAt, delivery) => {
    const next = after(succeeded(), { ...events.attempted, plan, status: 500 });
    expect(next.dueAt).toBe(dueAt);
    expect(next.delivery).toEqual(sampleDelivery(delivery));
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

describe('an attempt that fetched the result again first', () => {
  const round = { ...NEW_ROUND, refresh: true };
  const stale = sampleDelivery({ state: 'pending', round });
  const OLD = '{"resultUrls":["https://cdn.example.com/1.mp4"]}';

  it.each([
    ['the fresh result, where upstream gave one', success, success.resultJson],
    ['the one it had, where upstream gave none', null, OLD],
    ['the one it had, where upstream gave a result without a link', { ...success, resultJson: '{}' }, OLD],
    ['the one it had, where upstream gave an empty result', { ...success, resultJson: null }, OLD],
    ['the one it had, where upstream changed its mind', failure, OLD],
  ])('leaves the task with %s', (_, refreshed, resultJson) => {
    const next = after(succeeded({ delivery: stale }), { ...events.attempted, refreshed });
    expect(next.phase).toEqual({ ...succeeded().phase, resultJson });
  });

  it('does not turn a failure into a success', () => {
    for (const task of [failed({ delivery: stale }), canceled({ delivery: stale })]) {
      expect(after(task, { ...events.attempted, refreshed: success }).phase).toEqual(task.phase);
    }
  });

  it('keeps the result for the next attempt, which does not ask again', () => {
    const plan = { ...retry, round: { ...retry.round, refresh: true } };
    const next = after(succeeded({ delivery: stale }), { ...events.attempted, plan, refreshed: success });
    expect(next.phase).toMatchObject({ resultJson: success.resultJson });
    expect(next.delivery?.round).toEqual(retry.round);
  });
});

/** A task whose callback was given up just now, and whose client wants to be told. */
function givenUp(outcome: 'stopped' | 'exhausted'): Task {
  return after(succeeded(), { ...events.attempted, plan: { outcome }, status: 410, tellsFailure: true });
}

describe('where a client wants to be told of what was given up', () => {
  it.each(['stopped', 'exhausted'] as const)(
    'a callback that is %s is followed by a notice at once',
    (end) => {
      expect(givenUp(end)).toMatchObject({
        dueAt: NOW,
        delivery: { state: 'failed', notice: { state: 'pending', at: NOW, tries: 0 } },
      });
    },
  );

  it.each([
    ['was delivered', { outcome: 'delivered' }, null],
    ['goes out again', retry, NOW + 5_000],
  ] as const)('a callback that %s is followed by none', (_, plan, dueAt) => {
    const next = after(succeeded(), { ...events.attempted, plan, tellsFailure: true });
    expect(next).toMatchObject({ dueAt, delivery: { notice: null } });
  });

  it('a notice that nobody took is sent again later, and keeps the time of what it tells', () => {
    const later = after(
      givenUp('exhausted'),
      { type: 'noticed', outcome: { retryAt: NOW + 30_000 } },
      NOW + 9_000,
    );
    expect(later).toMatchObject({
      dueAt: NOW + 30_000,
      delivery: { state: 'failed', attempts: 1, notice: { state: 'pending', at: NOW, tries: 1 } },
    });
  });

  it.each(['delivered', 'failed'] as const)('a notice that is %s is the last of it', (outcome) => {
    const done = after(givenUp('stopped'), { type: 'noticed', outcome });
    expect(done).toMatchObject({
      dueAt: null,
      delivery: { state: 'failed', attempts: 1, lastStatus: 410, notice: { state: outcome, tries: 1 } },
    });
    expect(transition(done, { type: 'noticed', outcome }, NOW)).toBeNull();
  });
});

describe('a redelivery', () => {
  const used = { firstAttemptAt: T0, retries: 10, quickRetries: 6, answerLost: true, refresh: false };
  const delivered = sampleDelivery({
    state: 'delivered',
    attempts: 11,
    deliveredAt: T0 + 100_000,
    round: used,
  });
  const fresh = { ...NEW_ROUND, refresh: true };

  it('is due when it was asked for, with the whole schedule before it; attempts count on', () => {
    for (const dueAt of [NOW, NOW + 250]) {
      const next = after(succeeded({ delivery: delivered, dueAt: null }), { type: 'redelivered', dueAt });
      expect(next.dueAt).toBe(dueAt);
      expect(next.delivery).toEqual(sampleDelivery({ state: 'pending', attempts: 11, round: fresh }));
    }
  });

  it('leaves the result as it is until it is sent', () => {
    expect(after(succeeded({ delivery: delivered }), events.redelivered).phase).toEqual(succeeded().phase);
  });

  it('takes back the notice that it was given up, told or not', () => {
    for (const delivery of [untold, told]) {
      const next = after(succeeded({ delivery }), events.redelivered);
      expect(next.delivery).toEqual(sampleDelivery({ state: 'pending', round: fresh }));
    }
  });
});
