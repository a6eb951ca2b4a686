import { z } from 'zod';

/** The parts of the answers that the scripts read. */
export const clientShape = z.object({ id: z.string(), key: z.string(), signing_secret: z.string() });
export type Client = z.infer<typeof clientShape>;

export const taskShape = z.object({
  id: z.string(),
  state: z.string(),
  estimated_credits: z.number().nullable(),
});

export const attemptsShape = z.object({
  data: z.array(
    z.object({
      number: z.number(),
      status: z.number().nullable(),
      duration_ms: z.number().nullable(),
      outcome: z.string(),
      detail: z.string().nullable(),
    }),
  ),
});

export const boxShape = z.object({
  received: z.array(
    z.object({
      headers: z.record(z.string(), z.string()),
      raw: z.string(),
      verified: z.boolean().nullable(),
    }),
  ),
});
export type ReceivedCallback = z.infer<typeof boxShape>['received'][number];

export const upstreamStateShape = z.object({
  tasks: z.array(z.object({ taskId: z.string() })),
  calls: z.object({ recordInfo: z.record(z.string(), z.number()) }),
});
