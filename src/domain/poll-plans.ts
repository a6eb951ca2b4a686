import { durationKeys } from './duration-key.ts';
import { refine, UNKNOWN } from './duration-forecast.ts';
import { medianMs, NO_DURATIONS, weightOf } from './durations.ts';
import type { Durations } from './durations.ts';
import { planForUnknown, planPolls } from './poll-plan.ts';
import type { PollPlan } from './poll-plan.ts';
import type { Task } from './task.ts';

/** The plans that follow from what is known at one moment, each made once, when it is first asked for. */
export class PollPlans {
  private readonly histories: ReadonlyMap<string, Durations>;
  private readonly pollMinMs: number;
  private readonly plans = new Map<string, PollPlan>();

  /** `histories` by the keys of `durationKeys`; what is not in it has no history. */
  constructor(histories: ReadonlyMap<string, Durations>, pollMinMs: number) {
    this.histories = histories;
    this.pollMinMs = pollMinMs;
  }

  /** Whether anything is known by this key. */
  knows(key: string): boolean {
    return this.histories.has(key);
  }

  /** The plan for a task: by its like; while these are few, by its model; while those are few, by what suits most tasks. */
  of(task: Pick<Task, 'model' | 'input'>): PollPlan {
    const keys = durationKeys(task);
    const [, key] = keys;
    const known = this.plans.get(key);
    if (known !== undefined) return known;
    const histories = keys.map((each) => this.histories.get(each) ?? NO_DURATIONS);
    const plan = histories.some((history) => weightOf(history) > 0)
      ? planPolls(histories.reduce(refine, UNKNOWN), this.pollMinMs)
      : planForUnknown(this.pollMinMs);
    this.plans.set(key, plan);
    return plan;
  }

  /** How long half of the tasks like this one took at the most, in ms; null where nothing is known. */
  typicalMs(task: Pick<Task, 'model' | 'input'>): number | null {
    const [general, own] = durationKeys(task);
    return medianMs(this.histories.get(own) ?? this.histories.get(general) ?? NO_DURATIONS);
  }
}
