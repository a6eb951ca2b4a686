import { SignInWaits } from '../../src/http/sign-in-waits.ts';
import { createSurfaces } from '../../src/wiring/surfaces.ts';
import type { Relay } from '../support/relay.ts';
import { deviations } from './json-schema.ts';
import type { Described, Document, Operation } from './json-schema.ts';

/** What is asked of a route. */
export interface Ask {
  /** None where the route needs none. */
  readonly token?: string;
  readonly id?: string;
  /** The whole path, where the route has more in it than an id. */
  readonly path?: string;
  readonly query?: string;
  /** As JSON, unless it is text already. */
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** Asks a relay whose rate limits are all used up. */
  readonly isLimited?: boolean;
}

export function operationAt(document: Document, route: string): Operation {
  const [method = '', path = ''] = route.split(' ');
  const operation = document.paths[path]?.[method.toLowerCase()];
  if (operation === undefined) throw new Error(`${route} is not in the document`);
  return operation;
}

/** All of them, as `GET /v1/tasks`. */
export function routesIn(document: Document): string[] {
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
}

/** The document's own example of a body, or undefined where the route takes none. */
export function exampleOf(document: Document, route: string): unknown {
  const { $ref } = operationAt(document, route).requestBody?.content['application/json']?.schema ?? {};
  return $ref === undefined ? undefined : document.components.schemas[$ref.split('/').at(-1) ?? '']?.example;
}

/** Asks, and says where the answer is not what the document says of it: status, headers, content type and body. */
export async function checked(relay: Relay, document: Document, route: string, ask: Ask) {
  const response = await send(relay, route, ask);
  const described = operationAt(document, route).responses[String(response.status)];
  const found =
    described === undefined
      ? ['the status is not in the document']
      : [
          ...headersAtFault(described, response.headers),
          // Of a HEAD the headers alone come.
          ...(route.startsWith('HEAD ') ? [] : await bodyAtFault(document, described, response)),
        ];
  return { route, status: response.status, found };
}

async function send(relay: Relay, route: string, ask: Ask): Promise<Response> {
  const [method = '', template = ''] = route.split(' ');
  const { token, id = '', query = '', body, headers } = ask;
  const path = (ask.path ?? template.replace('{id}', id)) + query;
  const init = {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  };
  if (ask.isLimited !== true) return await relay.request(path, init);
  const full = { limit: async () => ({ success: false }) };
  // An address that failed too often waits: a count of its own, so that the next request does not.
  const signInWaits = new SignInWaits(relay.clock);
  const rates = { client: full, failedSignIn: full };
  const app = createSurfaces({ ...relay.services, rates, signInWaits });
  return await app.request(path, init);
}

function headersAtFault({ headers = {} }: Described, sent: Headers): string[] {
  return Object.entries(headers).flatMap(([name, { required, schema }]) => {
    const value = sent.get(name);
    if (value === null) return required === true ? [`the header ${name} is missing`] : [];
    return schema.type === 'integer' && !/^\d+$/.test(value) ? [`the header ${name} is no number`] : [];
  });
}

async function bodyAtFault(
  document: Document,
  { content }: Described,
  response: Response,
): Promise<string[]> {
  const text = await response.text();
  if (content === undefined) return text === '' ? [] : ['there is a body, and the document has none'];
  const type = response.headers.get('content-type');
  const anyOfKind = `${type?.split('/', 1)[0]}/*`;
  const schema = (content[type ?? ''] ?? content[anyOfKind])?.schema;
  if (schema === undefined) return [`the content type ${type} is not in the document`];
  return deviations(document, schema, type?.includes('json') === true ? JSON.parse(text) : text);
}
