import { Hono } from 'hono';
import { pathOfRequest } from '../../http/paths.ts';
import { registerLanding } from './landing.tsx';
import { registerReference } from './reference.tsx';

/** The public pages, behind the app that answers whatever is not theirs: what goes wrong here is told there. */
export function createSite(): Hono {
  const app = new Hono({ getPath: pathOfRequest });
  app.onError((error) => {
    throw error;
  });
  registerReference(app);
  registerLanding(app);
  return app;
}
