import swaggerScript from 'swagger-ui-dist/swagger-ui-bundle.js';
import swaggerCss from 'swagger-ui-dist/swagger-ui.css';
import type { Context, Hono, MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
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
const layeredCss = `@layer important, package;\n@layer package {\n${swaggerCss}\n}`;

const FILES = {
  'swagger-ui.css': { text: layeredCss, type: 'text/css; charset=utf-8' },
  'swagger-ui.js': { text: swaggerScript, type: 'text/javascript; charset=utf-8' },
  'reference.css': { text: css, type: 'text/css; charset=utf-8' },
  'reference.js': { text: script, type: 'text/javascript; charset=utf-8' },
} as const;
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
  app.get('/docs/assets/:name', (c) => sendFile(c, c.req.param('name')));
}

function sendFile(c: Context, name: string): Response {
  const file = Object.entries(FILES).find(([known]) => known === name)?.[1];
  if (file === undefined) throw new ProblemError('not-found', 'There is no file of this name.');
  return sendText(c, file);
}

function urlOf(name: FileName): string {
  return `/docs/assets/${name}?v=${versions[name]}`;
}

const versions: Record<FileName, string> = {
  'swagger-ui.css': checksum(layeredCss.slice(0, 10_000)) + layeredCss.length,
  'swagger-ui.js': checksum(swaggerScript.slice(0, 10_000)) + swaggerScript.length,
  'reference.css': checksum(css),
  'reference.js': checksum(script),
};

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
