import type { Context, MiddlewareHandler } from 'hono';
import { getPath } from 'hono/utils/url';

/**
 * The path that a request is for: without a slash at its end, and with one slash for several. Routes, the sign-in in front of
 * them and the form of a refusal all go by it, and nobody is redirected: a redirect would lose the body of a POST, and one to
 * `//host` would lead elsewhere.
 */
export function pathOfRequest(request: Request): string {
  return plainPath(getPath(request));
}

/** A path without a slash at its end, and with one slash for several. */
export function plainPath(path: string): string {
  const single = path.replaceAll(/\/{2,}/g, '/');
  return single.length > 1 && single.endsWith('/') ? single.slice(0, -1) : single;
}

/** Whether upstream's envelope is spoken there. */
export function isBelowApi(path: string): boolean {
  return path === '/api' || path.startsWith('/api/');
}

/** Takes parameters without a value out of the query: tools send `?state=&limit=` for fields that were left empty. */
export const withoutEmptyParameters: MiddlewareHandler = async (c, next) => {
  dropEmptyParameters(c);
  await next();
};

function dropEmptyParameters(c: Context): void {
  const [address = '', query] = c.req.url.split(/\?(.*)/s);
  if (query === undefined) return;
  const given = query.split('&').filter((parameter) => /=./.test(parameter));
  const kept = given.join('&');
  if (kept !== query) c.req.raw = new Request(`${address}?${kept}`, c.req.raw);
}
