import type { FieldSchema, ScalarSchema } from '../../domain/models/schema.ts';
import type { Model } from '../../domain/models/model.ts';

/** A field of a model's input, as a form can ask for it. */
export interface Field {
  readonly name: string;
  readonly kind: 'text' | 'long-text' | 'list' | 'choice' | 'shape' | 'number' | 'flag';
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

/** Shapes that most people want; a field of this kind takes any other as text. */
const SHAPES = ['16:9', '9:16', '1:1', '3:4'];
/** Of two spellings of a shape only this one is asked for: it wins over the other. */
const SHAPE = 'ratio';
const OTHER_SHAPE = 'aspect_ratio';

/** The fields of a model, read from its schema. */
export function fieldsOf({ input_schema: { properties, required = [] } }: Model): Field[] {
  const isRival = (name: string) => name === OTHER_SHAPE && Object.hasOwn(properties, SHAPE);
  const asked = Object.entries(properties).filter(([name]) => !isRival(name));
  return asked.map(([name, schema]) => {
    const kind = kindOf(name, schema);
    return {
      name,
      kind,
      isRequired: required.includes(name),
      description: kind === 'shape' ? 'Choose other for one of your own.' : (schema.description ?? ''),
      choices: kind === 'shape' ? SHAPES : choicesOf(schema),
      fallback: schema.default === undefined ? null : wordOf(schema.default),
      of: schema.type === 'array' ? schema.items.type : schema.type,
      isUrl: schema.type === 'array' ? schema.items.format === 'uri' : schema.format === 'uri',
    };
  });
}

function choicesOf(schema: FieldSchema): string[] {
  return schema.type === 'array' ? [] : (schema.enum ?? []).map(String);
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
  if (name === SHAPE || name === OTHER_SHAPE) return 'shape';
  const isLong =
    name.endsWith('prompt') || (schema.format === undefined && (schema.maxLength ?? 0) > LONG_CHARACTERS);
  return isLong ? 'long-text' : 'text';
}
