import { durationKeys, durationOf } from '../domain/duration-key.ts';
import type { History } from '../domain/durations.ts';
import type { Clock } from '../domain/clock.ts';
import { PollPlans } from '../domain/poll-plans.ts';
import type { RunningTask, Task } from '../domain/task.ts';
import type { UpstreamEnd } from '../domain/upstream.ts';
import type { DurationStore } from '../store/durations.ts';
import { logError } from './log.ts';

type Asked = Pick<Task, 'model' | 'input'>;

/**
 * How old what is known may be: the statistic moves with every hundred tasks, not with every one, and a cron run writes what it learns
 * at its end. Of what nothing is known the first that is learned changes everything.
 */
const FRESH_MS = 60_000;
const UNKNOWN_FRESH_MS = 10_000;
/** How long ends are gathered before they are written: one row for each kind of task, however many ended. */
const KEEP_EVERY_MS = 10_000;

/** What an isolate remembers of it: shared by its invocations, each of which asks D1 on its own account. */
export class LearningMemory {
  readonly asked = new Set<string>();
  plans: PollPlans;
  readAt = -Infinity;
  keptAt = -Infinity;
  ended = new Map<string, number[]>();

  constructor(pollMinMs: number) {
    this.plans = new PollPlans(new Map(), pollMinMs);
  }
}

/**
 * What an isolate has learned of how long tasks take, and the plans of polls that follow. A statistic: what D1 does not give
 * or take costs polls or seconds, and never a task.
 */
export class Learning {
  private readonly store: DurationStore;
  private readonly clock: Clock;
  private readonly pollMinMs: number;
  private readonly memory: LearningMemory;

  constructor(
    store: DurationStore,
    { clock, pollMinMs, memory }: { clock: Clock; pollMinMs: number; memory: LearningMemory },
  ) {
    this.store = store;
    this.clock = clock;
    this.pollMinMs = pollMinMs;
    this.memory = memory;
  }

  /** The plans as far as they are known here, without a look into D1. */
  get known(): PollPlans {
    return this.memory.plans;
  }

  /** The plans for tasks like these; one statement where what is known of them is older than a minute, ten seconds where nothing is. Never rejects. */
  async plansFor(tasks: readonly Asked[]): Promise<PollPlans> {
    const keys = this.toRead(tasks);
    if (keys.length > 0) this.take(await this.read(keys));
    return this.memory.plans;
  }

  /** Which histograms are to be read for tasks like these, and handed to `take`: all that are in use, or none. */
  toRead(tasks: readonly Asked[]): readonly string[] {
    const keys = tasks.flatMap((task) => durationKeys(task));
    const now = this.clock.now();
    const { readAt, asked, plans } = this.memory;
    const freshMs = keys.every((key) => plans.knows(key)) ? FRESH_MS : UNKNOWN_FRESH_MS;
    const isKnown = now - readAt < freshMs && keys.every((key) => asked.has(key));
    if (keys.length === 0 || isKnown) return [];
    for (const key of keys) this.memory.asked.add(key);
    this.memory.readAt = now;
    return Array.from(this.memory.asked);
  }

  /** What was read; null where it could not be. */
  take(histories: ReadonlyMap<string, History> | null): void {
    if (histories !== null) this.memory.plans = new PollPlans(histories, this.pollMinMs);
  }

  /** A task was seen to end; how long it took is written by the next `keep`. */
  saw(task: RunningTask, end: UpstreamEnd): void {
    const ms = durationOf(end, task.phase.submittedAt);
    if (ms === null) return;
    for (const key of durationKeys(task))
      this.memory.ended.set(key, [...(this.memory.ended.get(key) ?? []), ms]);
  }

  /** Writes what was seen, every ten seconds, or at once. Never rejects. */
  async keep(isAtOnce = false): Promise<void> {
    const now = this.clock.now();
    if (this.memory.ended.size === 0 || (!isAtOnce && now - this.memory.keptAt < KEEP_EVERY_MS)) return;
    const ended = this.memory.ended;
    this.memory.ended = new Map();
    this.memory.keptAt = now;
    try {
      await this.store.add(ended, now);
    } catch (error) {
      logError('durations of ended tasks were not kept; polls are planned without them', error);
    }
  }

  private async read(keys: readonly string[]): Promise<ReadonlyMap<string, History> | null> {
    try {
      return await this.store.read(keys);
    } catch (error) {
      logError('durations could not be read; polls are planned by what was known before', error);
      return null;
    }
  }
}
