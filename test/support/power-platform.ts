import { Validator } from '@cfworker/json-schema';
import type { Receiver } from './receiver.ts';

const METHODS = ['get', 'post', 'delete'] as const;

type Json = Record<string, unknown>;
type Network = (url: string, init: RequestInit) => Promise<Response>;

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'header' | 'body';
  readonly required: boolean;
  readonly default?: string;
  readonly schema?: Schema;
  readonly 'x-ms-visibility'?: string;
}

export interface Schema {
  readonly $ref?: string;
  readonly properties?: Record<string, Schema>;
  readonly items?: Schema;
  readonly enum?: unknown[];
  readonly 'x-nullable'?: boolean;
  readonly 'x-ms-notification-url'?: boolean;
  readonly 'x-ms-visibility'?: string;
  readonly exclusiveMinimum?: boolean;
  readonly 'x-ms-dynamic-values'?: Record<
    'operationId' | 'value-collection' | 'value-path' | 'value-title',
    string
  >;
}

export interface Operation {
  readonly operationId: string;
  readonly parameters: readonly Parameter[];
  readonly responses: Record<string, { description: string; schema?: Schema }>;
  readonly 'x-ms-visibility'?: string;
  readonly 'x-ms-trigger'?: string;
}

interface Path extends Partial<Record<(typeof METHODS)[number], Operation>> {
  readonly 'x-ms-notification-content'?: { readonly schema: Schema };
}

export interface Connector {
  readonly host: string;
  readonly basePath: string;
  readonly schemes: readonly string[];
  readonly paths: Record<string, Path>;
  readonly definitions: Record<string, Schema>;
  readonly securityDefinitions: Record<
    string,
    { name: string; in: string; type: string; description: string }
  >;
}

const STEPS = 20;

/**
 * Power Automate, as far as its documentation tells: it knows a relay by the connector's document alone, and does with it what the
 * document says. Its own addresses are at `receiver`.
 */
export class PowerPlatform {
  private readonly connector: Connector;
  private readonly connection: string;
  private readonly network: Network;
  private readonly home: { readonly receiver: Receiver; readonly url: string };
  private runs = 0;
  /** What it sent, in order. */
  readonly sent: { readonly method: string; readonly url: string }[] = [];

  constructor(
    connector: Connector,
    connection: string,
    network: Network,
    home: { readonly receiver: Receiver; readonly url: string },
  ) {
    this.connector = connector;
    this.connection = connection;
    this.network = network;
    this.home = home;
  }

  /** What a person may put into a flow: by operation id. */
  palette(): string[] {
    return this.operations()
      .filter(({ operation }) => operation['x-ms-visibility'] !== 'internal')
      .map(({ operation }) => operation.operationId);
  }

  /** The choices that a field of an action's body offers. */
  async choices(operationId: string, field: string): Promise<{ value: unknown; title: unknown }[]> {
    const { operation } = this.find(operationId);
    const body = operation.parameters.find((parameter) => parameter.in === 'body')?.schema;
    const dynamic = body?.properties?.[field]?.['x-ms-dynamic-values'];
    if (dynamic === undefined) throw new Error(`${field} offers nothing`);
    const { body: listed } = await this.act(dynamic.operationId, {});
    const rows = listed[dynamic['value-collection']];
    if (!Array.isArray(rows)) throw new Error('there is no collection');
    return rows.map((row: Json) => ({
      value: row[dynamic['value-path']],
      title: row[dynamic['value-title']],
    }));
  }

  /** An action: what it is answered. One that is answered with a Location and 202 is polled, as the platform does. */
  async act(operationId: string, inputs: Json, headers: Record<string, string> = {}) {
    const found = this.find(operationId);
    let answer = await this.send(found, inputs, headers);
    for (let i = 0; answer.status === 202 && i < STEPS; i++) {
      const url = new URL(answer.headers.get('location') ?? '', this.base());
      answer = await this.call('GET', url.href);
    }
    return { status: answer.status, body: this.read(found.operation, answer.status, await answer.text()) };
  }

