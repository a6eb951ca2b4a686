import { z } from '@hono/zod-openapi';
import { wordsOf } from './words.ts';

/** The part of Swagger 2.0's Schema Object that connectors are made of, with what Microsoft's platform adds. */
export interface SwaggerSchema {
  type?: string;
  format?: string;
  enum?: unknown[];
  default?: unknown;
  title?: string;
  description?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: boolean;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  items?: SwaggerSchema;
  properties?: Record<string, SwaggerSchema>;
  required?: string[];
  [extension: `x-${string}`]: unknown;
}

/** JSON Schema as zod writes it, of which Swagger 2.0 knows a part. */
type JsonSchema = Readonly<Record<string, unknown>>;

/** Said as it is. */
const KEPT = [
  'type',
  'format',
  'enum',
  'default',
  'description',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
];

/** The schema of a request or an answer, as a route has it. */
export function swaggerOf(schema: z.ZodType, io: 'input' | 'output'): SwaggerSchema {
  return converted(z.toJSONSchema(schema, { io }));
}

/**
 * JSON Schema 2020-12 in the words of Swagger 2.0: null is a flag there, a constant a list of one, and a bound cannot be open. Every
 * property gets a title and a description: a person sees them in a form.
 */
export function converted(schema: JsonSchema): SwaggerSchema {
  const { isNullable, kind } = withoutNull(schema);
  const told = { ...kind, ...pick(schema, ['description', 'default']) };
  const out: SwaggerSchema = { ...pick(told, KEPT), ...bounds(told) };
  if ('const' in told) Object.assign(out, { type: typeof told['const'], enum: [told['const']] });
  if (isObject(told['items'])) out.items = converted(told['items']);
  if (isObject(told['properties'])) {
    out.properties = Object.fromEntries(
      Object.entries(told['properties']).map(([name, property]) => [name, named(name, property)]),
    );
    if (Array.isArray(told['required'])) out.required = told['required'].map(String);
  }
  if (isNullable) out['x-nullable'] = true;
  return out;
}

function named(name: string, property: unknown): SwaggerSchema {
  const schema = converted(isObject(property) ? property : {});
  const [title, description] = wordsOf(name);
  return { ...schema, 'x-ms-summary': title, description: schema.description ?? description };
}

function withoutNull(schema: JsonSchema): { isNullable: boolean; kind: JsonSchema } {
  if (Array.isArray(schema['type'])) {
    const [type, ...others] = schema['type'].filter((one) => one !== 'null');
    const kind = others.length === 0 ? { ...schema, type } : {};
    return { isNullable: schema['type'].includes('null'), kind };
  }
  const options = schema['anyOf'];
  if (!Array.isArray(options)) return { isNullable: false, kind: schema };
  const kinds = options.filter(isObject).filter(({ type }) => type !== 'null');
  // Of several kinds (text, number or truth) Swagger 2.0 says nothing: anything goes.
  return { isNullable: kinds.length < options.length, kind: kinds.length === 1 ? (kinds[0] ?? {}) : {} };
}

/** Without those that only say that a number is safe, and with an open one as Swagger 2.0 writes it. */
function bounds(schema: JsonSchema): SwaggerSchema {
  const least = schema['minimum'];
  const above = schema['exclusiveMinimum'];
  const most = schema['maximum'];
  return {
    ...(typeof least === 'number' && least > -Number.MAX_SAFE_INTEGER ? { minimum: least } : {}),
    ...(typeof above === 'number' ? { minimum: above, exclusiveMinimum: true } : {}),
    ...(typeof most === 'number' && most < Number.MAX_SAFE_INTEGER ? { maximum: most } : {}),
  };
}

function pick(schema: JsonSchema, names: readonly string[]): SwaggerSchema {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => names.includes(name)));
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
