import type { Context } from 'hono';
import type { App, AppEnv } from '../services.ts';

/** A request of `/v1`. */
export interface ApiCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request to `/v1` in the name of whoever sent the request of `c`; it leaves neither the Worker nor its limits. */
export type CallApi = (call: ApiCall) => Promise<Response>;

/** Ringback's own API, asked with the credentials and under the name that `c` was asked with. */
export function apiOf(app: App, c: Context<AppEnv>): CallApi {
  return async ({ method, path, body, headers = {} }) => {
    const request = new Request(new URL(path, c.req.url), {
      method,
      headers: {
        authorization: c.req.header('authorization') ?? '',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return await app.fetch(request, c.env, c.executionCtx);
  };
}
