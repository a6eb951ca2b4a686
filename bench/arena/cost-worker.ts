import { generateSecrets } from '../../scripts/secrets.ts';
import type {
  CostAnswer,
  CostRequest,
  LookAnswer,
  MinutesAnswer,
  MinutesRequest,
  StockRequest,
} from '../workers/shapes.ts';
import { bundle } from './bundle.ts';
import { migrate } from './migrate.ts';
import { COMPATIBILITY_DATE, startWorkerd } from './runtime.ts';

/** What tasks cost over their whole life. */
export async function measureCost(request: CostRequest): Promise<CostAnswer> {
  return await measureIn('bench/workers/cost.ts', request);
}

/** What the busiest of some minutes asks D1. */
export async function measureMinutes(request: MinutesRequest): Promise<MinutesAnswer> {
  return await measureIn('bench/workers/minutes.ts', request);
}

/** What one look at what is due reads. */
export async function measureLook(request: StockRequest): Promise<LookAnswer> {
  return await measureIn('bench/workers/looks.ts', request);
}

/** Runs one load in workerd, over a D1 of its own. */
async function measureIn<Answer>(worker: string, request: object): Promise<Answer> {
  const { miniflare, stop } = await startWorkerd({
    modules: true,
    script: await bundle(worker),
    compatibilityDate: COMPATIBILITY_DATE,
    d1Databases: { DB: 'cost' },
    ratelimits: {
      CLIENT_RATE: { namespace_id: '1001', simple: { limit: 1_000_000, period: 10 } },
      SIGN_IN_FAILURES: { namespace_id: '1002', simple: { limit: 120, period: 60 } },
    },
    bindings: { ...generateSecrets(), ALLOW_PRIVATE_CALLBACKS: 'true' },
  });
  try {
    await migrate(miniflare);
    const response = await miniflare.dispatchFetch('http://cost.test/', {
      method: 'POST',
      body: JSON.stringify(request),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(text.slice(0, 2_000));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own Worker's answer
    return JSON.parse(text) as Answer;
  } finally {
    await stop();
  }
}
