import type { Context } from 'hono';
import { createApp } from '../http/app.ts';
import type { App, Services } from '../http/services.ts';

/**
 * Everything that is served: the API for programs; the console, the reference and the landing page for people. What is for people
 * is evaluated and made when somebody looks at it first: most isolates never need it.
 */
export function createSurfaces(services: Services): App {
  const app = createApp(services);
  const console = once(async () => (await import('../console/app.tsx')).createConsole(services));
  const site = once(async () => (await import('../console/site/app.tsx')).createSite(services));
  app.all('/console/*', forwardTo(console));
  for (const path of ['/', '/favicon.svg', '/docs', '/docs/*', '/guides', '/guides/*'])
    app.get(path, forwardTo(site));
  return app;
}

/** Hands a request on as it came, to an app that knows its whole path. */
function forwardTo(pages: () => Promise<{ fetch: App['fetch'] }>) {
  return async (c: Context): Promise<Response> => await (await pages()).fetch(c.req.raw, c.env, contextOf(c));
}

/** A request that is made within the Worker has none, and Hono then throws. */
function contextOf(c: Context): Context['executionCtx'] | undefined {
  try {
    return c.executionCtx;
  } catch {
    return undefined;
  }
}

/**
 * Makes something at its first use, and keeps it. It keeps the thing and not the promise of it: a promise belongs to the request that
 * made it, and if that request is cut off, others would wait for it for ever. Making it twice is harmless.
 */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: T | undefined;
  return async () => {
    made ??= await make();
    return made;
  };
}
