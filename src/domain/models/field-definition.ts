import { z } from 'zod';
import type { FieldSchema } from './schema.ts';

/**
 * The keywords that a field of an operator's model may have. Nothing here can be made to run for long: no `pattern`, no `$ref`,
 * nothing inside of anything but a list's entries.
 */

const MAX_ENUM = 200;
const MAX_VALUE_CHARACTERS = 500;
const MAX_DESCRIPTION_CHARACTERS = 1_000;
const MAX_LENGTH = 200_000;
const MAX_ITEMS = 1_000;

const wholeUpTo = (most: number) =>
  z.int('must be a whole number').min(0, 'must be at least 0').max(most, `must be at most ${most}`);
const number = z.number('must be a number');
const text = z
  .string('must be text')
  .max(MAX_VALUE_CHARACTERS, `must be at most ${MAX_VALUE_CHARACTERS} characters`);
const truth = z.boolean('must be true or false');

function choices<Value extends z.ZodType<string | number | boolean>>(value: Value) {
  return z
    .array(value, 'must be a list of values')
    .min(1, 'must have at least one value')
    .max(MAX_ENUM, `must have at most ${MAX_ENUM} values`)
    .optional();
}

const said = {
  description: z
    .string('must be text')
    .max(MAX_DESCRIPTION_CHARACTERS, `must be at most ${MAX_DESCRIPTION_CHARACTERS} characters`)
    .optional(),
  // Whether it fits its own field is looked at with the whole schema.
  default: z.union([text, number, truth, z.array(z.union([text, number, truth])).max(MAX_ITEMS)]).optional(),
};
const lengths = { minLength: wholeUpTo(MAX_LENGTH).optional(), maxLength: wholeUpTo(MAX_LENGTH).optional() };
const ranges = { minimum: number.optional(), maximum: number.optional() };

const KEYWORDS = new Set([
  'type',
  'enum',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'items',
  'maxItems',
  'format',
  'default',
  'description',
]);
const NO_KEYWORD = 'is a keyword that is not taken here: see docs/models.md for those that are';

/** First of all what is none of these keywords is named, whatever the rest is. */
const ofKnownKeywords = z.unknown().superRefine((schema, context) => {
  if (typeof schema !== 'object' || schema === null) return;
  for (const key of Object.keys(schema)
    .filter((one) => !KEYWORDS.has(one))
    .slice(0, MAX_ITEMS))
    context.addIssue({ code: 'custom', path: [key], message: NO_KEYWORD });
});

/** A keyword that does not belong to the type. */
const isStrict = {
  error: ({ code }: { code?: string }) =>
    code === 'unrecognized_keys' ? undefined : 'must be a schema: an object',
};
const scalars = [
  z.strictObject(
    {
      type: z.literal('string'),
      enum: choices(text),
      ...lengths,
      format: z.literal('uri', 'must be uri').optional(),
      ...said,
    },
    isStrict,
  ),
  z.strictObject({ type: z.literal('number'), enum: choices(number), ...ranges, ...said }, isStrict),
  z.strictObject(
    { type: z.literal('integer'), enum: choices(z.int('must be a whole number')), ...ranges, ...said },
    isStrict,
  ),
  z.strictObject({ type: z.literal('boolean'), enum: choices(truth), ...said }, isStrict),
] as const;
const list = z.strictObject(
  {
    type: z.literal('array'),
    items: ofKnownKeywords.pipe(
      z.discriminatedUnion('type', scalars, {
        error: 'must be a schema whose type is string, number, integer or boolean',
      }),
    ),
    maxItems: wholeUpTo(MAX_ITEMS).optional(),
    ...said,
  },
  isStrict,
);

/** One field, as it is put. */
export const FieldDefinition: z.ZodType<FieldSchema> = ofKnownKeywords
  .pipe(
    z.discriminatedUnion('type', [...scalars, list], {
      error: 'must be a schema whose type is string, number, integer, boolean or array',
    }),
  )
  .superRefine((field, context) => {
    const pairs = [
      ['minLength', 'maxLength'],
      ['minimum', 'maximum'],
    ] as const;
    const bounds: Partial<Record<string, unknown>> = field.type === 'array' ? field.items : field;
    const inside = field.type === 'array' ? ['items'] : [];
    for (const [low, high] of pairs) {
      const [least, most] = [bounds[low], bounds[high]];
      if (typeof least === 'number' && typeof most === 'number' && least > most)
        context.addIssue({ code: 'custom', path: [...inside, low], message: `must be at most ${high}` });
    }
  });
