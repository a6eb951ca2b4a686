import type { UpstreamEnd } from './upstream.ts';

/** What an end cannot be before. Epoch ms. */
interface Begun {
  readonly createdAt: number;
  /** Null: upstream never took it. */
  readonly submittedAt: number | null;
}

/**
 * An end without the times that cannot be: a completion before the submission (0, or seconds for milliseconds) or in the
 * future, and a cost of nothing, or of more time than the task has existed for. Such a time says nothing about anything.
 */
export function withPossibleTimes(
  end: UpstreamEnd,
  { createdAt, submittedAt }: Begun,
  now: number,
): UpstreamEnd {
  const { completedAt, costTimeMs } = end;
  const isCompletion =
    completedAt !== null && completedAt >= (submittedAt ?? createdAt) && completedAt <= now;
  const isCost = costTimeMs !== null && costTimeMs > 0 && costTimeMs <= now - createdAt;
  return {
    ...end,
    completedAt: isCompletion ? completedAt : null,
    costTimeMs: isCost ? costTimeMs : null,
  };
}
