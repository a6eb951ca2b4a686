import { createMiddleware } from 'hono/factory';
import type { Clock } from '../domain/clock.ts';
import { logError, logWarning } from '../engine/log.ts';
import type { RefusedPosts, RefusedPostStore } from '../store/refused-posts.ts';
import { ProblemError } from './problem.ts';
import type { ProblemSlug } from './problem.ts';
import type { AppEnv, Services } from './services.ts';

/** A client that posts nonsense all day costs a write a second and isolate at the most, not one a post. */
const PAUSE_MS = 1_000;
/** Whoever was to write may have been cut off. */
const GIVEN_UP_AFTER_MS = 5_000;

/** The database cannot count what it could not be asked about, nor need it count what was sent too fast. */
const UNCOUNTED: ReadonlySet<ProblemSlug> = new Set([
  'rate-limited',
  'database-unavailable',
  'internal-error',
  'misconfigured',
]);

/** Counts refused posts: at once where they are rare, together where they come by the hundred. */
export class RefusedPostCounter {
  private readonly waiting = new Map<string, RefusedPosts>();
  private quietUntil = 0;
  private isPlannedUntil = 0;
  private readonly store: RefusedPostStore;
  private readonly clock: Clock;

  constructor(store: RefusedPostStore, clock: Clock) {
    this.store = store;
    this.clock = clock;
  }

  /** Never rejects: what could not be counted is logged, and its caller was told all the same. */
  async count(clientId: string, reason: string): Promise<void> {
    const key = `${clientId} ${reason}`;
    const before = this.waiting.get(key)?.count ?? 0;
    this.waiting.set(key, { clientId, reason, count: before + 1 });
    const now = this.clock.now();
    if (now < this.isPlannedUntil) return;
    const pauseMs = Math.max(0, this.quietUntil - now);
    this.isPlannedUntil = now + pauseMs + GIVEN_UP_AFTER_MS;
    if (pauseMs > 0) await this.clock.sleep(pauseMs);
    const posts = [...this.waiting.values()];
    this.waiting.clear();
    this.isPlannedUntil = 0;
    this.quietUntil = this.clock.now() + PAUSE_MS;
    try {
      await this.store.add(posts, this.clock.now());
    } catch (error) {
      logError('refused posts could not be counted', error);
    }
  }
}

/** For the routes that tasks are posted to: whoever runs the relay hears of what was refused, not only the caller. */
export function countRefused({ refusedPostCounter }: Services) {
  return createMiddleware<AppEnv>(async (c, next) => {
    await next();
    if (c.req.method !== 'POST' || !(c.error instanceof ProblemError) || UNCOUNTED.has(c.error.slug)) return;
    const { id } = c.get('client');
    const { slug, status } = c.error;
    logWarning('a post was refused', { client_id: id, reason: slug, status });
    c.executionCtx.waitUntil(refusedPostCounter.count(id, slug));
  });
}