  /** A webhook action or a trigger begins: it has sent its address, and keeps the Location. */
  async listen(operationId: string, inputs: Json) {
    const url = `${this.home.url}/${++this.runs}/run?sig=abc%2Fdef`;
    const found = this.find(operationId);
    const answer = await this.send(found, { ...inputs, ...this.notificationOf(found.operation, url) });
    const text = await answer.text();
    this.read(found.operation, answer.status, text);
    const location = answer.headers.get('location');
    if (answer.status !== 201 || location === null)
      throw new Error(`${answer.status} without a Location: ${text}`);
    // What is relative would be called at the platform's own host.
    const address = new URL(location).href;
    const content = this.connector.paths[found.path]?.['x-ms-notification-content'];
    return {
      /** What came to its address so far, by the document's word for it. */
      notifications: () =>
        this.home.receiver.received
          .filter((callback) => callback.url === url)
          .map(({ body }) => this.checked(content?.schema, JSON.parse(body))),
      /** The run is over, or the flow was turned off. */
      end: async () => {
        const { status } = await this.call('DELETE', address);
        this.documented('delete', new URL(address).pathname, status);
      },
    };
  }

  private operations() {
    return Object.entries(this.connector.paths).flatMap(([path, operations]) =>
      METHODS.flatMap((method) => {
        const operation = operations[method];
        return operation === undefined ? [] : [{ path, method, operation }];
      }),
    );
  }

  private find(operationId: string) {
    const found = this.operations().find(({ operation }) => operation.operationId === operationId);
    if (found === undefined) throw new Error(`the connector has no ${operationId}`);
    return found;
  }

  private base(): string {
    const { schemes, host, basePath } = this.connector;
    return `${schemes[0]}://${host}${basePath}`;
  }

  private notificationOf({ parameters }: Operation, url: string): Json {
    const { properties = {} } = parameters.find((parameter) => parameter.in === 'body')?.schema ?? {};
    const field = Object.entries(properties).find(([, schema]) => schema['x-ms-notification-url'] === true);
    if (field === undefined) throw new Error('there is nowhere to put the notification URL');
    return { [field[0]]: url };
  }

  private async send(
    { path, method, operation }: { path: string; method: string; operation: Operation },
    inputs: Json,
    extra: Record<string, string> = {},
  ): Promise<Response> {
    let address = path;
    const headers: Record<string, string> = { ...extra };
    let body: Json | undefined;
    for (const parameter of operation.parameters) {
      if (parameter.in === 'path')
        address = address.replace(`{${parameter.name}}`, String(inputs[parameter.name]));
      if (parameter.in === 'header' && parameter['x-ms-visibility'] === 'internal')
        headers[parameter.name] = parameter.default ?? '';
      if (parameter.in === 'body') body = this.checked(parameter.schema, inputs);
    }
    return await this.call(method.toUpperCase(), new URL(address.slice(1), this.base()).href, headers, body);
  }

  private async call(method: string, url: string, headers: Record<string, string> = {}, body?: Json) {
    this.sent.push({ method, url });
    const [{ name } = { name: '' }] = Object.values(this.connector.securityDefinitions);
    return await this.network(url, {
      method,
      headers: {
        [name]: this.connection,
        ...headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  private read(operation: Operation, status: number, text: string): Json {
    const response = operation.responses[status] ?? operation.responses['default'];
    if (operation.responses[status] === undefined && status < 400)
      throw new Error(`${operation.operationId} answered ${status}, which the document does not have`);
    return this.checked(response?.schema, text === '' ? {} : JSON.parse(text));
  }

  private documented(method: string, path: string, status: number): void {
    const isTemplate = (template: string) =>
      new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path);
    const found = this.operations().find((one) => one.method === method && isTemplate(one.path));
    if (found?.operation.responses[status] === undefined) throw new Error(`${method} ${path}: ${status}`);
  }

  /** The same; an error where it has what its schema does not. */
  private checked(schema: Schema | undefined, value: Json): Json {
    if (schema === undefined) return value;
    const { valid, errors } = new Validator(this.strict(schema), '2020-12').validate(value);
    if (!valid) throw new Error(`not as documented: ${JSON.stringify(errors)} of ${JSON.stringify(value)}`);
    return value;
  }

  /** The schema as JSON Schema, which allows nothing that is not named. */
  private strict(schema: Schema): Json {
    if (schema.$ref !== undefined)
      return this.strict(this.connector.definitions[schema.$ref.replace('#/definitions/', '')] ?? {});
    const { properties, items, 'x-nullable': isNullable } = schema;
    const { exclusiveMinimum: _, ...rest } = schema;
    const told = {
      ...rest,
      ...(items === undefined ? {} : { items: this.strict(items) }),
      ...(properties === undefined
        ? {}
        : {
            properties: Object.fromEntries(
              Object.entries(properties).map(([name, one]) => [name, this.strict(one)]),
            ),
            additionalProperties: false,
          }),
    };
    return isNullable === true ? { anyOf: [told, { type: 'null' }] } : told;
  }
}
