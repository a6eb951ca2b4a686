import type { Secrets } from '../sealing/secrets.ts';
import type { Config } from '../config.ts';
import type { Clock } from '../domain/clock.ts';
import type { Budget } from '../domain/schedule/budget.ts';
import type { DeliveryWork } from '../domain/schedule/job.ts';
import type { Leg } from '../domain/schedule/plan.ts';
import type { UpstreamKey } from '../domain/upstream-key.ts';
import type { Upstream } from '../domain/upstream.ts';
import type { ClientStore } from '../store/clients.ts';
import type { DeliveryStore } from '../store/deliveries.ts';
import type { ExchangeStore } from '../store/exchange.ts';
import type { ErasureStore } from '../store/erasures.ts';
import type { SpendingStore } from '../store/spending.ts';
import type { LoadStore } from '../store/load.ts';
import type { TaskStore } from '../store/tasks.ts';
import type { TickStore } from '../store/ticks.ts';
import type { QueueStore } from '../store/queue.ts';
import type { Asking } from './asking.ts';
import type { FileKeeper } from '../files/keeper.ts';
import type { SendAnswer } from '../delivery/send.ts';
import type { Seals } from './seals.ts';
import type { UpstreamWatch } from './upstream-watch.ts';
import type { Learning } from './learning.ts';
import type { PollCounts } from './poll-counts.ts';
import type { RetentionStore } from '../store/retention.ts';
import type { OpenTaskStore } from '../store/open-tasks.ts';
import type { PulseStore } from '../store/pulse.ts';
import type { SealedStore } from '../store/sealed.ts';
import type { UsageSumStore } from '../store/usage-sums.ts';
import type { HourSumStore } from '../store/hour-sums.ts';
import type { KeptStore } from '../store/kept.ts';
import type { StockStore } from '../store/stock.ts';
import type { SubscriptionStore } from '../store/subscriptions.ts';
import type { EventStore } from '../store/events.ts';

/** D1, table by table. */
export interface Stores {
  readonly tasks: TaskStore;
  readonly openTasks: OpenTaskStore;
  readonly deliveries: DeliveryStore;
  readonly exchange: ExchangeStore;
  readonly clients: ClientStore;
  readonly load: LoadStore;
  readonly queue: QueueStore;
  readonly ticks: TickStore;
  readonly pulse: PulseStore;
  readonly sealed: SealedStore;
  readonly retention: RetentionStore;
  readonly erasures: ErasureStore;
  readonly spending: SpendingStore;
  readonly stock: StockStore;
  readonly kept: KeptStore;
  readonly hourSums: HourSumStore;
  readonly usageSums: UsageSumStore;
  readonly subscriptions: SubscriptionStore;
  readonly events: EventStore;
}

/** Calls further invocations by a queue. Both reject where that takes no message. */
export interface WakeUps {
  readonly callWorkers: (count: number) => Promise<void>;
  readonly callNextLeg: (leg: Leg, inMs: number) => Promise<void>;
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
  readonly upstreamWatch: UpstreamWatch;
  readonly pollCounts: PollCounts;
  readonly secrets: Secrets;
  readonly upstream: Upstream;
  /** An upstream key that was read with its tasks, opened; null where there is none (any longer). */
  readonly openKey: (keyId: string, key: UpstreamKey | null) => Promise<string | null>;
  /** The same, read from the database. */
  readonly upstreamKey: (keyId: string) => Promise<string | null>;
  /** Sends a delivery once, signed. */
  readonly send: (work: DeliveryWork) => Promise<SendAnswer>;
  readonly seals: Seals;
  /** Where results are kept; null where no bucket is bound. */
  readonly files: FileKeeper | null;
  /** Null where there is no queue to call by. */
  readonly wakeUps: WakeUps | null;
}

/** The same for one invocation of the tick, whose requests to D1 are counted. */
export interface InvocationDeps extends EngineDeps {
  /** What the platform lets it use: outgoing requests, requests to D1, and CPU time in microseconds. */
  readonly budgets: { readonly fetches: Budget; readonly d1: Budget; readonly cpu: Budget };
}

/** What invocations of the tick are started from. */
export interface Engine {
  /** An invocation begins: its requests to D1 count from here on. */
  readonly startInvocation: () => InvocationDeps;
}
