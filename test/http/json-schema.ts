/** As much of JSON Schema as the relay's OpenAPI document uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | string[];
  readonly enum?: unknown[];
  readonly const?: unknown;
  readonly properties?: Record<string, Schema>;
  readonly required?: string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly oneOf?: Schema[];
  readonly anyOf?: Schema[];
  readonly example?: unknown;
}

export interface Media {
  readonly schema: Schema;
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly security: Record<string, unknown>[];
  readonly requestBody?: { readonly content: Record<string, Media> };
  readonly responses: Record<
    string,
    { readonly description: string; readonly content?: Record<string, Media> }
  >;
}

export interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly servers: { readonly url: string }[];
  readonly paths: Record<string, Record<string, Operation>>;
  readonly webhooks: Record<string, Record<string, Operation>>;
  readonly components: {
    readonly schemas: Record<string, Schema>;
    readonly securitySchemes: Record<string, unknown>;
  };
}

export function schemaAt(document: Document, ref: string): Schema {
  const name = /^#\/components\/schemas\/(\w+)$/.exec(ref)?.[1] ?? '';
  const schema = document.components.schemas[name];
  if (schema === undefined) throw new Error(`${ref} leads nowhere`);
  return schema;
}

/** Where a value is not what the schema says: types, and exactly the keys that it names. */
export function deviations(document: Document, schema: Schema, value: unknown, path = '$'): string[] {
  if (schema.$ref !== undefined) return deviations(document, schemaAt(document, schema.$ref), value, path);
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices !== undefined) {
    const found = choices.map((choice) => deviations(document, choice, value, path));
    return found.some((list) => list.length === 0) ? [] : [`${path} is none of ${choices.length} choices`];
  }
  const isOfType = [schema.type ?? []].flat().some((type) => hasType(value, type));
  if (schema.type !== undefined && !isOfType) return [`${path} is no ${[schema.type].flat().join(' or ')}`];
  if (schema.enum !== undefined && !schema.enum.includes(value)) return [`${path} is not in its enum`];
  if ('const' in schema && schema.const !== value) return [`${path} is not its constant`];
  if (Array.isArray(value)) {
    return value.flatMap((item, i) => deviations(document, schema.items ?? {}, item, `${path}[${i}]`));
  }
  return isObject(value) ? deviationsOfKeys(document, schema, value, path) : [];
}

function deviationsOfKeys(
  document: Document,
  schema: Schema,
  value: Record<string, unknown>,
  path: string,
): string[] {
  const { properties = {}, required = [], additionalProperties } = schema;
  const missing = required.filter((key) => !(key in value)).map((key) => `${path}.${key} is missing`);
  const rest = typeof additionalProperties === 'object' ? additionalProperties : null;
  const isOpen = rest !== null || additionalProperties === true || schema.properties === undefined;
  const unknown = isOpen ? [] : Object.keys(value).filter((key) => !(key in properties));
  return [
    ...missing,
    ...unknown.map((key) => `${path}.${key} is not in the schema`),
    ...Object.entries(value).flatMap(([key, item]) =>
      deviations(document, properties[key] ?? rest ?? {}, item, `${path}.${key}`),
    ),
  ];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasType(value: unknown, type: string): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  return type === 'integer' ? Number.isInteger(value) : typeof value === type;
}
