import { envelopeResponse } from './envelope.ts';
import { rpcErrorResponse } from './mcp/rpc-error.ts';
import { isBelowApi } from './paths.ts';
import { problemResponse } from './problem.ts';
import type { ProblemError } from './problem.ts';

/** The answer to a request that is refused, in the form that is spoken at its path. */
export function refusalResponse(path: string, problem: ProblemError): Response {
  if (path === '/mcp') return rpcErrorResponse(problem);
  return isBelowApi(path) ? envelopeResponse(problem) : problemResponse(problem);
}
