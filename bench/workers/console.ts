import { z } from 'zod';
import { makeSums } from '../../src/engine/sums.ts';
import type { Services } from '../../src/http/services.ts';
import { createServices } from '../../src/wiring/compose.ts';
import { createSurfaces } from '../../src/wiring/surfaces.ts';
import { Effects } from '../../test/support/effects.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { fillConsole } from './console-stock.ts';
import { Meter, meteredDb } from './meter.ts';
import type { PageAnswer } from './shapes.ts';

/** Ten to one, so that half a day of tasks is of today, and nearly an hour of them is not summed yet. */
const NOW = Date.UTC(2026, 10, 22, 12, 50);
const APART_MS = 10_000;
const ORIGIN = 'http://127.0.0.1';

/** Crons, until what they sum for the console is summed. */
const MAX_SUMMING = 60;
const CLIENT = 'client_00000000000000000000000001';

const effects = new Effects();
const clock = new FakeClock(NOW, () => effects.isBusy);
const meter = new Meter();
const context = { waitUntil: () => undefined, passThroughOnException: () => undefined, props: {} };
let relay: { services: Services; request: ReturnType<typeof createSurfaces>['request'] } | null = null;
let task = '';
const cookies = new Map<string, string>();

/** Ringback as it is served, over a metered database. */
function start(env: Env) {
  const services = createServices(
    { ...env, DB: meteredDb(env.DB, meter, effects) },
    { fetch: () => Promise.reject(new Error('nobody is asked')), clock, random: () => 0.5 },
  );
  const { request } = createSurfaces(services);
  return (relay ??= { services, request });
}

/** A month of work, and what a relay that was there all the time has made of it; whom to sign in as a client by. */
async function fill(env: Env): Promise<void> {
  await fillConsole(env.DB, NOW);
  const { services } = start(env);
  for (let i = 0; i < MAX_SUMMING; i++) {
    const begun = await services.stores.ticks.started(clock.now(), null);
    await makeSums(services, begun);
  }
  const at = `${ORIGIN}/admin/clients/${CLIENT}/rotate-key`;
  const headers = { authorization: `Bearer ${env.ADMIN_TOKEN}` };
  const answer = await start(env).request(at, { method: 'POST', headers }, env, context);
  const { key } = z.object({ key: z.string() }).parse(await answer.json());
  await signIn(env, 'operator', env.ADMIN_TOKEN);
  await signIn(env, 'client', key);
  const ended = env.DB.prepare(
    'select id from tasks where client_id = ?1 and completed_at is not null order by id desc limit 1',
  );
  task = (await ended.bind(CLIENT).first<string>('id')) ?? '';
}

async function signIn(env: Env, as: string, credential: string): Promise<void> {
  const signedIn = await start(env).request(
    `${ORIGIN}/console/sign-in`,
    {
      method: 'POST',
      headers: { origin: ORIGIN, 'content-type': 'application/x-www-form-urlencoded' },
      body: `credential=${encodeURIComponent(credential)}`,
    },
    env,
    context,
  );
  cookies.set(as, signedIn.headers.get('set-cookie')?.split(';')[0] ?? '');
}

export default {
  async fetch(request, env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/fill') {
      await fill(env);
      return Response.json({ read: 0, statements: [] } satisfies PageAnswer);
    }
    if (searchParams.has('later')) clock.advance(APART_MS);
    const cookie = cookies.get(searchParams.get('as') ?? '') ?? '';
    searchParams.delete('later');
    searchParams.delete('as');
    meter.reset();
    const page = decodeURIComponent(pathname).replace('{task}', task);
    const path = searchParams.size === 0 ? page : `${page}?${searchParams.toString()}`;
    const headers = { cookie, authorization: `Bearer ${env.ADMIN_TOKEN}` };
    const response = await start(env).request(ORIGIN + path, { headers }, env, context);
    const text = await response.text();
    if (response.status !== 200) return new Response(`${response.status} ${text}`, { status: 500 });
    const statements = Object.entries(meter.counts()).map(([kind, { read }]) => ({ kind, read }));
    return Response.json({ read: meter.total().read, statements } satisfies PageAnswer);
  },
} satisfies ExportedHandler<Env>;
