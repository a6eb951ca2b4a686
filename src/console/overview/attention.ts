import { wordsOfLocked } from '../../engine/seals.ts';
import { count, duration } from '../components/time.tsx';
import { namesInWords } from './names.ts';
import { refusalConcerns } from './refusals.ts';
import { retryConcerns } from './retries.ts';
import { creditConcerns, subscriptionConcerns } from './subscriptions.ts';
import type { KeyQueue, Overview, RelayPulse } from './read.ts';

/** Something that a person should look at, the worst first. */
export interface Concern {
  readonly tone: 'bad' | 'warn';
  readonly title: string;
  readonly advice: string;
  readonly href: string | null;
}

/** Work that nobody has come for in this time means that the cron does not run, as `/healthz` says too. */
const MAX_SILENCE_MS = 180_000;
/** A share of failed tasks below this is what upstream's content rules make of people's prompts. */
const MANY_FAILURES = 0.2;
const FEW_TASKS = 5;

/** What needs attention first; empty where all is well. */
export function attentionOf(overview: Overview): Concern[] {
  const concerns = [
    ...(overview.relay === null ? [] : pulseConcerns(overview.relay, overview.now)),
    ...overview.queues.flatMap((queue) => keyConcerns(queue, overview.now)),
    ...refusalConcerns(overview),
    ...callbackConcerns(overview),
    ...retryConcerns(overview),
    ...failureConcerns(overview),
    ...creditConcerns(overview),
    ...subscriptionConcerns(overview),
  ];
  return [
    ...concerns.filter(({ tone }) => tone === 'bad'),
    ...concerns.filter(({ tone }) => tone === 'warn'),
  ];
}

function pulseConcerns(
  { oldestDueAt, tickStartedAt, counts, breakers, locked, risks }: RelayPulse,
  now: number,
): Concern[] {
  const isLate = oldestDueAt !== null && now - oldestDueAt > MAX_SILENCE_MS;
  const isSilent = tickStartedAt === null || now - tickStartedAt > MAX_SILENCE_MS;
  const concerns: Concern[] = risks.map((risk) => ({ ...risk, tone: 'bad', href: null }));
  if (locked !== null) {
    const title = 'The MASTER_KEY does not open what is stored';
    concerns.push({ tone: 'bad', title, advice: wordsOfLocked(locked), href: null });
  }
  if (isLate) {
    concerns.push({
      tone: 'bad',
      title: isSilent
        ? 'Work is due, and the cron does not run'
        : `Work has been due for ${duration(now - oldestDueAt)}`,
      advice: isSilent
        ? 'Look at the cron trigger of the Worker.'
        : 'More is due than one run can do: raise SUBREQUEST_BUDGET where the plan allows it.',
      href: null,
    });
  }
  if ((counts['failed_hand_overs'] ?? 0) > 0) {
    concerns.push({
      tone: 'warn',
      title: 'The queue WAKE_UPS takes no messages',
      advice:
        'Each run works on alone, so callbacks come later; nothing is lost. A day of the Free plan has 10,000 operations for all ' +
        'queues of the account, and begins at midnight UTC. The log says what the queue answered.',
      href: null,
    });
  }
  for (const { host, silentSince, clientNames, waiting: callbacks } of breakers) {
    const whose = namesInWords(clientNames);
    const wait =
      callbacks === 1
        ? 'One callback waits for it, and uses up no attempts'
        : `${count(callbacks)} callbacks wait for it, and use up no attempts`;
    const since = silentSince === null ? '' : ` for ${duration(now - silentSince)}`;
    concerns.push({
      tone: 'warn',
      title: `${host} has not answered${since}`,
      advice: `Of ${whose}. ${wait}. Once it answers again, they go out by themselves.`,
      href: `/console/tasks?callback=pending&host=${encodeURIComponent(host)}`,
    });
  }
  return concerns;
}

function keyConcerns({ name, problem, reasons, pausedUntil, waiting }: KeyQueue, now: number): Concern[] {
  if (reasons.some(({ reason }) => reason === 'failing')) {
    const words = problem === null ? 'Upstream does not answer properly.' : `Last met: ${problem}`;
    return [
      {
        tone: 'bad',
        title: `${name}: tasks cannot be handed over`,
        advice: words,
        href: '/console/tasks?state=queued',
      },
    ];
  }
  if (pausedUntil !== null) {
    const advice = `It goes on in ${duration(Math.max(0, pausedUntil - now))}; ${count(waiting)} wait.`;
    return [{ tone: 'warn', title: `${name}: upstream limits its rate`, advice, href: null }];
  }
  return [];
}

function callbackConcerns({ figures, isOperator }: Overview): Concern[] {
  return figures.givenUp.map(({ host, count: callbacks, clientNames }) => ({
    tone: 'bad',
    title:
      callbacks === 1
        ? `A callback to ${host} was given up`
        : `${count(callbacks)} callbacks to ${host} were given up`,
    advice: `${isOperator ? `Of ${namesInWords(clientNames)}. ` : ''}Each task says why. Mend the receiver, then send them again.`,
    href: `/console/tasks?callback=failed&host=${encodeURIComponent(host)}`,
  }));
}

function failureConcerns({ figures }: Overview): Concern[] {
  const failed = figures.buckets.reduce((sum, bucket) => sum + bucket.failed, 0);
  const succeeded = figures.buckets.reduce((sum, bucket) => sum + bucket.succeeded, 0);
  const [first] = figures.errors;
  if (first === undefined || failed + succeeded < FEW_TASKS) return [];
  if (failed / (failed + succeeded) < MANY_FAILURES) return [];
  const title = `${count(failed)} of ${count(failed + succeeded)} tasks failed`;
  const advice = `Most often with ${first.code}: ${REMEDIES[first.code] ?? 'look at their messages.'}`;
  return [{ tone: 'warn', title, advice, href: '/console/tasks?state=failed' }];
}

const REMEDIES: Readonly<Record<string, string>> = {
  upstream_failed: 'their messages are in upstream’s own words.',
  upstream_refused: 'upstream did not take the input.',
  insufficient_credits: 'the upstream account needs credits.',
  timed_out: 'upstream did not end them in time.',
  upstream_lost: 'upstream does not know them any more.',
  no_result: 'upstream said success, and gave no link.',
};
