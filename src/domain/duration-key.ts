import type { Task } from './task.ts';
import type { UpstreamEnd } from './upstream.ts';

/** Videos of more seconds than this count as one length, so that callers cannot make keys without end. */
const MAX_LENGTH_SECONDS = 60;

type Asked = Pick<Task, 'model' | 'input'>;

/**
 * Under which keys a task's duration is learned and looked up, the general one first: its model; and its model,
 * resolution and length in whole seconds, rounded up, with `-` for what was not given. There are no more keys than
 * models × resolutions × 61, because the other two are checked against lists when a task is posted.
 */
export function durationKeys({ model, input }: Asked): readonly [string, string] {
  const { resolution, duration } = input;
  const length =
    typeof duration === 'number' && duration > 0
      ? `${Math.min(MAX_LENGTH_SECONDS, Math.ceil(duration))}s`
      : '-';
  return [model, `${model} ${typeof resolution === 'string' ? resolution : '-'} ${length}`];
}

/** Nothing is made in less: such a cost is told in seconds. */
const LEAST_COST_MS = 1_000;

/**
 * How long upstream took, in ms, or null where it does not say. A failure counts as well as a success: its end has to be
 * seen too. The instant of the poll that saw the end is no measure: a schedule that learned from it would learn its own delay.
 */
export function durationOf(end: UpstreamEnd, submittedAt: number): number | null {
  const { completedAt, costTimeMs } = end;
  const costMs = costTimeMs !== null && costTimeMs >= LEAST_COST_MS ? costTimeMs : null;
  const ms = completedAt === null ? costMs : completedAt - submittedAt;
  // Before the submission: clocks that disagree say nothing.
  return ms !== null && ms > 0 ? ms : null;
}
