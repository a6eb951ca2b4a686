import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import {
  CallToolRequestSchema,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
  SUPPORTED_PROTOCOL_VERSIONS,
} from '@modelcontextprotocol/sdk/types.js';
import type { CallToolResult, Tool as ListedTool } from '@modelcontextprotocol/sdk/types.js';
import { z } from '@hono/zod-openapi';
import { version } from '../../../package.json';
import { invalid, ProblemError } from '../problem.ts';
import type { FieldError } from '../problem.ts';
import { fieldErrors } from '../validation.ts';
import { AnswerRoom } from './answer-room.ts';
import type { CallApi } from './api.ts';
import { wordsOfProblem } from './rpc-error.ts';
import { TOOLS } from './tools.ts';
import type { Tool } from './tools.ts';

const INSTRUCTIONS =
  'Makes videos and images. list_models says what there is; create_task starts one and spends credits; get_task with ' +
  'wait_seconds 25, again and again, waits for its end, and result_urls are the files then.';

/**
 * Answers one message of the Model Context Protocol, or a batch of them. Stateless: nothing is kept between two requests.
 *
 * @param message the body, parsed.
 * @throws ProblemError where the request as a whole cannot be answered.
 */
export async function answerMcp(request: Request, message: unknown, callApi: CallApi): Promise<Response> {
  requireKnownVersion(request);
  requireFittingBatch(message);
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  const server = createServer(callApi);
  await server.connect(transport);
  try {
    return await transport.handleRequest(takingJson(request), { parsedBody: message });
  } finally {
    await server.close();
  }
}

/** The answer to a call of a tool whose message `/v1` would refuse before it looks at it. */
export function refusedCall(id: string | number, problem: ProblemError): Response {
  return Response.json({ jsonrpc: '2.0', id, result: refused(problem) });
}

/**
 * Its calls share what the platform allows one invocation: 50 outgoing requests and 50 to D1 on the Free plan, of which a post takes
 * one and two. The protocol has had no batches since its version of 2025-06-18.
 */
const MAX_BATCH = 20;

function requireFittingBatch(message: unknown): void {
  if (!Array.isArray(message)) return;
  if (message.length === 0)
    throw new ProblemError('not-json-rpc', 'The batch is empty. Send a JSON-RPC message.');
  if (message.length > MAX_BATCH)
    throw new ProblemError(
      'not-json-rpc',
      `The batch has ${message.length} messages. Send at most ${MAX_BATCH} together; nothing of it was done.`,
    );
}

/** On the first message too, where the SDK does not look: what speaks a version that is not known here should hear so. */
function requireKnownVersion(request: Request): void {
  const asked = request.headers.get('mcp-protocol-version');
  if (asked === null || SUPPORTED_PROTOCOL_VERSIONS.includes(asked)) return;
  const known = SUPPORTED_PROTOCOL_VERSIONS.join(', ');
  throw new ProblemError(
    'not-json-rpc',
    `MCP-Protocol-Version: ${asked.slice(0, 40)} is not spoken here. Send one of ${known}.`,
  );
}

/** Answers are always JSON, which every client takes; some leave the other type out, and the SDK would refuse them. */
function takingJson(request: Request): Request {
  const headers = new Headers(request.headers);
  headers.set('accept', 'application/json, text/event-stream');
  return new Request(request.url, { method: request.method, headers });
}

function createServer(callApi: CallApi): Server {
  const server = new Server(
    { name: 'ringback', title: 'Ringback', version },
    { capabilities: { tools: {} }, instructions: INSTRUCTIONS, jsonSchemaValidator: NO_ELICITATION },
  );
  const room = new AnswerRoom();
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: listedTools() }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    return await callTool({ callApi, room }, params.name, params.arguments ?? {});
  });
  return server;
}

/** What the SDK would take instead compiles code, which Workers do not allow. Clients are asked nothing, so it is never called. */
const NO_ELICITATION = {
  getValidator: () => {
    throw new Error('This server asks its clients nothing.');
  },
};

let listed: ListedTool[] | null = null;

function listedTools(): ListedTool[] {
  listed ??= Object.entries(TOOLS).map(([name, { title, description, hints, input, output }]) => ({
    name,
    title,
    description,
    annotations: { title, ...hints },
    inputSchema: objectSchema(input, 'input'),
    outputSchema: objectSchema(output, 'output'),
  }));
  return listed;
}

function objectSchema(schema: z.ZodType, io: 'input' | 'output'): ListedTool['inputSchema'] {
  const made: Record<string, unknown> = z.toJSONSchema(schema, { io });
  return { ...made, type: 'object' };
}

/** What the calls of one request share. */
interface Shared {
  readonly callApi: CallApi;
  readonly room: AnswerRoom;
}

async function callTool(
  shared: Shared,
  name: string,
  given: Record<string, unknown>,
): Promise<CallToolResult> {
  const tool = Object.hasOwn(TOOLS, name) ? TOOLS[name] : undefined;
  if (tool === undefined)
    throw new McpError(ErrorCode.InvalidParams, `There is no tool ${JSON.stringify(name.slice(0, 64))}.`);
  const checked = tool.input.safeParse(given);
  if (!checked.success) return refused(invalid(fieldErrors(checked.error)));
  const answer = await answerOf(shared, tool, checked.data);
  if (answer === null) return refused({ message: NO_ROOM, errors: [] });
  const body: unknown = await answer.json();
  return answer.ok ? told(body) : refused(problemOf(body));
}

const NO_ROOM =
  'The answers to this batch are too long together. Send this call again in a request of its own, a list with a lower limit.';

/** Null where there is no room for it. What was done is told in any case: it is paid for, or cannot be undone. */
async function answerOf(
  { callApi, room }: Shared,
  tool: Tool,
  given: Record<string, unknown>,
): Promise<Response | null> {
  const ask = async () => await callApi(tool.call(given));
  if (!tool.hints.readOnlyHint) return await ask();
  return tool.isLong === true ? await room.withinInTurn(ask) : await room.within(ask);
}

function told(body: unknown): CallToolResult {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each of these answers is an object
  const structuredContent = body as Record<string, unknown>;
  return { content: [{ type: 'text', text: JSON.stringify(body) }], structuredContent };
}

function refused(problem: {
  readonly message: string;
  readonly errors: readonly FieldError[];
}): CallToolResult {
  return { isError: true, content: [{ type: 'text', text: wordsOfProblem(problem) }] };
}

const ProblemBody = z.object({
  detail: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).default([]),
});

function problemOf(body: unknown): { message: string; errors: readonly FieldError[] } {
  const { detail, errors } = ProblemBody.parse(body);
  return { message: detail, errors };
}
