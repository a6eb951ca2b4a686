import { madeOnce } from '../made-once.ts';
import type { App, Services } from '../services.ts';

/** `GET /connectors/power-automate.json`: public, because it is imported before there is a key. */
export function registerConnectors(app: App, { models }: Services): void {
  const document = madeOnce(models, async (origin, catalog) => {
    const { powerAutomateConnector } = await import('./power-automate.ts');
    return powerAutomateConnector(new URL(origin), catalog);
  });
  app.get('/connectors/power-automate.json', document);
}
