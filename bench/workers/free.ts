import { AsyncLocalStorage } from 'node:async_hooks';
import relay from '../../src/index.ts';
import { countedDb } from '../../src/store/counted-db.ts';
import type { WakeUp } from '../../src/wiring/wake-up.ts';
import type { InvocationCount } from './shapes.ts';

/** Of all invocations so far: this isolate runs every one of them. */
const counted: InvocationCount[] = [];
const running = new AsyncLocalStorage<InvocationCount>();
const send = globalThis.fetch;

globalThis.fetch = async (input, init) => {
  note('fetches');
  return await send(input, init);
};

function note(what: 'fetches' | 'd1Requests'): void {
  const invocation = running.getStore();
  if (invocation === undefined) throw new Error('An effect outside of any invocation.');
  invocation[what]++;
}

/**
 * Runs an invocation of the relay, and counts what it asks for. Each has memory of its own, as if it ran in an isolate of its own:
 * the platform promises no two of them the same one.
 */
async function invoke<T>(
  kind: InvocationCount['kind'],
  env: Env,
  work: (own: Env) => Promise<T>,
): Promise<T> {
  const invocation = { kind, fetches: 0, d1Requests: 0 };
  counted.push(invocation);
  return await running.run(
    invocation,
    async () => await work({ ...env, DB: countedDb(env.DB, () => note('d1Requests')) }),
  );
}

/** The relay as it is, but that each invocation is counted; `GET /counted` tells how much. */
export default {
  async fetch(request, env, context) {
    if (new URL(request.url).pathname === '/counted') return Response.json(counted);
    return await invoke('request', env, async (own) => await relay.fetch(request, own, context));
  },
  async scheduled(controller, env) {
    await invoke('cron', env, async (own) => await relay.scheduled(controller, own));
  },
  async queue(batch, env) {
    await invoke('leg', env, async (own) => await relay.queue(batch, own));
  },
} satisfies ExportedHandler<Env, WakeUp>;
