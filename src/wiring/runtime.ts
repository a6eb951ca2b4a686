import { createServices } from './compose.ts';
import type { App, Services } from '../http/services.ts';
import { createSurfaces } from './surfaces.ts';

export interface Runtime {
  readonly services: Services;
  readonly app: App;
}

const runtimes = new WeakMap<Env, Runtime>();

/** The runtime of an environment, put together once an isolate. Throws `ConfigError`. */
export function runtimeOf(env: Env): Runtime {
  const known = runtimes.get(env);
  if (known !== undefined) return known;
  const services = createServices(env);
  const runtime = { services, app: createSurfaces(services) };
  runtimes.set(env, runtime);
  return runtime;
}
