import { describe, expect, it } from 'vitest';

import { describeAttempt } from '../../src/domain/attempt.ts';
import type { ReceiverAnswer } from '../../src/domain/receiver.ts';
import type { RetryPlan } from '../../src/domain/retry-schedule.ts';
import { NEW_ROUND } from '../../src/domain/task.ts';
import { T0 } from './sample-task.ts';

const attempt = { number: 2, at: T0, durationMs: 120 };
const retry: RetryPlan = { outcome: 'retry', at: T0 + 5_000, round: NEW_ROUND };
const NEXT = 'next attempt at 2026-11-22T15:00:05.000Z.';

function response(status: number, excerpt = '', location: string | null = null): ReceiverAnswer {
  return { kind: 'response', status, retryAfter: null, location, excerpt };
}

describe('the log says what happened and what follows', () => {
  it.each<[ReceiverAnswer, RetryPlan, string]>([
    [response(200), { outcome: 'delivered' }, 'Answered 200; delivered.'],
    [response(202, 'queued'), { outcome: 'delivered' }, 'Answered 202; delivered.'],
    [response(500), retry, `Answered 500; ${NEXT}`],
    [response(500, 'no "row"\n'), retry, `Answered 500 with "no \\"row\\"\\n"; ${NEXT}`],
    [response(410), { outcome: 'stopped' }, 'Answered 410, which means: stop; no further attempt.'],
    [
      response(410, 'gone'),
      { outcome: 'stopped' },
      'Answered 410, which means: stop with "gone"; no further attempt.',
    ],
    [
      response(301, 'moved', 'https://b.example/'),
      retry,
      `Answered 301 to https://b.example/, and redirects are not followed; ${NEXT}`,
    ],
    [response(304), retry, `Answered 304, and redirects are not followed; ${NEXT}`],
    [response(503), { outcome: 'exhausted' }, 'Answered 503; that was the last attempt of the schedule.'],
    [{ kind: 'timeout', afterMs: 15_000 }, retry, `No answer within 15 s; ${NEXT}`],
    [
      { kind: 'tls', message: 'certificate expired' },
      retry,
      `The TLS connection failed: certificate expired; ${NEXT}`,
    ],
    [{ kind: 'connection', message: 'refused' }, retry, `The connection failed: refused; ${NEXT}`],
    [{ kind: 'forbidden', message: 'a private address' }, retry, `Not called: a private address; ${NEXT}`],
    [{ kind: 'unsendable', message: 'no secret' }, retry, `Not called: no secret; ${NEXT}`],
  ])('%j, %j', (answer, plan, detail) => {
    expect(describeAttempt(answer, plan, attempt)).toEqual({
      ...attempt,
      status: answer.kind === 'response' ? answer.status : null,
      outcome: plan.outcome,
      detail,
      nextAttemptAt: plan.outcome === 'retry' ? T0 + 5_000 : null,
    });
  });
});
