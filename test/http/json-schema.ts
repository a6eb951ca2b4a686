import { Validator } from '@cfworker/json-schema';

/** As much of JSON Schema as is looked into by name. */
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

export interface ResponseHeader {
  readonly required?: boolean;
  readonly schema: Schema;
}

export interface Described {
  readonly description: string;
  readonly headers?: Record<string, ResponseHeader>;
  readonly content?: Record<string, Media>;
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly security: Record<string, unknown>[];
  readonly parameters?: { readonly in: string; readonly name: string; readonly required?: boolean }[];
  readonly requestBody?: { readonly content: Record<string, Media> };
  readonly responses: Record<string, Described>;
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

/** By document, then by schema: what is asked again and again is put together once. */
const validators = new WeakMap<Document, Map<string, Validator>>();

/**
 * Where a value is not what the schema says, by JSON Schema 2020-12 as OpenAPI 3.1 does. Stricter than the document in one
 * thing: an object has no key that its schema does not name.
 */
export function deviations(document: Document, schema: Schema, value: unknown): string[] {
  const known = validators.get(document) ?? new Map<string, Validator>();
  validators.set(document, known);
  const key = JSON.stringify(schema);
  const validator = known.get(key) ?? validatorOf(document, schema);
  known.set(key, validator);
  return validator
    .validate(value)
    .errors.map(({ instanceLocation, error }) => `${instanceLocation} ${error}`);
}

/** Not ajv, which makes code from text: workerd, where these tests run, refuses that. */
function validatorOf(document: Document, schema: Schema): Validator {
  const named = Object.entries(document.components.schemas);
  const $defs = Object.fromEntries(named.map(([name, other]) => [name, closed(other)]));
  return new Validator({ ...closed(schema), $defs }, '2020-12', false);
}

/** Keywords whose values are data, or names, and no schemas. */
const OPAQUE = new Set(['example', 'enum', 'const', 'default', 'required']);

function closed(schema: Schema): object {
  const entries = Object.entries(schema).filter(([key]) => key !== 'example');
  const copy = Object.fromEntries(entries.map(([key, value]) => [key, closedPart(key, value)]));
  const isOpen = schema.properties === undefined || schema.additionalProperties !== undefined;
  return isOpen ? copy : { ...copy, additionalProperties: false };
}

function closedPart(key: string, value: unknown): unknown {
  if (key === '$ref') return String(value).replace('#/components/schemas/', '#/$defs/');
  if (OPAQUE.has(key)) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => (isObject(item) ? closed(item) : item));
  if (!isObject(value)) return value;
  if (key !== 'properties') return closed(value);
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, isObject(part) ? closed(part) : part]),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
