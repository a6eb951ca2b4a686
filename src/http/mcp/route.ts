import type { MiddlewareHandler } from 'hono';
import { clientAuth } from '../auth.ts';
import { ProblemError } from '../problem.ts';
import type { App, AppEnv, Services } from '../services.ts';
import { jsonBody } from '../validation.ts';
import { apiOf } from './api.ts';

const ARGUMENTS = /^params\.arguments\./;

/**
 * `POST /mcp`: the Model Context Protocol over Streamable HTTP, for agents. Its tools are requests of `/v1`, so what holds there
 * holds here. The protocol's SDK is loaded with the first request: most relays never get one.
 */
export function registerMcp(app: App, services: Services): void {
  app.use('/mcp', refuseOtherOrigins, refuseOtherMethods, clientAuth(services), readMessage);
  app.post('/mcp', async (c) => {
    const { answerMcp } = await import('./server.ts');
    return await answerMcp(c.req.raw, await c.req.json(), apiOf(app, c));
  });
}

/** A browser's page of another origin has no business here (DNS rebinding); programs send none. */
const refuseOtherOrigins: MiddlewareHandler = async (c, next) => {
  const origin = c.req.header('origin');
  if (origin !== undefined && origin !== new URL(c.req.url).origin)
    throw new ProblemError(
      'forged',
      'This request came from a page of another origin. Send it from a program, without Origin.',
    );
  await next();
};

const refuseOtherMethods: MiddlewareHandler = async (c, next) => {
  if (c.req.method !== 'POST')
    throw new ProblemError(
      'method-not-allowed',
      'Send a JSON-RPC message by POST. There are no sessions and no streams here.',
    );
  await next();
};

/** A call with a number that would be rounded is refused as `/v1` refuses it, and that is told to the agent that called. */
const readMessage: MiddlewareHandler<AppEnv> = async (c, next) => {
  try {
    return await jsonBody(c, next);
  } catch (error) {
    if (!(error instanceof ProblemError) || error.slug !== 'validation-failed') throw error;
    const id = callId(await c.req.json());
    if (id === null) throw new ProblemError('not-json-rpc', error.message, { errors: error.errors });
    const { refusedCall } = await import('./server.ts');
    return refusedCall(id, asArguments(error));
  }
};

/** The id of the message where it calls a tool, else null. */
function callId(message: unknown): string | number | null {
  if (typeof message !== 'object' || message === null) return null;
  const { id, method }: { id?: unknown; method?: unknown } = message;
  return method === 'tools/call' && (typeof id === 'string' || typeof id === 'number') ? id : null;
}

/** A field as the tool knows it. */
function asArguments({ message, errors }: ProblemError): ProblemError {
  const named = errors.map((error) => ({ ...error, path: error.path.replace(ARGUMENTS, '') }));
  return new ProblemError('validation-failed', message.replace(ARGUMENTS, ''), { errors: named });
}
