import { createServices } from './compose.ts';
import type { Services } from '../http/services.ts';

const known = new WeakMap<Env, Services>();

/** What an environment's invocations are carried out with, put together once an isolate. Throws `ConfigError`. */
export function servicesOf(env: Env): Services {
  const services = known.get(env) ?? createServices(env);
  known.set(env, services);
  return services;
}
