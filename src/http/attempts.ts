import { z } from '@hono/zod-openapi';
import { isoTime } from '../domain/clock.ts';
import { pageOf, pageQuery, pageWithin } from './page.ts';
import { invalid } from './problem.ts';
import type { Services } from './services.ts';

const AttemptJson = z
  .object({
    number: z.int(),
    at: z.iso.datetime(),
    status: z.int().nullable(),
    duration_ms: z.int(),
    outcome: z.enum(['delivered', 'retry', 'stopped', 'exhausted']),
    detail: z.string().openapi({ description: 'What happened and what follows, in words.' }),
    next_attempt_at: z.iso.datetime().nullable(),
  })
  .openapi('Attempt');

/** As many as a log keeps: one page holds the whole log. */
const MAX_ATTEMPTS = 100;
const AFTER = /^\d{1,15}$/;

export const AttemptsQuery = z.strictObject(pageQuery(MAX_ATTEMPTS, MAX_ATTEMPTS));
export const AttemptPage = pageOf(AttemptJson).openapi('AttemptPage');

/** A page of the attempt log of a delivery, oldest first. */
export async function attemptPage(
  { stores }: Services,
  deliveryId: string,
  { limit, cursor = '0' }: z.infer<typeof AttemptsQuery>,
): Promise<z.infer<typeof AttemptPage>> {
  if (!AFTER.test(cursor)) {
    throw invalid([{ path: 'cursor', message: 'must be the next_cursor of the page before' }]);
  }
  const log = await stores.deliveries.attempts(deliveryId, { after: Number(cursor), limit: limit + 1 });
  const rows = log.slice(0, limit).map((attempt) => ({
    number: attempt.number,
    at: isoTime(attempt.at),
    status: attempt.status,
    duration_ms: attempt.durationMs,
    outcome: attempt.outcome,
    detail: attempt.detail,
    next_attempt_at: attempt.nextAttemptAt === null ? null : isoTime(attempt.nextAttemptAt),
  }));
  const last = log.length > limit ? rows.at(-1) : undefined;
  return pageWithin(rows, last === undefined ? null : cursorOf(last), cursorOf);
}

function cursorOf({ number }: { readonly number: number }): string {
  return String(number);
}
