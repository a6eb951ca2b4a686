import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { logError, logWarning } from '../engine/log.ts';
import { ProblemError } from './problem.ts';
import type { AppEnv, Services } from './services.ts';

/** What is refused is counted in memory first: a flood of refusals is one write in so long. */
const WRITTEN_AFTER_MS = 5_000;

/** Counts the posts of a client that are refused, by their reason: whoever runs Ringback hears of them, not only the caller. */
export function countRefusals(services: Services) {
  return createMiddleware<AppEnv>(async (c, next) => {
    await next();
    const client = c.get('client');
    if (c.req.method !== 'POST' || !(c.error instanceof ProblemError) || client === undefined) return;
    const { slug, status } = c.error;
    // Those that come too fast are not told one by one.
    if (slug !== 'rate-limited')
      logWarning('a post was refused', { client_id: client.id, reason: slug, status });
    if (!services.refusedPosts.count(client.id, slug)) return;
    outlive(c, writeLater(services));
  });
}

async function writeLater(services: Services): Promise<void> {
  await services.clock.sleep(WRITTEN_AFTER_MS);
  await writeRefusals(services);
}

/** Goes on after the answer. A request that is made within the Worker has nothing that would end it. */
function outlive(c: Context, work: Promise<void>): void {
  try {
    c.executionCtx.waitUntil(work);
  } catch {
    // Hono has no context then, and `work` never rejects.
  }
}

/** Writes what was counted. Not tried again where the answer is lost: it would be added twice. */
export async function writeRefusals({ refusedPosts, refusals, clock }: Services): Promise<void> {
  const taken = refusedPosts.take();
  if (taken.length === 0) return;
  try {
    await refusals.add(taken, clock.now());
  } catch (error) {
    logError('posts that were refused could not be counted', error);
  }
}
