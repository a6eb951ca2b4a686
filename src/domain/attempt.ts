import { isoTime } from './clock.ts';
import type { ReceiverAnswer } from './receiver.ts';
import type { RetryPlan } from './retry-schedule.ts';

const MAX_LOCATION_LENGTH = 2_048;

/** One line of a task's attempt log. */
export interface Attempt {
  readonly number: number;
  /** When it was sent, epoch ms. */
  readonly at: number;
  readonly status: number | null;
  readonly durationMs: number;
  readonly outcome: RetryPlan['outcome'];
  /** What happened and what follows, in words. */
  readonly detail: string;
  readonly nextAttemptAt: number | null;
}

/** The attempt that met `answer` and is followed by `plan`, as its owner will read it. */
export function describeAttempt(
  answer: ReceiverAnswer,
  plan: RetryPlan,
  attempt: { number: number; at: number; durationMs: number },
): Attempt {
  return {
    ...attempt,
    status: answer.kind === 'response' ? answer.status : null,
    outcome: plan.outcome,
    detail: `${whatHappened(answer)}; ${whatFollows(plan)}.`,
    nextAttemptAt: plan.outcome === 'retry' ? plan.at : null,
  };
}

function whatHappened(answer: ReceiverAnswer): string {
  switch (answer.kind) {
    case 'response':
      return whatWasAnswered(answer);
    case 'timeout':
      return `No answer within ${answer.afterMs / 1_000} s`;
    case 'tls':
      return `The TLS connection failed: ${answer.message}`;
    case 'connection':
      return `The connection failed: ${answer.message}`;
    case 'forbidden':
    case 'unsendable':
      return `Not called: ${answer.message}`;
  }
}

function whatWasAnswered(answer: Extract<ReceiverAnswer, { kind: 'response' }>): string {
  const { status, location, excerpt } = answer;
  if (status >= 300 && status < 400) {
    return `Answered ${status}${location === null ? '' : ` to ${location.slice(0, MAX_LOCATION_LENGTH)}`}, and redirects are not followed`;
  }
  const words = status === 410 ? `Answered 410, which means: stop` : `Answered ${status}`;
  return excerpt === '' || status < 300 ? words : `${words} with ${JSON.stringify(excerpt)}`;
}

function whatFollows(plan: RetryPlan): string {
  switch (plan.outcome) {
    case 'delivered':
      return 'delivered';
    case 'retry':
      return `next attempt at ${isoTime(plan.at)}`;
    case 'stopped':
      return 'no further attempt';
    case 'exhausted':
      return 'that was the last attempt of the schedule';
  }
}
