import { AsyncLocalStorage } from 'node:async_hooks';
import relay from '../../src/index.ts';
import type { WakeUp } from '../../src/wiring/wake-up.ts';
import { Effects } from '../../test/support/effects.ts';
import { Meter, meteredDb } from './meter.ts';
import type { InvocationCount } from './shapes.ts';

interface Invocation {
  readonly kind: InvocationCount['kind'];
  readonly meter: Meter;
}

/** All of them so far, for this isolate runs every one. */
const invocations: Invocation[] = [];
const running = new AsyncLocalStorage<Invocation>();
const send = globalThis.fetch;

globalThis.fetch = async (input, init) => {
  const invocation = running.getStore();
  if (invocation === undefined) throw new Error('A fetch outside of any invocation.');
  invocation.meter.fetched('');
  return await send(input, init);
};

/**
 * Runs an invocation of Ringback, and counts what it asks for. Each has memory of its own, as if it ran in an isolate of its own:
 * the platform promises no two of them the same one.
 */
async function invoke<T>(kind: Invocation['kind'], env: Env, work: (own: Env) => Promise<T>): Promise<T> {
  const invocation = { kind, meter: new Meter() };
  invocations.push(invocation);
  const own = { ...env, DB: meteredDb(env.DB, invocation.meter, new Effects()) };
  return await running.run(invocation, async () => await work(own));
}

function counted(): InvocationCount[] {
  return invocations.map(({ kind, meter }) => {
    const { fetches, trips: d1Requests, written } = meter.total();
    return { kind, fetches, d1Requests, written };
  });
}

/** Ringback as it is, but that each invocation is counted; `GET /counted` tells how much. */
export default {
  async fetch(request, env, context) {
    if (new URL(request.url).pathname === '/counted') return Response.json(counted());
    return await invoke('request', env, async (own) => await relay.fetch(request, own, context));
  },
  async scheduled(controller, env) {
    await invoke('cron', env, async (own) => await relay.scheduled(controller, own));
  },
  async queue(batch, env) {
    await invoke('leg', env, async (own) => await relay.queue(batch, own));
  },
} satisfies ExportedHandler<Env, WakeUp>;
