import { createServices } from '../../src/wiring/compose.ts';
import { createSurfaces } from '../../src/wiring/surfaces.ts';
import { Effects } from '../../test/support/effects.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { fillConsole } from './console-stock.ts';
import { Meter, meteredDb } from './meter.ts';
import type { PageAnswer } from './shapes.ts';

/** Noon, so that half a day of tasks is of today. */
const NOW = Date.UTC(2026, 10, 22, 12);
const APART_MS = 10_000;
const ORIGIN = 'http://127.0.0.1';

const effects = new Effects();
const clock = new FakeClock(NOW, () => effects.isBusy);
const meter = new Meter();
let surfaces: ReturnType<typeof createSurfaces> | null = null;
let cookie = '';

/** The console as it is served, over a metered database; signed in once. */
async function page(env: Env, path: string): Promise<Response> {
  surfaces ??= createSurfaces(
    createServices(
      { ...env, DB: meteredDb(env.DB, meter, effects) },
      { fetch: () => Promise.reject(new Error('nobody is asked')), clock, random: () => 0.5 },
    ),
  );
  const context = { waitUntil: () => undefined, passThroughOnException: () => undefined, props: {} };
  if (cookie === '') {
    const signedIn = await surfaces.request(
      `${ORIGIN}/console/sign-in`,
      {
        method: 'POST',
        headers: { origin: ORIGIN, 'content-type': 'application/x-www-form-urlencoded' },
        body: `credential=${encodeURIComponent(env.ADMIN_TOKEN)}`,
      },
      env,
      context,
    );
    cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  }
  const headers = { cookie, authorization: `Bearer ${env.ADMIN_TOKEN}` };
  return await surfaces.request(ORIGIN + path, { headers }, env, context);
}

export default {
  async fetch(request, env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/fill') {
      await fillConsole(env.DB, NOW);
      return Response.json({ read: 0 } satisfies PageAnswer);
    }
    if (searchParams.has('later')) clock.advance(APART_MS);
    searchParams.delete('later');
    meter.reset();
    const response = await page(
      env,
      searchParams.size === 0 ? pathname : `${pathname}?${searchParams.toString()}`,
    );
    const text = await response.text();
    if (response.status !== 200) return new Response(text, { status: 500 });
    return Response.json({ read: meter.total().read } satisfies PageAnswer);
  },
} satisfies ExportedHandler<Env>;
