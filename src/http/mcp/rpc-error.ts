import { problemHeaders } from '../problem.ts';
import type { ProblemError } from '../problem.ts';

/** JSON-RPC 2.0, section 5.1: what is reserved, and the first of the codes that a server may choose. */
const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;
const SERVER_ERROR = -32_000;

/** A refusal of a whole request to `/mcp`: a JSON-RPC error without an id, with the problem beside it. */
export function rpcErrorResponse(problem: ProblemError): Response {
  const error = { code: codeOf(problem), message: wordsOfProblem(problem), data: { problem: problem.slug } };
  const headers = problemHeaders(problem, 'application/json');
  return new Response(JSON.stringify({ jsonrpc: '2.0', error, id: null }), {
    status: problem.status,
    headers,
  });
}

function codeOf({ slug }: ProblemError): number {
  if (slug === 'not-json' || slug === 'not-utf-8') return PARSE_ERROR;
  return slug === 'not-json-rpc' ? INVALID_REQUEST : SERVER_ERROR;
}

/** A refusal in one text: its sentence, and each field at fault where there are several. */
export function wordsOfProblem({ message, errors }: Pick<ProblemError, 'message' | 'errors'>): string {
  const fields = errors.length > 1 ? errors.map(({ path, message: words }) => `\n- ${path}: ${words}`) : [];
  return message + fields.join('');
}
