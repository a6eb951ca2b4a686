import type { Model } from './model.ts';
import type { FieldSchema, ListSchema, ScalarSchema } from './schema.ts';

/**
 * The rules of our own, which hold for every model whatever its schema says: they bound the length of URLs, of lists of them and
 * of a video, far beyond what makes sense there.
 */

const URL_MAX_CHARACTERS = 2_048;
const MAX_URLS = 20;
/** An hour. It bounds what a task can be estimated at, and so the sums of what was spent. */
const MAX_DURATION_SECONDS = 3_600;
/** The field that prices by the second go by. */
export const DURATION = 'duration';

/** A field with the keywords that only our own rules add. */
export interface BoundedScalar extends ScalarSchema {
  readonly exclusiveMinimum?: number;
}
export interface BoundedList extends Omit<ListSchema, 'items'> {
  readonly items: BoundedScalar;
  readonly minItems?: number;
}
export type BoundedField = BoundedScalar | BoundedList;

/** What an input is held to. */
export interface BoundedSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, BoundedField>>;
  readonly required: readonly string[];
  readonly additionalProperties: boolean;
}

const bounded = new WeakMap<Model, BoundedSchema>();

/** The schema of a model's input with our own rules in it. */
export function boundedSchema(model: Model): BoundedSchema {
  const known = bounded.get(model);
  if (known !== undefined) return known;
  const { properties, required = [], additionalProperties = false } = model.input_schema;
  const fields = Object.entries(properties).map(
    ([name, field]) => [name, boundedField(name, field, required.includes(name))] as const,
  );
  const schema = {
    type: 'object',
    properties: Object.fromEntries(fields),
    required,
    additionalProperties,
  } as const;
  bounded.set(model, schema);
  return schema;
}

function boundedField(name: string, field: FieldSchema, isRequired: boolean): BoundedField {
  if (field.type === 'array') return boundedList(field, isRequired);
  if (field.format === 'uri') return boundedUrl(field);
  if (name === DURATION && field.type !== 'boolean' && field.type !== 'string') {
    const isAboveZero = field.minimum !== undefined && field.minimum > 0;
    return {
      ...field,
      ...(isAboveZero ? {} : { exclusiveMinimum: 0 }),
      maximum: atMost(field.maximum, MAX_DURATION_SECONDS),
    };
  }
  return field;
}

/** A required list of URLs has one at the least: an empty one would say that it is not there. */
function boundedList(field: ListSchema, isRequired: boolean): BoundedList {
  if (field.items.format !== 'uri') return field;
  return {
    ...field,
    items: boundedUrl(field.items),
    ...(isRequired ? { minItems: 1 } : {}),
    maxItems: atMost(field.maxItems, MAX_URLS),
  };
}

function boundedUrl(field: ScalarSchema): BoundedScalar {
  return { ...field, maxLength: atMost(field.maxLength, URL_MAX_CHARACTERS) };
}

function atMost(given: number | undefined, most: number): number {
  return Math.min(given ?? most, most);
}

/**
 * The schema as it is published: optional fields take null as absent, because no-code tools send null for a field that was left
 * empty.
 */
export function publishedSchema(model: Model): Record<string, unknown> {
  const { properties, required, additionalProperties } = boundedSchema(model);
  const published = Object.entries(properties).map(([name, field]) => {
    if (required.includes(name)) return [name, field] as const;
    const { description, default: fallback, ...rest } = field;
    const said = {
      ...(description === undefined ? {} : { description }),
      ...(fallback === undefined ? {} : { default: fallback }),
    };
    return [name, { ...said, anyOf: [rest, { type: 'null' }] }] as const;
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: Object.fromEntries(published),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties,
  };
}
