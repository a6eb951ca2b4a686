import { publishedSchema } from '../../domain/models/bounds.ts';
import type { Catalog } from '../../domain/models/catalog.ts';
import { converted } from './swagger-schema.ts';
import type { SwaggerSchema } from './swagger-schema.ts';

/** What a field of one model may say that another's does not. */
const RULES = [
  'format',
  'default',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
] as const;

/** Each field that a model takes, for a form that does not change with the model: Ringback itself refuses what does not fit. */
export function inputFields({ models }: Catalog): Record<string, SwaggerSchema> {
  const fields = new Map<string, SwaggerSchema>();
  for (const model of models) {
    for (const [name, field] of Object.entries(converted(publishedSchema(model)).properties ?? {})) {
      const known = fields.get(name);
      fields.set(name, known === undefined ? field : ofBoth(known, field));
    }
  }
  return Object.fromEntries(fields);
}

/** One field that takes what either takes: the choices of both, and only those rules that both have. */
function ofBoth(one: SwaggerSchema, other: SwaggerSchema): SwaggerSchema {
  const { type, enum: choices, items, ...said } = one;
  const both: SwaggerSchema = said;
  for (const rule of RULES) if (one[rule] !== other[rule]) delete both[rule];
  if (one['x-nullable'] !== other['x-nullable']) both['x-nullable'] = true;
  // Of several types Swagger 2.0 says nothing: anything goes.
  if (type === undefined || type !== other.type) return both;
  both.type = type;
  if (choices && other.enum) both.enum = [...new Set([...choices, ...other.enum])];
  if (items && other.items) both.items = ofBoth(items, other.items);
  return both;
}
