import type { Context, Hono, MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { version as packageVersion } from 'swagger-ui-dist/package.json';
import { ProblemError } from '../../http/problem.ts';
import css from '../assets/reference.css';
import script from '../assets/reference.browser.js';
import { checksum, sendText } from '../assets.ts';
import { Document } from '../layout.tsx';
import { SiteHead } from './site-head.tsx';

/**
 * In a layer, so that rules of our own win over the package's, however precise those are: its dark mode has many. What is
 * `!important` wins the other way around, from the first layer on.
 */
const LAYER = '@layer important, package;\n@layer package {\n';

const CSS = 'text/css; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';

/** A file of the page: what tells one version of it from the next, and where its text comes from. */
interface File {
  readonly type: string;
  readonly version: string;
  readonly text: () => string | Promise<string>;
}

/**
 * The package's files have 1.9 MB. They are modules of their own in the upload, and an isolate loads one when it is asked for
 * it, which most never are.
 */
const FILES = {
  'swagger-ui.css': {
    type: CSS,
    version: packageVersion + checksum(LAYER),
    text: async () => `${LAYER}${(await import('swagger-ui-dist/swagger-ui.css')).default}\n}`,
  },
  'swagger-ui.js': {
    type: SCRIPT,
    version: packageVersion,
    text: async () => (await import('swagger-ui-dist/swagger-ui-bundle.js')).default,
  },
  'reference.css': { type: CSS, version: checksum(css), text: () => css },
  'reference.js': { type: SCRIPT, version: checksum(script), text: () => script },
} as const satisfies Record<string, File>;
type FileName = keyof typeof FILES;

/** Swagger UI sets styles on its elements and shows pictures from data; everything else is as strict as in the console. */
const referenceHeaders: MiddlewareHandler = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    fontSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
  },
  xFrameOptions: 'DENY',
  referrerPolicy: 'same-origin',
});

/** `/docs`: every operation, error and callback of `/openapi.json`, to read and to try. */
export function registerReference(app: Hono): void {
  app.use('/docs', referenceHeaders);
  app.use('/docs/*', referenceHeaders);
  app.get('/docs', async (c) => await c.html(<Reference />));
  app.get('/docs/assets/:name', async (c) => await sendFile(c, c.req.param('name')));
}

async function sendFile(c: Context, name: string): Promise<Response> {
  const file = Object.entries(FILES).find(([known]) => known === name)?.[1];
  if (file === undefined) throw new ProblemError('not-found', 'There is no file of this name.');
  return sendText(c, { text: await file.text(), type: file.type });
}

function urlOf(name: FileName): string {
  return `/docs/assets/${name}?v=${FILES[name].version}`;
}

function Reference() {
  return (
    <Document title="Reference" head={<Files />}>
      <SiteHead current="docs" />
      <main id="reference">
        <noscript>
          <p class="single">
            This page needs JavaScript. The same in one file: <a href="/openapi.json">/openapi.json</a>.
          </p>
        </noscript>
      </main>
    </Document>
  );
}

function Files() {
  return (
    <>
      <link rel="stylesheet" href={urlOf('swagger-ui.css')} />
      <link rel="stylesheet" href={urlOf('reference.css')} />
      <script src={urlOf('swagger-ui.js')} defer></script>
      <script src={urlOf('reference.js')} defer></script>
    </>
  );
}
