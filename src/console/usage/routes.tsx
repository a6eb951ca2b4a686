import type { Context } from 'hono';
import { CSV_HEADERS, readUsage, usageCsv } from '../../http/usage.ts';
import type { Services } from '../../http/services.ts';
import { scopeOf } from '../env.ts';
import type { ConsoleApp, ConsoleEnv } from '../env.ts';
import { Page } from '../layout.tsx';
import { UsagePage } from './page.tsx';
import { spanOf, spanQuery, usageOverview } from './read.ts';

/** What was used: of all clients for the operator, a client's own for a client. */
export function registerUsagePages(app: ConsoleApp, services: Services): void {
  app.get('/usage', async (c) => {
    const viewer = c.get('viewer');
    const span = spanOf(c.req.query('days'));
    const clients = viewer.kind === 'operator' ? await services.stores.clients.list() : [viewer.client];
    const names = new Map(clients.map(({ id, name }) => [id, name]));
    const usage = await usageOverview(services, spanQuery(services, chosenClient(c), span), names);
    return await c.html(
      <Page title="Usage" viewer={viewer} section="usage">
        <UsagePage usage={usage} span={span} clients={viewer.kind === 'operator' ? clients : null} />
      </Page>,
    );
  });

  app.get('/usage.csv', async (c) => {
    const whole = spanQuery(services, chosenClient(c), spanOf(c.req.query('days')));
    const isOperator = c.get('viewer').kind === 'operator';
    const query = isOperator ? whole : { ...whole, by: ['day', 'model'] as const };
    const name = `usage-${query.from}-${query.to}.csv`;
    return c.body(usageCsv(query, await readUsage(services, query)), 200, {
      ...CSV_HEADERS,
      'content-disposition': `attachment; filename="${name}"`,
    });
  });
}

/** A client's key shows that client's alone, whatever the address says. */
function chosenClient(c: Context<ConsoleEnv>): string | null {
  const own = scopeOf(c.get('viewer'));
  const asked = c.req.query('client') ?? '';
  return own ?? (/^client_\w+$/.test(asked) ? asked : null);
}
