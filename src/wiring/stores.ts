import type { Stores } from '../engine/deps.ts';
import { createClientStore } from '../store/clients.ts';
import { createDeliveryStore } from '../store/deliveries.ts';
import { createEventStore } from '../store/events.ts';
import { createExchangeStore } from '../store/exchange.ts';
import { createErasureStore } from '../store/erasures.ts';
import { createHourSumStore } from '../store/hour-sums.ts';
import { createKeptStore } from '../store/kept.ts';
import { createLoadStore } from '../store/load.ts';
import { createOpenTaskStore } from '../store/open-tasks.ts';
import { createPulseStore } from '../store/pulse.ts';
import { createQueueStore } from '../store/queue.ts';
import { createRetentionStore } from '../store/retention.ts';
import type { Patience } from '../store/retry.ts';
import { createSealedStore } from '../store/sealed.ts';
import { createSpendingStore } from '../store/spending.ts';
import { createStockStore } from '../store/stock.ts';
import { createSubscriptionStore } from '../store/subscriptions.ts';
import { createTaskStore } from '../store/tasks.ts';
import { createTickStore } from '../store/ticks.ts';
import { createUsageSumStore } from '../store/usage-sums.ts';

/**
 * The engine's stores over one database.
 *
 * @param shared `isShared`: many requests use them at once, whose writes go to D1 together.
 */
export function createStores(
  db: D1Database,
  patience: Patience,
  shared: { readonly isShared?: boolean } = {},
): Stores {
  return {
    clients: createClientStore(db, patience),
    tasks: createTaskStore(db, patience, shared),
    openTasks: createOpenTaskStore(db),
    deliveries: createDeliveryStore(db, patience),
    exchange: createExchangeStore(db, patience, shared),
    load: createLoadStore(db),
    queue: createQueueStore(db),
    ticks: createTickStore(db, patience),
    pulse: createPulseStore(db),
    sealed: createSealedStore(db, patience),
    retention: createRetentionStore(db),
    erasures: createErasureStore(db, patience),
    spending: createSpendingStore(db, patience),
    stock: createStockStore(db, patience),
    kept: createKeptStore(db),
    hourSums: createHourSumStore(db),
    usageSums: createUsageSumStore(db),
    subscriptions: createSubscriptionStore(db, patience),
    events: createEventStore(db),
  };
}
