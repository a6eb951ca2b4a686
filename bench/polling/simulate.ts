import { percentile } from '../figures.ts';
import type { Load } from './loads.ts';
import type { Policy } from './policies.ts';

/** What a policy came to, over some tasks of a load. Delay: from the end to the poll that sees it. */
export interface Figures {
  readonly polls: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

interface Seen {
  readonly polls: number;
  readonly delayMs: number;
}

/** As Ringback does it: what has ended is written, and plans are made anew, every 10 s. */
const ROUND_MS = 10_000;

/** Every task of the load to the poll that sees its end, in the order of posting. */
export function simulate({ durationsMs, apartMs }: Load, policy: Policy): Seen[] {
  const seen: Seen[] = [];
  let open = durationsMs.map((durationMs, index) => ({ index, durationMs, ageMs: 0, polls: 0, dueMs: 0 }));
  for (let until = ROUND_MS; open.length > 0; until += ROUND_MS) {
    const ended: number[] = [];
    open = open.filter((task) => {
      const postedAt = task.index * apartMs;
      const lived = until - postedAt;
      if (lived <= 0) return true;
      if (task.polls === 0 && task.dueMs === 0) task.dueMs = policy.next(0, postedAt);
      for (; task.dueMs < lived; task.dueMs = policy.next(task.dueMs, postedAt)) {
        task.polls++;
        if (task.dueMs < task.durationMs) continue;
        seen[task.index] = { polls: task.polls, delayMs: task.dueMs - task.durationMs };
        ended.push(task.durationMs);
        return false;
      }
      return true;
    });
    if (ended.length > 0) policy.learn?.(ended, until);
  }
  return seen;
}

export function figuresOf(seen: readonly Seen[]): Figures {
  const delays = seen.map(({ delayMs }) => delayMs);
  return {
    polls: seen.reduce((sum, { polls }) => sum + polls, 0) / seen.length,
    p50Ms: percentile(delays, 0.5),
    p95Ms: percentile(delays, 0.95),
    p99Ms: percentile(delays, 0.99),
  };
}
