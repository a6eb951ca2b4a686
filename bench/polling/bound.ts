/**
 * The fewest polls that a schedule can do with which knows the distribution of durations, and nothing of the one task.
 *
 * Lagrangian duality: each end that is seen in time earns a reward, and a dynamic program over a grid of ages finds the
 * schedule with the least (polls - rewards). Polls less rewards, plus what meeting the aims would earn, is a lower bound for
 * every schedule that meets them, randomised ones too, whatever the rewards; the search below makes it as high as it can.
 */

/** `share` of the ends is to be seen within `withinMs`. */
export interface Aim {
  readonly share: number;
  readonly withinMs: number;
}

const STEP_MS = 50;
/** Rewards are searched for in steps of this factor at first, and of less than 1 % at last. */
const COARSE = 2;
const FINE = 1.01;
const MOST_STRETCH = 4;

/**
 * The least number of polls a task with which the aims can be met; no schedule needs fewer. `horizonMs`: an age that no task
 * reaches.
 */
export function leastPolls(cdf: (ms: number) => number, horizonMs: number, aims: readonly Aim[]): number {
  const ended = Float64Array.from({ length: Math.ceil(horizonMs / STEP_MS) + 1 }, (_, at) =>
    cdf(at * STEP_MS),
  );
  ended[ended.length - 1] = 1;
  // Polls between grid points would be later by less than a step on the next ones, and no more of them.
  const steps = aims.map(({ withinMs }) => Math.ceil(withinMs / STEP_MS) + 1);
  const bound = (rewards: readonly number[]): number =>
    leastCost(ended, steps, rewards) + aims.reduce((sum, { share }, i) => sum + share * (rewards[i] ?? 0), 0);
  let rewards = aims.map(() => 10);
  let best = bound(rewards);
  for (let factor = COARSE; factor > FINE;) {
    const better = neighbours(rewards, factor).find((each) => bound(each) > best);
    if (better === undefined) factor = Math.sqrt(factor);
    else [rewards, best] = [better, bound(better)];
  }
  return best;
}

/** The smallest factor by which the aims' delays have to be stretched so that `polls` a task are enough. */
export function leastStretch(
  cdf: (ms: number) => number,
  horizonMs: number,
  aims: readonly Aim[],
  polls: number,
): number {
  let [low, high] = [1, MOST_STRETCH];
  while (high / low > 1.01) {
    const middle = Math.sqrt(low * high);
    const stretched = aims.map(({ share, withinMs }) => ({ share, withinMs: withinMs * middle }));
    if (leastPolls(cdf, horizonMs, stretched) <= polls) high = middle;
    else low = middle;
  }
  return low;
}

/** Each combination of rewards that are multiplied by the factor, divided by it or left. */
function neighbours(rewards: readonly number[], factor: number): number[][] {
  return rewards.reduce<number[][]>(
    (all, reward) =>
      all.flatMap((before) => [reward, reward * factor, reward / factor].map((next) => [...before, next])),
    [[]],
  );
}

/** Expected polls less rewards of the best schedule, from its end to its beginning. */
function leastCost(ended: Float64Array, steps: readonly number[], rewards: readonly number[]): number {
  const end = ended.length - 1;
  const longest = Math.max(...steps);
  const endedBy = (at: number): number => ended[Math.max(0, at)] ?? 1;
  const costs = new Float64Array(end + 1);
  /** What is left to pay by a schedule that polls at `at`, and polled last at `last`. */
  const costOf = (at: number, last: number): number => {
    let cost = costs[at] ?? 0;
    for (let i = 0; i < steps.length; i++) {
      cost -= (rewards[i] ?? 0) * (endedBy(at) - endedBy(Math.max(last, at - (steps[i] ?? 0))));
    }
    return cost;
  };
  // Of polls so far off that no reward depends on the last one, the best.
  let far = Infinity;
  for (let last = end - 1; last >= 0; last--) {
    if (last + longest <= end) far = Math.min(far, costOf(last + longest, last));
    let least = far;
    for (let at = last + 1; at <= Math.min(end, last + longest); at++) {
      least = Math.min(least, costOf(at, last));
    }
    costs[last] = 1 - endedBy(last) + least;
  }
  return costs[0] ?? 0;
}
