import { createRoute, z } from '@hono/zod-openapi';
import { databaseTrouble, wordsOfTrouble } from '../domain/database-trouble.ts';
import { logError } from '../engine/log.ts';
import { wordsOfLocked } from '../engine/seals.ts';
import { holdAddressToRate } from './auth.ts';
import { json, problems } from './contract.ts';
import { Problem } from './problem.ts';
import type { App, Services } from './services.ts';

/** Work that nobody has come for in this time means that the cron does not run. */
const MAX_SILENCE_MS = 180_000;
/** Work that could go and has been due for so long means that the ticks do not get through it. */
const MAX_LATE_MS = 600_000;

const Healthy = z.object({ ok: z.literal(true) }).openapi('Healthy');
const Unhealthy = z.object({ ok: z.literal(false), reason: z.string() }).openapi('Unhealthy');

const health = createRoute({
  method: 'get',
  path: '/healthz',
  tags: ['Operators'],
  security: [],
  operationId: 'getHealth',
  summary: 'Is Ringback at work',
  responses: {
    200: json(Healthy, 'It is'),
    ...problems(429),
    503: {
      description: 'It is not, and why',
      content: { 'application/json': { schema: Unhealthy }, 'application/problem+json': { schema: Problem } },
    },
  },
});

/** Public: for uptime checks. Each answer costs a look into D1, so nobody gets more of them than a client gets of others. */
export function registerHealth(app: App, services: Services): void {
  app.openapi(health, async (c) => {
    await holdAddressToRate(c, services);
    const reason = await whyUnhealthy(services);
    return reason === null ? c.json({ ok: true as const }, 200) : c.json({ ok: false as const, reason }, 503);
  });
}

async function whyUnhealthy(services: Services): Promise<string | null> {
  const now = services.clock.now();
  try {
    const { startedAt, finishedAt, oldestDueAt } = await services.stores.pulse.pulse();
    const locked = await services.seals.look(services.stores.sealed);
    if (locked !== null) return wordsOfLocked(locked);
    if (oldestDueAt === null || now - oldestDueAt <= MAX_SILENCE_MS) return null;
    if (startedAt === null || now - startedAt > MAX_SILENCE_MS) {
      return 'Work is due, and no tick ran for 3 minutes: look at the cron trigger.';
    }
    const hasFinished = finishedAt === null || now - finishedAt <= MAX_SILENCE_MS + services.config.tickMs;
    if (!hasFinished) return 'Work is due, and ticks start but do not finish: look at the logs.';
    if (now - oldestDueAt < MAX_LATE_MS) return null;
    return 'Work that could go has been due for 10 minutes: more is due than the ticks get through, see SUBREQUEST_BUDGET, or one row fails again and again, see the logs.';
  } catch (error) {
    logError('health check failed', error);
    const trouble = databaseTrouble(error);
    return trouble === null || trouble === 'other'
      ? 'D1 does not answer: has the database been migrated?'
      : wordsOfTrouble(trouble);
  }
}
