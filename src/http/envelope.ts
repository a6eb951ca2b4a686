import type { ProblemError } from './problem.ts';

/** A refusal in upstream's own envelope, for all below `/api/`: clients of the upstream read it as they always have. */
export function envelopeResponse(error: ProblemError): Response {
  const { status, message, retryAfterSeconds: retryAfter } = error;
  const body = { code: status, msg: message, data: retryAfter === null ? null : { retryAfter } };
  const headers = retryAfter === null ? {} : { 'retry-after': String(retryAfter) };
  return Response.json(body, { status, headers });
}
