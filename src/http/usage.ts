import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { accepts } from 'hono/accepts';
import type { Usage, UsageGroup } from '../domain/usage.ts';
import type { UsageQuery } from '../store/usage.ts';
import { adminToken, clientKey, problems } from './contract.ts';
import { csvOf } from './csv.ts';
import type { App, Services } from './services.ts';
import { usageParameters, usageQuery } from './usage-query.ts';

const figures = {
  tasks: z.int().openapi({ description: 'Tasks that were accepted, those without an end too.' }),
  succeeded: z.int(),
  failed: z.int(),
  canceled: z.int(),
  credits: z.int().openapi({
    description:
      'As estimated. None for what upstream refused, for what was canceled before it was submitted, and for what has no price.',
  }),
};
const day = z.string().optional().openapi({ description: 'Of acceptance, in UTC.', example: '2026-11-29' });
const model = z.string().optional();
const OwnUsage = z.object({ day, model, ...figures }).openapi('Usage');
const AllUsage = z
  .object({ day, client_id: z.string().optional(), client_name: z.string().optional(), model, ...figures })
  .openapi('UsageOfAll');

function answers<Row extends z.ZodType>(row: Row) {
  return {
    200: {
      description:
        'What was used, oldest first. What it is not grouped by is absent. With `Accept: text/csv` the same as CSV',
      content: {
        'application/json': { schema: z.object({ data: z.array(row) }) },
        'text/csv': { schema: z.string().openapi({ description: 'RFC 4180, with a header line.' }) },
      },
    },
    ...problems(401, 422, 429),
  };
}

const own = createRoute({
  method: 'get',
  path: '/v1/usage',
  tags: ['Client'],
  security: clientKey,
  operationId: 'getUsage',
  summary: 'What you used, by day and model',
  description: 'Kept for 400 days, however long tasks are kept.',
  request: { query: usageParameters(['day', 'model']) },
  responses: answers(OwnUsage),
});

const all = createRoute({
  method: 'get',
  path: '/admin/usage',
  tags: ['Operators'],
  security: adminToken,
  operationId: 'getUsageOfAll',
  summary: 'What clients used, by day, client and model',
  request: { query: usageParameters(['day', 'client', 'model']) },
  responses: answers(AllUsage),
});

const COLUMNS: Readonly<Record<UsageGroup, readonly (keyof Usage)[]>> = {
  day: ['day'],
  client: ['client_id', 'client_name'],
  model: ['model'],
};
const FIGURES = ['tasks', 'succeeded', 'failed', 'canceled', 'credits'] as const;

/** What was used: for whoever bills by it. */
export function registerUsage(app: App, services: Services): void {
  app.openapi(own, async (c) => {
    const query = usageQuery(c.get('client').id, c.req.valid('query'), services.clock.now());
    const data = await readUsage(services, query);
    return wantsCsv(c) ? c.text(usageCsv(query, data), 200, CSV_HEADERS) : c.json({ data }, 200);
  });

  app.openapi(all, async (c) => {
    const query = usageQuery(null, c.req.valid('query'), services.clock.now());
    const data = await readUsage(services, query);
    return wantsCsv(c) ? c.text(usageCsv(query, data), 200, CSV_HEADERS) : c.json({ data }, 200);
  });
}

/** What was used, tasks without an end too. */
export async function readUsage({ usage, clock, config }: Services, query: UsageQuery): Promise<Usage[]> {
  return await usage.read(query, clock.now() - config.taskTimeoutMs);
}

export const CSV_HEADERS = { 'content-type': 'text/csv; charset=utf-8; header=present' } as const;

/** The same as CSV. */
export function usageCsv({ by }: UsageQuery, data: readonly Usage[]): string {
  return csvOf<Usage>([...by.flatMap((group) => COLUMNS[group]), ...FIGURES], data);
}

function wantsCsv(c: Context): boolean {
  const supports = ['application/json', 'text/csv'];
  return accepts(c, { header: 'Accept', supports, default: 'application/json' }) === 'text/csv';
}
