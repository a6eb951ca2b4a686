import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attempted, callbackOf, postponed, redelivered } from '../../src/domain/delivery.ts';
import type { Delivery } from '../../src/domain/delivery.ts';
import { afterAttempt, UNKNOWN_RECEIVER } from '../../src/domain/receivers/health.ts';
import { nextPollAt } from '../../src/domain/poll-schedule.ts';
import { judge } from '../../src/domain/receiver.ts';
import type { Verdict } from '../../src/domain/receiver.ts';
import { NEW_ROUND, planAfter } from '../../src/domain/retry-schedule.ts';
import type { RetryPlan } from '../../src/domain/retry-schedule.ts';
import { isEnded } from '../../src/domain/task.ts';
import type { Task } from '../../src/domain/task.ts';
import { transition } from '../../src/domain/transition.ts';
import type { TaskEvent } from '../../src/domain/transition.ts';
import type { UpstreamEnd } from '../../src/domain/upstream.ts';
import { fromRow, toRow } from '../../src/store/task-row.ts';
import { accepting, sampleDelivery, sampleTarget, succeeded, T0 } from '../domain/sample-task.ts';
import { holdsForAll } from '../support/properties.ts';

const HOUR_MS = 3_600_000;
const instant = fc.integer({ min: T0, max: T0 + 2 * HOUR_MS });
const words = fc.string({ maxLength: 20 });
const error = fc.record({
  code: fc.constantFrom(
    'upstream_failed',
    'upstream_refused',
    'insufficient_credits',
    'timed_out',
    'upstream_lost',
  ),
  message: words,
  upstreamCode: fc.option(words),
});
const times = {
  costTimeMs: fc.option(fc.nat()),
  completedAt: fc.option(fc.integer({ min: 0, max: 2 * T0 })),
};
const end: fc.Arbitrary<UpstreamEnd> = fc.oneof(
  fc.record({ state: fc.constant('succeeded'), resultJson: fc.option(fc.json()), ...times }),
  fc.record({
    state: fc.constant('failed'),
    failCode: fc.option(words),
    failMessage: fc.option(words),
    ...times,
  }),
);
const round = fc.record({
  firstAttemptAt: fc.option(instant),
  retries: fc.nat(20),
  quickRetries: fc.nat(10),
  answerLost: fc.boolean(),
});
const plan: fc.Arbitrary<RetryPlan> = fc.oneof(
  fc.record({ outcome: fc.constantFrom('delivered', 'stopped', 'exhausted') }),
  fc.record({ outcome: fc.constant('retry'), at: instant, round }),
);
const event: fc.Arbitrary<TaskEvent> = fc.oneof(
  fc.record({ type: fc.constant('unlinked'), problem: words }),
  fc.record({ type: fc.constant('submitted'), upstreamTaskId: words, pollAt: instant }),
  fc.record({
    type: fc.constant('deferred'),
    reason: fc.constantFrom('failing', 'limited', 'full', 'behind', 'own-limit', 'unasked'),
    retryAt: fc.option(instant),
    problem: words,
  }),
  fc.record({ type: fc.constantFrom('refused', 'gone'), error }),
  fc.record({ type: fc.constantFrom('missing', 'found', 'canceled') }),
  fc.record({ type: fc.constant('troubled'), problem: words }),
  fc.record({ type: fc.constant('ended'), end }),
);
const first = fc.constantFrom(
  accepting(),
  accepting({ callback: null }),
  accepting({ callback: sampleTarget({ format: 'record' }) }),
  accepting({ leasedUntil: T0 + 25_000 }),
);
const life = fc.tuple(first, fc.array(fc.tuple(event, instant), { minLength: 1, maxLength: 40 }));

/** Each step of a life in which anything may happen at any time. */
function steps(
  [task, events]: [Task, [TaskEvent, number][]],
  check: (before: Task, after: Task, what: TaskEvent) => void,
): void {
  let current = task;
  for (const [what, now] of events) {
    const next = transition(current, what, now);
    if (next === null) continue;
    check(current, next, what);
    current = next;
  }
}

