import { answersAlreadyFinished } from './receivers/profile.ts';
import { parseRetryAfter } from './retry-after.ts';

/** What one callback attempt met. */
export type ReceiverAnswer = WhatCame & {
  /** Questions to the resolver about its host's name; absent where nobody counted. */
  readonly lookUps?: number;
};

type WhatCame =
  | {
      readonly kind: 'response';
      readonly status: number;
      readonly retryAfter: string | null;
      readonly location: string | null;
      /** The first 1 KiB of the body, as text; of a success only where it was short, or is known to say less than it seems. */
      readonly excerpt: string;
      /** Nothing follows the excerpt; absent where nobody knows. */
      readonly isWhole?: boolean;
    }
  | { readonly kind: 'timeout'; readonly afterMs: number }
  | { readonly kind: 'tls'; readonly message: string }
  | { readonly kind: 'connection'; readonly message: string }
  /** The URL policy refuses the address now, whatever it said when the task was accepted. */
  | { readonly kind: 'forbidden'; readonly message: string }
  /** A resolver is asked before each call, and does not say where the host's name leads. */
  | { readonly kind: 'unresolved'; readonly message: string }
  /** Ringback could not make the callback: its owner has something to mend. */
  | { readonly kind: 'unsendable'; readonly message: string };

/** Whether the callback left Ringback, whatever became of it. */
export function wasSent({ kind }: ReceiverAnswer): boolean {
  return kind !== 'forbidden' && kind !== 'unresolved' && kind !== 'unsendable';
}

/** What an answer means for the delivery. */
export type Verdict =
  | { readonly kind: 'delivered' }
  /** The receiver wants no more of it. */
  | { readonly kind: 'stop' }
  | {
      readonly kind: 'again';
      /** 404 or 409: the receiver may not be listening yet. */
      readonly mayNotListenYet: boolean;
      /** Nothing, or a 5xx, came back: the callback may have arrived all the same. */
      readonly answerLost: boolean;
      /** The receiver asked for no attempt before this instant (epoch ms), or null. */
      readonly notBefore: number | null;
    };

/** No receiver can put a delivery off for longer than a day at a time. */
const MAX_RETRY_AFTER_MS = 24 * 3_600_000;

/**
 * Delivered, stop, or again: the whole meaning of a receiver's answer, in one place.
 *
 * @param earlier where it was sent, and whether the answer to an earlier attempt was lost: n8n's "has finished already" then
 *   says that it did arrive.
 */
export function judge(
  answer: ReceiverAnswer,
  now: number,
  earlier: { readonly url: string; readonly answerLost: boolean },
): Verdict {
  if (answer.kind !== 'response') {
    return { kind: 'again', mayNotListenYet: false, answerLost: wasSent(answer), notBefore: null };
  }
  const { status } = answer;
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  if (earlier.answerLost && answersAlreadyFinished(earlier.url, status, answer.excerpt))
    return { kind: 'delivered' };
  if (status === 410) return { kind: 'stop' };
  const asks = status === 429 || status === 503;
  const asked = asks ? parseRetryAfter(answer.retryAfter, now) : null;
  return {
    kind: 'again',
    mayNotListenYet: status === 404 || status === 409,
    // A gateway's or a crash's 5xx may stand in for an answer that was lost on its way.
    answerLost: status >= 500,
    notBefore: asked === null ? null : Math.min(asked, now + MAX_RETRY_AFTER_MS),
  };
}
