import type { MiddlewareHandler } from 'hono';

/**
 * What every answer carries unless its route says otherwise: it is data, and no browser is to run, frame, guess at or keep
 * anything of it. Answers hold keys, prompts and links.
 */
const DEFAULTS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

/** A year, which browsers heed over https only. */
const TRANSPORT_SECURITY = 'max-age=31536000';

/** Sets the headers that keep a browser from doing more with an answer than it should. */
export const securityHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(DEFAULTS)) {
    if (!c.res.headers.has(name)) c.header(name, value);
  }
  if (c.req.url.startsWith('https:')) c.header('strict-transport-security', TRANSPORT_SECURITY);
};
