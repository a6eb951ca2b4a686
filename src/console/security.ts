import type { Context, MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { isLoopbackHttp } from './session.ts';

/**
 * What a page may do: its own stylesheet, script and requests, and nothing inline. Results are shown from wherever upstream
 * keeps them, over https; over http only where the console itself is on loopback.
 */
export const pageHeaders: MiddlewareHandler = async (c, next) =>
  await secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'data:', ...resultSources(c)],
      mediaSrc: resultSources(c),
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
    },
    xFrameOptions: 'DENY',
    // Not "no-referrer": with it browsers send `Origin: null` with forms, and what tells forgeries apart is gone.
    referrerPolicy: 'same-origin',
  })(c, next);

/** Pages show what belongs to one person: nobody keeps a copy. */
export const notStored: MiddlewareHandler = async (c, next) => {
  await next();
  if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store');
};

function resultSources(c: Context): string[] {
  return isLoopbackHttp(c) ? ['https:', 'http:'] : ['https:'];
}
