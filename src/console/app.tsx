import { Hono } from 'hono';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import { logError } from '../engine/log.ts';
import { holdToRate } from '../http/auth.ts';
import { pathOfRequest } from '../http/paths.ts';
import { ProblemError } from '../http/problem.ts';
import type { Services } from '../http/services.ts';
import { sendAsset } from './assets.ts';
import { registerAuditPage } from './audit/routes.tsx';
import { registerClientPages } from './clients/routes.tsx';
import type { ConsoleApp, ConsoleEnv } from './env.ts';
import { errorPage } from './error-page.tsx';
import { fromHere, utf8Forms } from './forms.ts';
import { registerOverview } from './overview/routes.tsx';
import { notStored, pageHeaders } from './security.ts';
import { registerModelPages } from './models/routes.tsx';
import { registerUsagePages } from './usage/routes.tsx';
import { readSession } from './session.ts';
import { registerSignIn } from './sign-in.tsx';
import { registerSubscriptionPages } from './subscriptions/routes.tsx';
import { registerTaskPages } from './tasks/routes.tsx';
import { registerTry } from './try/routes.tsx';

/** As much as a request of the API may have. */
const MAX_FORM_BYTES = 262_144;

/** The console, under `/console`: pages made by the server, behind a sign-in of their own. */
export function createConsole(services: Services): ConsoleApp {
  const app = new Hono<ConsoleEnv>({ getPath: pathOfRequest }).basePath('/console');
  app.onError((error, c) => errorPage(c, asProblem(error)));
  app.use(pageHeaders, notStored);
  app.use(fromHere, bodyLimit({ maxSize: MAX_FORM_BYTES, onError: tooLarge }), utf8Forms);
  app.get('/assets/:name', (c) => sendAsset(c, c.req.param('name')) ?? nothingHere(c));

  registerSignIn(app, services);
  app.use(signedIn(services));
  registerOverview(app, services);
  registerTaskPages(app, services);
  registerTry(app, services);
  registerUsagePages(app, services);
  registerClientPages(app, services);
  registerSubscriptionPages(app, services);
  registerModelPages(app, services);
  registerAuditPage(app, services);
  app.all('*', (c) => nothingHere(c));
  return app;
}

/** Lets in who has a session; others are asked to sign in, and come back to where they wanted to go. */
function signedIn(services: Services) {
  return createMiddleware<ConsoleEnv>(async (c, next) => {
    const viewer = await readSession(c, services);
    if (viewer === null) {
      const { search } = new URL(c.req.url);
      // A fragment asks for itself: what it gets is an answer, not a page to go to.
      if (c.req.header('x-fragment') !== undefined) return c.text('Sign in again.', 401);
      const back = c.req.method === 'GET' ? c.req.path + search : '/console';
      return c.redirect(`/console/sign-in?next=${encodeURIComponent(back)}`, 303);
    }
    if (viewer.kind === 'client') await holdToRate(services, viewer.client);
    c.set('viewer', viewer);
    return await next();
  });
}

function tooLarge(): never {
  throw new ProblemError('body-too-large', `A form may have at most ${MAX_FORM_BYTES / 1_024} KiB.`);
}

function nothingHere(c: Context): Response | Promise<Response> {
  return errorPage(c, new ProblemError('not-found', 'There is no page at this address.'));
}

function asProblem(error: Error): ProblemError {
  if (error instanceof ProblemError) return error;
  logError('console failed', error);
  return error.message.startsWith('D1_ERROR')
    ? new ProblemError('database-unavailable', 'Try again in a moment. If it stays so, apply the migrations.')
    : new ProblemError('internal-error', 'It is logged, and nothing that was accepted is lost.');
}
