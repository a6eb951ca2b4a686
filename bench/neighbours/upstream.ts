import { serveApp, type Served } from '../../chaos/serve.ts';
import { createUpstreamApp } from '../../sandbox/upstream/app.ts';
import { refusal } from '../../sandbox/upstream/envelope.ts';
import { seededRandom } from '../../sandbox/upstream/random.ts';
import { UpstreamSimulator } from '../../sandbox/upstream/simulator.ts';
import { RequestWindows } from '../../sandbox/upstream/windows.ts';

/** An upstream whose key may be asked about tasks so often a second; and how often it was asked, and refused. */
export async function startUpstream(
  key: string,
  pollsPerSecond: number,
): Promise<Served & { readonly polls: { asked: number; refused: number } }> {
  const simulator = new UpstreamSimulator({ now: Date.now, random: seededRandom(1) });
  simulator.configureKey(key, { credits: Number.MAX_SAFE_INTEGER });
  const app = createUpstreamApp({ simulator });
  const windows = new RequestWindows();
  const polls = { asked: 0, refused: 0 };
  const served = await serveApp({
    fetch: async (request) => {
      if (!request.url.includes('recordInfo')) return await app.fetch(request);
      polls.asked++;
      const exceeded = windows.enter({ perSecond: pollsPerSecond, perMinute: Infinity }, Date.now());
      if (exceeded === null) return await app.fetch(request);
      polls.refused++;
      return Response.json(refusal(429, undefined, { ...exceeded, tier: 'free' }), { status: 429 });
    },
  });
  return { ...served, polls };
}
