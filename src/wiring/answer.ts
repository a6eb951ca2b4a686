import { ConfigError } from '../config.ts';
import { pathOfRequest } from '../http/paths.ts';
import { ProblemError } from '../http/problem.ts';
import { refusalResponse } from '../http/refusal.ts';
import type { App } from '../http/services.ts';
import { servicesOf } from './runtime.ts';
import { createSurfaces } from './surfaces.ts';

const apps = new WeakMap<Env, App>();

/** Answers a request: everything that takes more to be evaluated than a cron run may take. */
export async function answer(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
  try {
    return await appOf(env).fetch(request, env, ctx);
  } catch (error) {
    if (error instanceof ConfigError)
      return refusalResponse(pathOfRequest(request), new ProblemError('misconfigured', error.message));
    throw error;
  }
}

/** The app of an environment, put together once an isolate. Throws `ConfigError`. */
function appOf(env: Env): App {
  const app = apps.get(env) ?? createSurfaces(servicesOf(env));
  apps.set(env, app);
  return app;
}
