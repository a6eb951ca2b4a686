import type { ProblemError } from './problem.ts';

/** A line that names more is not read. */
const MAX_FAULTS = 10;

/** A refusal in upstream's own envelope, for all below `/api/`: clients of the upstream read it as they always have. */
export function envelopeResponse(error: ProblemError): Response {
  const { status, retryAfterSeconds: retryAfter } = error;
  const body = { code: status, msg: messageOf(error), data: retryAfter === null ? null : { retryAfter } };
  const headers = retryAfter === null ? {} : { 'retry-after': String(retryAfter) };
  return Response.json(body, { status, headers });
}

/** The envelope has no list of faults: they stand in its message, one after the other. */
function messageOf({ message, errors }: ProblemError): string {
  if (errors.length < 2 || errors.length > MAX_FAULTS) return message;
  return errors.map((fault) => `${fault.path}: ${fault.message}`).join('; ');
}
