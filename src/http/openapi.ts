import type { Models } from '../engine/known-models.ts';
import { logError } from '../engine/log.ts';
import type { App, Services } from './services.ts';

/** `/openapi.json`: made from the routes themselves, when somebody asks for it first. */
export function registerOpenApi(app: App, { models }: Services): void {
  let isDescribed = false;
  app.get('/openapi.json', async (c) => {
    const { describeCallbacks, documentOf } = await import('./openapi-document.ts');
    if (!isDescribed) describeCallbacks(app);
    isDescribed = true;
    return c.json(documentOf(app, new URL(c.req.url).origin, await catalogOf(models)));
  });
}

/** The document does without the database: it then shows the models that were known last. */
async function catalogOf(models: Models) {
  try {
    return await models.catalog();
  } catch (error) {
    logError('the document shows the models that were known last: the database does not tell', error);
    return models.known();
  }
}
