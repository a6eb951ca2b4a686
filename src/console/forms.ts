import { createMiddleware } from 'hono/factory';
import { refuseEncoded, utf8Body } from '../http/body-text.ts';
import { ProblemError } from '../http/problem.ts';

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD']);
const FORM_TYPE = /^application\/x-www-form-urlencoded\b/i;

/**
 * Lets nothing change anything that was not sent from the console's own pages, whatever its content type: a script elsewhere can
 * send any. Browsers say where a request comes from, by one header or by the other.
 */
export const fromHere = createMiddleware(async (c, next) => {
  const { origin } = new URL(c.req.url);
  const isFromHere = c.req.header('origin') === origin || c.req.header('sec-fetch-site') === 'same-origin';
  if (!READS.has(c.req.method) && !isFromHere) {
    throw new ProblemError('forged', 'The form was not sent from this console. Go back, and send it again.');
  }
  await next();
});

/** Forms are UTF-8 too, percent-encoded or not: what would be read with replaced characters is refused. */
export const utf8Forms = createMiddleware(async (c, next) => {
  if (!READS.has(c.req.method)) {
    refuseEncoded(c);
    const text = await utf8Body(c);
    if (FORM_TYPE.test(c.req.header('content-type') ?? '') && !isDecodable(text)) {
      throw new ProblemError('not-utf-8', 'The form has percent-encoded bytes that are not UTF-8.');
    }
  }
  await next();
});

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
