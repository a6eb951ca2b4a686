import type { Verdict } from './receiver.ts';

/** Where the retry schedule stands; a redelivery starts a new round. */
export interface RetryRound {
  /** When the round's first attempt came back. Epoch ms. */
  readonly firstAttemptAt: number | null;
  /** Delays of `RETRY_DELAYS_SECONDS` used up. */
  readonly retries: number;
  /** Quick retries (a receiver that may not be listening yet) used up. */
  readonly quickRetries: number;
  /** An attempt of this round met no answer, so it may have arrived all the same. */
  readonly answerLost: boolean;
}

export const NEW_ROUND: RetryRound = { firstAttemptAt: null, retries: 0, quickRetries: 0, answerLost: false };

/** What follows an attempt: the attempt log's `outcome`, and when the next one is due. */
export type RetryPlan =
  | { readonly outcome: 'delivered' }
  | { readonly outcome: 'stopped' }
  | { readonly outcome: 'exhausted' }
  | { readonly outcome: 'retry'; readonly at: number; readonly round: RetryRound };

export interface RetryPolicy {
  /** `RETRY_DELAYS_SECONDS` in ms: N delays make N + 1 attempts. */
  readonly delaysMs: readonly number[];
}

/**
 * n8n's Wait node answers 404 or 409 until its workflow waits, which it reaches within seconds: so a receiver that may not
 * be listening yet is asked again quickly, for two minutes at the most, before the schedule begins.
 */
const QUICK_DELAYS_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000] as const;
const QUICK_WINDOW_MS = 120_000;
/** Spreads the retries of receivers that failed together. */
const JITTER = 0.2;

/**
 * The retry schedule: what follows the attempt that ended at `now` with `verdict`.
 *
 * @param round where the schedule stood before this attempt.
 * @param random in [0, 1), for the jitter of ±20 %.
 */
export function planAfter(
  verdict: Verdict,
  round: RetryRound,
  policy: RetryPolicy,
  { now, random }: { now: number; random: number },
): RetryPlan {
  if (verdict.kind === 'delivered') return { outcome: 'delivered' };
  if (verdict.kind === 'stop') return { outcome: 'stopped' };
  const firstAttemptAt = round.firstAttemptAt ?? now;
  const tried = { ...round, firstAttemptAt, answerLost: round.answerLost || verdict.answerLost };
  const quick = QUICK_DELAYS_MS[round.quickRetries];
  if (verdict.mayNotListenYet && quick !== undefined && now - firstAttemptAt < QUICK_WINDOW_MS) {
    return {
      outcome: 'retry',
      at: now + quick,
      round: { ...tried, quickRetries: round.quickRetries + 1 },
    };
  }
  const delay = policy.delaysMs[round.retries];
  if (delay === undefined) return { outcome: 'exhausted' };
  const jittered = Math.round(delay * (1 - JITTER + 2 * JITTER * random));
  const at = Math.max(now + jittered, verdict.notBefore ?? 0);
  return { outcome: 'retry', at, round: { ...tried, retries: round.retries + 1 } };
}
