import { shownCatalog } from './models.ts';
import type { App, Services } from './services.ts';

/** `/openapi.json`: made from the routes themselves, when somebody asks for it first. */
export function registerOpenApi(app: App, { models }: Services): void {
  let isDescribed = false;
  app.get('/openapi.json', async (c) => {
    const { describeCallbacks, documentOf } = await import('./openapi-document.ts');
    if (!isDescribed) describeCallbacks(app);
    isDescribed = true;
    return c.json(documentOf(app, new URL(c.req.url).origin, await shownCatalog(models)));
  });
}
