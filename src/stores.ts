import type { Stores } from './engine/deps.ts';
import { createCallbackStore } from './store/callbacks.ts';
import { createClientStore } from './store/clients.ts';
import { createDueStore } from './store/due.ts';
import { createErasureStore } from './store/erasures.ts';
import { createLoadStore } from './store/load.ts';
import { createOutcomeStore } from './store/outcomes.ts';
import { createQueueStore } from './store/queue.ts';
import { createRetentionStore } from './store/retention.ts';
import type { Patience } from './store/retry.ts';
import { createSealedStore } from './store/sealed.ts';
import { createSpendingStore } from './store/spending.ts';
import { createStockStore } from './store/stock.ts';
import { createTaskStore } from './store/tasks.ts';
import { createTickStore } from './store/ticks.ts';

/** The engine's stores over one database. */
export function createStores(db: D1Database, patience: Patience): Stores {
  return {
    clients: createClientStore(db, patience),
    tasks: createTaskStore(db, patience),
    due: createDueStore(db),
    outcomes: createOutcomeStore(db, patience),
    callbacks: createCallbackStore(db, patience),
    load: createLoadStore(db),
    queue: createQueueStore(db),
    ticks: createTickStore(db, patience),
    sealed: createSealedStore(db, patience),
    retention: createRetentionStore(db),
    erasures: createErasureStore(db, patience),
    spending: createSpendingStore(db, patience),
    stock: createStockStore(db, patience),
  };
}
