import { z } from 'zod';
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
}

const Property = z.object({
  /** An optional field's type is a list, which ends with null. */
  type: z.union([z.string(), z.array(z.string()).transform(([first]) => first)]).optional(),
  enum: z
    .array(z.string().nullable())
    .transform((values) => values.filter((value) => value !== null))
    .optional(),
  description: z.string().optional(),
  default: z.boolean().optional(),
  anyOf: z.array(z.record(z.string(), z.unknown())).optional(),
});
const Schema = z.object({
  properties: z.record(z.string(), Property),
  required: z.array(z.string()).optional(),
});

/** Shapes that most people want; a field of this kind takes any other as text. */
const SHAPES = ['16:9', '9:16', '1:1', '3:4'];
/** Of two spellings of a shape only this one is asked for: it wins over the other. */
const SHAPE = 'ratio';
const OTHER_SHAPE = 'aspect_ratio';

/** The fields of a model, read from its JSON Schema: the one that `/v1/models` shows. */
export function fieldsOf(model: Model): Field[] {
  const { properties, required = [] } = Schema.parse(z.toJSONSchema(model.input, { io: 'input' }));
  const isRival = (name: string) => name === OTHER_SHAPE && Object.hasOwn(properties, SHAPE);
  const asked = Object.entries(properties).filter(([name]) => !isRival(name));
  return asked.map(([name, property]) => {
    // An optional field is "this, or null".
    const variant = property.anyOf?.find(({ type }) => type !== 'null');
    const schema = { ...property, ...(variant === undefined ? {} : Property.parse(variant)) };
    return {
      name,
      kind: kindOf(name, schema),
      isRequired: required.includes(name),
      description: isShape(name) ? 'Choose other for one of your own.' : (property.description ?? ''),
      choices: schema.enum ?? (isShape(name) ? SHAPES : []),
      fallback: property.default === undefined ? null : String(property.default),
    };
  });
}

function kindOf(name: string, { type, enum: choices }: z.infer<typeof Property>): Field['kind'] {
  if (choices !== undefined) return 'choice';
  if (type === 'array') return 'list';
  if (type === 'number' || type === 'integer') return 'number';
  if (type === 'boolean') return 'flag';
  if (isShape(name)) return 'shape';
  return name === 'prompt' ? 'long-text' : 'text';
}

function isShape(name: string): boolean {
  return name === SHAPE || name === OTHER_SHAPE;
}
