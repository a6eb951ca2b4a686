import { createConsole } from '../console/app.tsx';
import { registerReference } from '../console/site/reference.tsx';
import { registerLanding } from '../console/site/landing.tsx';
import { createApp } from '../http/app.ts';
import type { App, Services } from '../http/services.ts';

/** Everything that is served: the API for programs; the console, the reference and the landing page for people. */
export function createSurfaces(services: Services): App {
  const app = createApp(services);
  app.route('/console', createConsole(services));
  registerReference(app);
  registerLanding(app);
  return app;
}
