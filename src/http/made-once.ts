import type { Context } from 'hono';
import type { Catalog } from '../domain/models/catalog.ts';
import type { Models } from '../engine/known-models.ts';
import { shownCatalog } from './models.ts';
import type { AppEnv } from './services.ts';

type Make = (origin: string, catalog: Catalog) => Promise<object>;

/**
 * Answers with a document that is made of Ringback's address and its models. To make one takes more than all else that a request does,
 * and it is open to everybody: so it is kept until it is asked for at another address, or a model has changed.
 */
export function madeOnce(models: Models, make: Make) {
  let last: { readonly origin: string; readonly catalog: Catalog; readonly text: string } | null = null;
  return async (c: Context<AppEnv>): Promise<Response> => {
    const { origin } = new URL(c.req.url);
    const catalog = await shownCatalog(models);
    if (last?.origin !== origin || last.catalog !== catalog)
      last = { origin, catalog, text: JSON.stringify(await make(origin, catalog)) };
    return c.body(last.text, 200, { 'content-type': 'application/json' });
  };
}