describe('a task, whatever happens to it and in whatever order,', () => {
  it('grows by one revision with each change', () => {
    holdsForAll(life, (lived) =>
      steps(lived, (before, after) => expect(after.revision).toBe(before.revision + 1)),
    );
  });

  it('has one end, after which nothing happens to it', () => {
    holdsForAll(life, (lived) =>
      steps(lived, (before) => {
        expect(isEnded(before)).toBe(false);
      }),
    );
  });

  it('has a clock unless it waits in a queue or has ended, and none beyond its deadline', () => {
    holdsForAll(life, (lived) =>
      steps(lived, (_before, { phase, dueAt, deadlineAt }) => {
        if (phase.state === 'running') expect(dueAt).not.toBeNull();
        if ('completedAt' in phase) expect(dueAt).toBeNull();
        expect(dueAt ?? 0).toBeLessThanOrEqual(deadlineAt);
      }),
    );
  });

  it('gives its lease back with each change but what is only noted of it', () => {
    holdsForAll(life, (lived) =>
      steps(lived, (before, after, { type }) => {
        const isNote = ['missing', 'found', 'unlinked', 'troubled'].includes(type);
        expect(after.leasedUntil).toBe(isNote ? before.leasedUntil : 0);
      }),
    );
  });

  it('stays what was accepted: its id, its owner, its input, its receiver', () => {
    holdsForAll(life, ([task, events]) =>
      steps([task, events], (_before, after) => {
        const { id, clientId, accountId, input, createdAt, deadlineAt } = task;
        expect(after).toMatchObject({ id, clientId, accountId, input, createdAt, deadlineAt });
        expect(after.callback).toEqual(task.callback);
      }),
    );
  });

  it('ends between its submission and now', () => {
    holdsForAll(life, ([task, events]) => {
      const ordered = [...events].sort(([, a], [, b]) => a - b);
      const latest = ordered.at(-1)?.[1] ?? T0;
      steps([task, ordered], (_before, { phase }) => {
        if (!('completedAt' in phase)) return;
        expect(phase.completedAt).toBeGreaterThanOrEqual(phase.submittedAt ?? task.createdAt);
        expect(phase.completedAt).toBeLessThanOrEqual(latest);
      });
    });
  });

  it('is read from its row as it was written', () => {
    holdsForAll(life, (lived) =>
      steps(lived, (_before, after) => expect(fromRow(toRow(after))).toEqual(after)),
    );
  });
});

/** What can happen to a delivery. */
type DeliveryEvent = (delivery: Delivery, now: number) => Delivery;

