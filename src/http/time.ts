import { z } from '@hono/zod-openapi';

/** An instant, with its zone. */
export const instant = z.iso.datetime({
  offset: true,
  error: 'must be a time such as 2026-11-22T15:00:00Z',
});
