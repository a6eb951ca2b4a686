import type { Secrets } from '../adapters/secrets.ts';
import type { Config } from '../config.ts';
import type { Clock } from '../domain/clock.ts';
import type { EndedTask } from '../domain/task.ts';
import type { Upstream } from '../domain/upstream.ts';
import type { CallbackStore } from '../store/callbacks.ts';
import type { ClientStore } from '../store/clients.ts';
import type { ErasureStore } from '../store/erasures.ts';
import type { SpendingStore } from '../store/spending.ts';
import type { LoadStore } from '../store/load.ts';
import type { TaskStore } from '../store/tasks.ts';
import type { TickStore } from '../store/ticks.ts';
import type { DueStore } from '../store/due.ts';
import type { QueueStore } from '../store/queue.ts';
import type { OutcomeStore } from '../store/outcomes.ts';
import type { Asking } from './asking.ts';
import type { Budget } from './budget.ts';
import type { MessageAnswer } from './call-back.ts';
import type { Seals } from './seals.ts';
import type { Learning } from './learning.ts';
import type { PollCounts } from './poll-counts.ts';
import type { RetentionStore } from '../store/retention.ts';
import type { SealedStore } from '../store/sealed.ts';
import type { StockStore } from '../store/stock.ts';

/** D1, table by table. */
export interface Stores {
  readonly tasks: TaskStore;
  readonly due: DueStore;
  readonly outcomes: OutcomeStore;
  readonly clients: ClientStore;
  readonly callbacks: CallbackStore;
  readonly load: LoadStore;
  readonly queue: QueueStore;
  readonly ticks: TickStore;
  readonly sealed: SealedStore;
  readonly retention: RetentionStore;
  readonly erasures: ErasureStore;
  readonly spending: SpendingStore;
  readonly stock: StockStore;
}

/** Everything that the engine reaches the world through. */
export interface EngineDeps {
  readonly config: Config;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly stores: Stores;
  readonly learning: Learning;
  readonly asking: Asking;
  readonly pollCounts: PollCounts;
  readonly secrets: Secrets;
  readonly upstream: Upstream;
  /** The upstream key of an account; null where there is none (any longer). */
  readonly upstreamKey: (accountId: string) => Promise<string | null>;
  /** Sends a task's callback once, signed. Never rejects. */
  readonly callBack: (task: EndedTask) => Promise<MessageAnswer>;
  readonly seals: Seals;
  /** Calls so many further workers; null where there is no queue to call them by. */
  readonly wakeWorkers: ((workers: number) => Promise<void>) | null;
  /** Tells the client's `failure_callback_url` once that a callback was given up. Never rejects. */
  readonly tellFailure: (task: EndedTask) => Promise<MessageAnswer>;
}

/** The same for one invocation of the tick, whose requests to D1 are counted. */
export interface InvocationDeps extends EngineDeps {
  readonly d1: Budget;
}

/** What invocations of the tick are started from. */
export interface Engine {
  /** An invocation begins: its requests to D1 count from here on. */
  readonly startInvocation: () => InvocationDeps;
}
