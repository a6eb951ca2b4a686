import type { Attempt } from '../../domain/attempt.ts';
import type { ReceiverAnswer } from '../../domain/receiver.ts';
import { preflight } from '../../domain/receivers/advice.ts';

/**
 * What whoever has the receiver can change, in the words of the callback test, by the number of the attempt; only where it is other
 * than what was said of the attempt before, and was no success.
 */
export function adviceByAttempt(attempts: readonly Attempt[], url: string): ReadonlyMap<number, string> {
  const advice = new Map<number, string>();
  let before: string | null = null;
  for (const { number, status, outcome, detail } of attempts) {
    const words = outcome === 'delivered' ? null : preflight(answerOf(status, detail), url).advice;
    if (words !== null && words !== before) advice.set(number, words);
    before = words;
  }
  return advice;
}

/** What was answered, as far as the log has it: its words stand in the detail, beside the advice. */
function answerOf(status: number | null, detail: string): ReceiverAnswer {
  if (status !== null) return { kind: 'response', status, retryAfter: null, location: null, excerpt: '' };
  if (detail.startsWith('No answer within'))
    return { kind: 'timeout', afterMs: Number(/within ([\d.]+) s/.exec(detail)?.[1] ?? 0) * 1_000 };
  return { kind: /\b(TLS|certificate)\b/i.test(detail) ? 'tls' : 'connection', message: '' };
}
