import { shownCatalog } from '../models.ts';
import type { App, Services } from '../services.ts';

/** `GET /connectors/power-automate.json`: public, because it is imported before there is a key. Made when it is asked for. */
export function registerConnectors(app: App, { models }: Services): void {
  app.get('/connectors/power-automate.json', async (c) => {
    const { powerAutomateConnector } = await import('./power-automate.ts');
    return c.json(powerAutomateConnector(new URL(c.req.url), await shownCatalog(models)));
  });
}