describe('a delivery, whatever happens to it and in whatever order,', () => {
  const status = fc.option(fc.integer({ min: 200, max: 599 }));
  const happens: fc.Arbitrary<DeliveryEvent> = fc.oneof(
    fc.tuple(plan, status).map(
      ([planned, answered]): DeliveryEvent =>
        (delivery, now) =>
          attempted(delivery, { plan: planned, status: answered, at: now - 5, now }),
    ),
    instant.map(
      (dueAt): DeliveryEvent =>
        (delivery) =>
          postponed(delivery, dueAt),
    ),
    instant.map(
      (dueAt): DeliveryEvent =>
        (delivery, now) =>
          redelivered(delivery, dueAt, now),
    ),
  );
  const delivered = fc.tuple(
    fc.constantFrom(sampleDelivery(), sampleDelivery({ kind: 'notice', event: 'callback.failed' })),
    fc.array(fc.tuple(happens, instant), { minLength: 1, maxLength: 40 }),
  );

  /** Each step of the life of a delivery: one that is over is changed by nobody but by a redelivery. */
  function stepsOf(
    [delivery, events]: [Delivery, [DeliveryEvent, number][]],
    check: (before: Delivery, after: Delivery) => void,
  ): void {
    let current = delivery;
    for (const [happen, now] of events) {
      const before = current.state === 'pending' ? current : redelivered(current, now, now);
      current = happen(before, now);
      check(before, current);
    }
  }

  it('grows by one revision with each change, and its attempts never shrink', () => {
    holdsForAll(delivered, (lived) =>
      stepsOf(lived, (before, after) => {
        expect(after.revision).toBe(before.revision + 1);
        expect(after.attempts - before.attempts).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('has a clock exactly while it is pending', () => {
    holdsForAll(delivered, (lived) =>
      stepsOf(lived, (_before, after) => {
        expect(after.dueAt === null).toBe(after.state !== 'pending');
        expect(after.deliveredAt === null).toBe(after.state !== 'delivered');
      }),
    );
  });

  it('stays the same message: its id, its task, its kind, what it tells and where', () => {
    holdsForAll(delivered, ([delivery, events]) =>
      stepsOf([delivery, events], (_before, after) => {
        const { id, taskId, clientId, kind, event: told, url, host, occurredAt, createdAt } = delivery;
        expect(after).toMatchObject({
          id,
          taskId,
          clientId,
          kind,
          event: told,
          url,
          host,
          occurredAt,
          createdAt,
        });
      }),
    );
  });

  it('begins with the end of its task, whatever that was', () => {
    holdsForAll(instant, (now) => {
      expect(callbackOf(succeeded(), now, 0)).toMatchObject({ dueAt: now, state: 'pending', attempts: 0 });
    });
  });
});

describe('the retry schedule', () => {
  const verdict: fc.Arbitrary<Extract<Verdict, { kind: 'again' }>> = fc.record({
    kind: fc.constant('again'),
    mayNotListenYet: fc.boolean(),
    answerLost: fc.boolean(),
    notBefore: fc.option(instant),
  });
  const delays = fc.array(fc.integer({ min: 0, max: HOUR_MS }), { maxLength: 10 });

  it('comes to its end after its delays and six quick retries, however it is answered', () => {
    holdsForAll(
      fc.tuple(delays, fc.array(verdict, { minLength: 17, maxLength: 17 })),
      ([delaysMs, verdicts]) => {
        let standing = { ...NEW_ROUND };
        let attempts = 0;
        for (const answered of verdicts) {
          attempts++;
          const next = planAfter(answered, standing, { delaysMs }, { now: T0, random: 0.5 });
          if (next.outcome !== 'retry') break;
          standing = next.round;
        }
        expect(attempts).toBeLessThanOrEqual(delaysMs.length + 1 + 6);
        expect(attempts).toBeGreaterThanOrEqual(delaysMs.length + 1);
      },
    );
  });

  it('waits its delay give or take a fifth, and never less than the receiver asked for', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    holdsForAll(fc.tuple(delays, verdict, random, fc.nat(9)), ([delaysMs, answered, chance, retries]) => {
      const slow = { ...answered, mayNotListenYet: false };
      const next = planAfter(slow, { ...NEW_ROUND, retries }, { delaysMs }, { now: T0, random: chance });
      const delay = delaysMs[retries];
      if (delay === undefined) return expect(next.outcome).toBe('exhausted');
      if (next.outcome !== 'retry') throw new Error('there are delays left');
      expect(next.at).toBeGreaterThanOrEqual(Math.max(Math.floor(T0 + 0.8 * delay), answered.notBefore ?? 0));
      expect(next.at).toBeLessThanOrEqual(Math.max(Math.ceil(T0 + 1.2 * delay), answered.notBefore ?? 0));
    });
  });
});

describe('a receiver’s answer', () => {
  it('is delivered only by a 2xx, stops only by a 410, and puts off by a day at the most', () => {
    const answer = fc.record({
      kind: fc.constant('response'),
      status: fc.integer({ min: 100, max: 599 }),
      retryAfter: fc.option(fc.oneof(fc.nat().map(String), fc.string())),
      location: fc.constant(null),
      excerpt: fc.string(),
    });
    holdsForAll(fc.tuple(answer, fc.webUrl(), fc.boolean()), ([given, url, answerLost]) => {
      const read = judge(given, T0, { url, answerLost });
      if (given.status < 300 && given.status >= 200) expect(read.kind).toBe('delivered');
      else expect(read.kind).toBe(given.status === 410 ? 'stop' : 'again');
      if (read.kind === 'again') expect(read.notBefore ?? T0).toBeLessThanOrEqual(T0 + 24 * HOUR_MS);
    });
  });
});

describe('polls and breakers', () => {
  it('a poll is never sooner than the minimum, nor later than a minute', () => {
    holdsForAll(
      fc.tuple(instant, instant, fc.integer({ min: 1_000, max: HOUR_MS })),
      ([submittedAt, now, pollMinMs]) => {
        const wait = nextPollAt(submittedAt, now, { pollMinMs }) - now;
        expect(wait).toBeGreaterThanOrEqual(pollMinMs);
        // The young age before the first look counts beside the interval.
        expect(wait).toBeLessThanOrEqual(Math.max(60_000, pollMinMs) + 4_000);
      },
    );
  });

  it('a breaker is open for five minutes at the most, and closed by any answer', () => {
    const seen = fc.array(fc.tuple(fc.boolean(), fc.nat(60_000)), { maxLength: 60 });
    holdsForAll(seen, (attempts) => {
      let health = UNKNOWN_RECEIVER;
      let now = T0;
      for (const [answered, passed] of attempts) {
        now += passed;
        health = afterAttempt(health, { answered, tookMs: passed }, now);
        expect((health.openUntil ?? 0) - now).toBeLessThanOrEqual(300_000);
        if (answered) expect(health.openUntil).toBeNull();
      }
    });
  });
});
