import { madeOnce } from './made-once.ts';
import type { App, Services } from './services.ts';

/** `/openapi.json`: made from the routes themselves, when somebody asks for it first. */
export function registerOpenApi(app: App, { models }: Services): void {
  let isDescribed = false;
  const document = madeOnce(models, async (origin, catalog) => {
    const { describeCallbacks, documentOf } = await import('./openapi-document.ts');
    if (!isDescribed) describeCallbacks(app);
    isDescribed = true;
    return documentOf(app, origin, catalog);
  });
  app.get('/openapi.json', document);
}
