import type { FieldSchema, ScalarSchema } from '../../domain/models/schema.ts';
import type { Model } from '../../domain/models/model.ts';

/** A field of a model's input, as a form can ask for it. */
export interface Field {
  readonly name: string;
  readonly kind: 'text' | 'long-text' | 'list' | 'choice' | 'number' | 'flag';
  readonly isRequired: boolean;
  readonly description: string;
  readonly choices: readonly string[];
  /** What holds where nothing is entered, in words; null where only upstream knows. */
  readonly fallback: string | null;
  /** What it takes, or what each entry of its list is. */
  readonly of: ScalarSchema['type'];
  /** An address, or a list of them. */
  readonly isUrl: boolean;
}

/** The fields of a model, read from its schema. */
export function fieldsOf({ input_schema: { properties, required = [] } }: Model): Field[] {
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    kind: kindOf(name, schema),
    isRequired: required.includes(name),
    description: schema.description ?? '',
    choices: schema.type === 'array' ? [] : (schema.enum ?? []).map(String),
    fallback: schema.default === undefined ? null : wordOf(schema.default),
    of: schema.type === 'array' ? schema.items.type : schema.type,
    isUrl: schema.type === 'array' ? schema.items.format === 'uri' : schema.format === 'uri',
  }));
}

function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A text of more than a line is what most models are asked by. */
const LONG_CHARACTERS = 500;

function kindOf(name: string, schema: FieldSchema): Field['kind'] {
  if (schema.type === 'array') return 'list';
  if (schema.enum !== undefined && schema.type !== 'boolean') return 'choice';
  if (schema.type === 'number' || schema.type === 'integer') return 'number';
  if (schema.type === 'boolean') return 'flag';
  const isLong =
    name.endsWith('prompt') || (schema.format === undefined && (schema.maxLength ?? 0) > LONG_CHARACTERS);
  return isLong ? 'long-text' : 'text';
}
