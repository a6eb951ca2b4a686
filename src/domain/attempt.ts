import { isoTime } from './clock.ts';
import type { ReceiverAnswer } from './receiver.ts';
import { profileOf } from './receivers/profile.ts';
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
  url: string,
): Attempt {
  return {
    ...attempt,
    status: answer.kind === 'response' ? answer.status : null,
    outcome: plan.outcome,
    detail: `${whatHappened(answer)}; ${whatFollows(answer, plan)}.${quirkOf(answer, url)}`,
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
    case 'unresolved':
    case 'unsendable':
      return `Not called: ${answer.message.replace(/\.$/, '')}`;
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

/** What is known of this receiver, where it refused: why that may be, and what to do. */
function quirkOf(answer: ReceiverAnswer, url: string): string {
  if (answer.kind !== 'response' || answer.status < 400) return '';
  const profile = profileOf(url);
  const words = profile?.oneOff ?? profile?.quirk ?? null;
  return words === null ? '' : ` ${words}`;
}

function whatFollows(answer: ReceiverAnswer, plan: RetryPlan): string {
  switch (plan.outcome) {
    case 'delivered':
      return answer.kind === 'response' && answer.status >= 300
        ? 'so the attempt whose answer was lost had arrived: delivered'
        : 'delivered';
    case 'retry':
      return `next attempt at ${isoTime(plan.at)}`;
    case 'stopped':
      return 'no further attempt';
    case 'exhausted':
      return 'that was the last attempt of the schedule';
  }
}
