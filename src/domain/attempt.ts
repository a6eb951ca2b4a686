import { isoTime } from './clock.ts';
import { shownLocation } from './location.ts';
import type { ReceiverAnswer } from './receiver.ts';
import { APPS_SCRIPT_WORDS } from './receivers/own-code.ts';
import { profileOf } from './receivers/profile.ts';
import { isAppsScript } from './receivers/redirect-advice.ts';
import { FAILURE_WORDS, saysFailure } from './receivers/success-words.ts';
import type { RetryPlan } from './retry-schedule.ts';
import { quoted } from './shown.ts';

type Response = Extract<ReceiverAnswer, { kind: 'response' }>;

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
    detail: `${whatHappened(answer, url)}; ${whatFollows(answer, plan)}.${quirkOf(answer, url)}`,
    nextAttemptAt: plan.outcome === 'retry' ? plan.at : null,
  };
}

function whatHappened(answer: ReceiverAnswer, url: string): string {
  switch (answer.kind) {
    case 'response':
      return whatWasAnswered(answer, url);
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

function whatWasAnswered(answer: Response, url: string): string {
  const { status, location, excerpt } = answer;
  if (status >= 300 && status < 400) {
    return `Answered ${status}${location === null ? '' : ` to ${shownLocation(location, url)}`}, and redirects are not followed`;
  }
  const isPlainSuccess = status < 300 && !saysFailure(excerpt, url);
  return `Answered ${status}${excerpt === '' || isPlainSuccess ? '' : ` with ${quoted(excerpt)}`}`;
}

/** What is known of this receiver, where it refused or says that it did: why that may be, and what to do. */
function quirkOf(answer: ReceiverAnswer, url: string): string {
  if (answer.kind !== 'response') return '';
  const words = answer.status < 400 ? wordsOnNoError(answer, url) : wordsOfProfile(url);
  return words === null ? '' : ` ${words}`;
}

function wordsOnNoError({ status, location, excerpt }: Response, url: string): string | null {
  if (status >= 300) return isAppsScript(location, url) ? APPS_SCRIPT_WORDS : null;
  if (status < 200 || !saysFailure(excerpt, url)) return null;
  const quirk = wordsOfProfile(url);
  return quirk === null ? FAILURE_WORDS : `${FAILURE_WORDS} ${quirk}`;
}

function wordsOfProfile(url: string): string | null {
  const profile = profileOf(url);
  return profile?.oneOff ?? profile?.quirk ?? null;
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
      return answer.kind === 'response' && answer.status === 410
        ? 'a 410 asks for no more callbacks, so it is not tried again by itself'
        : 'it is not tried again by itself';
    case 'exhausted':
      return 'that was the last attempt of the schedule';
  }
}
