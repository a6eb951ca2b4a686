import { Hono } from 'hono';
import { pathOfRequest } from '../../http/paths.ts';
import type { Services } from '../../http/services.ts';
import { registerGuides } from './guides.tsx';
import { registerLanding } from './landing.tsx';
import { registerReference } from './reference.tsx';

/** The public pages, behind the app that answers whatever is not theirs: what goes wrong here is told there. */
export function createSite(services: Services): Hono {
  const app = new Hono({ getPath: pathOfRequest });
  app.onError((error) => {
    throw error;
  });
  registerGuides(app, services);
  registerReference(app);
  registerLanding(app);
  return app;
}
