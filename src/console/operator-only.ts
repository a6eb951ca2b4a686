import { createMiddleware } from 'hono/factory';
import { ProblemError } from '../http/problem.ts';
import type { ConsoleEnv } from './env.ts';

/** A client's key opens no page of the operator's, and does not learn what is there. */
export const operatorOnly = createMiddleware<ConsoleEnv>(async (c, next) => {
  if (c.get('viewer').kind !== 'operator') {
    throw new ProblemError('not-found', 'There is no page at this address for this sign-in.');
  }
  await next();
});
