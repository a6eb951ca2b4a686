import { Hono, type Context } from 'hono';
import { z } from 'zod';
import { describeIssues, parseJson } from '../invalid.ts';
import { faultSchema } from './faults.ts';
import type { UpstreamSimulator } from './simulator.ts';
import { TIER_NAMES, type KeySettings } from './tiers.ts';

const keySchema = z.strictObject({
  key: z.string().regex(/^sk-\S+$/, 'must start with sk-'),
  tier: z.enum(TIER_NAMES).optional(),
  credits: z.number().int().min(0).optional(),
  activeLimit: z.number().int().min(0).optional(),
});

const faultListSchema = z.array(faultSchema);
const oneFaultSchema = faultSchema.transform((fault) => [fault]);

/** The sandbox's own endpoints: look at it, break it, reset it. Each change answers the new state. */
export function createControlApp(simulator: UpstreamSimulator): Hono {
  const app = new Hono();
  app.get('/state', (c) => c.json(simulator.snapshot()));
  app.post('/faults', async (c) => {
    const body = parseJson(await c.req.text());
    // Parsed apart, so that an error about a single fault names its field and no index.
    const parsed = Array.isArray(body) ? faultListSchema.safeParse(body) : oneFaultSchema.safeParse(body);
    if (!parsed.success) return invalid(c, parsed.error);
    for (const fault of parsed.data) simulator.addFault(fault);
    return c.json(simulator.snapshot());
  });
  app.delete('/faults', (c) => {
    simulator.clearFaults();
    return c.json(simulator.snapshot());
  });
  app.post('/keys', async (c) => {
    const parsed = keySchema.safeParse(parseJson(await c.req.text()));
    if (!parsed.success) return invalid(c, parsed.error);
    const { key, tier, credits, activeLimit } = parsed.data;
    const change: Partial<KeySettings> = {};
    if (tier !== undefined) change.tier = tier;
    if (credits !== undefined) change.credits = credits;
    if (activeLimit !== undefined) change.activeLimit = activeLimit;
    simulator.configureKey(key, change);
    return c.json(simulator.snapshot());
  });
  app.post('/reset', (c) => {
    simulator.reset();
    return c.json(simulator.snapshot());
  });
  return app;
}

function invalid(c: Context, error: z.ZodError): Response {
  return c.json({ error: describeIssues(error) }, 422);
}
