import { durationKeys } from './duration-key.ts';
import { refine, UNKNOWN } from './duration-forecast.ts';
import { medianMs, NO_DURATIONS, weightOf } from './durations.ts';
import type { History } from './durations.ts';
import { planForUnknown, planPolls } from './poll-plan.ts';
import type { PollPlan } from './poll-plan.ts';
import type { Task } from './task.ts';

/** The plans that follow from what is known at one moment, each made once, when it is first asked for. */
export class PollPlans {
  private readonly histories: ReadonlyMap<string, History>;
  private readonly pollMinMs: number;
  private readonly plans = new Map<string, PollPlan>();

  /** `histories` by the keys of `durationKeys`; what is not in it has no history. */
  constructor(histories: ReadonlyMap<string, History>, pollMinMs: number) {
    this.histories = histories;
    this.pollMinMs = pollMinMs;
  }

  /** Whether anything is known by this key. */
  knows(key: string): boolean {
    return this.histories.has(key);
  }

  /**
   * The plan for a task that was submitted at an instant, in epoch ms: by its like; while these are few, by its model; while those
   * are few, by what suits most tasks. What was not known yet when it was submitted does not count: of a thousand tasks that began
   * at once the first to end are the shortest, and by them the others would always seem to be over.
   */
  of(task: Pick<Task, 'model' | 'input'>, submittedAt: number): PollPlan {
    const keys = durationKeys(task).filter(
      (key) => (this.histories.get(key)?.since ?? Infinity) <= submittedAt,
    );
    const name = keys.join('\n');
    const made = this.plans.get(name);
    if (made !== undefined) return made;
    const histories = keys.map((key) => this.histories.get(key)?.durations ?? NO_DURATIONS);
    const plan = histories.some((history) => weightOf(history) > 0)
      ? planPolls(histories.reduce(refine, UNKNOWN), this.pollMinMs)
      : planForUnknown(this.pollMinMs);
    this.plans.set(name, plan);
    return plan;
  }

  /** How long half of the tasks like this one took at the most, in ms; null where nothing is known. */
  typicalMs(task: Pick<Task, 'model' | 'input'>): number | null {
    const [general, own] = durationKeys(task);
    return medianMs((this.histories.get(own) ?? this.histories.get(general))?.durations ?? NO_DURATIONS);
  }
}
