import { createStores } from '../../src/wiring/stores.ts';
import { Effects } from '../../test/support/effects.ts';
import { EVERYTHING, NOW, patience } from './everything.ts';
import { Meter, meteredDb } from './meter.ts';
import type { LookAnswer, StockRequest } from './shapes.ts';
import { fill } from './stock.ts';

/** What one look at what is due reads, over so many rows. */
async function measure(env: Env, stock: StockRequest): Promise<LookAnswer> {
  await fill(env.DB, stock, NOW);
  const meter = new Meter();
  const stores = createStores(meteredDb(env.DB, meter, new Effects()), patience);
  const held = Array.from({ length: stock.held }, (_, n) => `task_r${String(n).padStart(20, '0')}`);
  const wants = { ...EVERYTHING, held, full: [], polls: [], calls: [] };
  const startedAt = performance.now();
  await stores.exchange.exchange({ outcomes: [], receivers: [], now: NOW }, wants);
  return { counts: meter.counts(), tookMs: performance.now() - startedAt };
}

export default {
  async fetch(request, env): Promise<Response> {
    return Response.json(await measure(env, await request.json<StockRequest>()));
  },
} satisfies ExportedHandler<Env>;
