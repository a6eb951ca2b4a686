import { z } from 'zod';
import { inputFaults } from './faults.ts';
import { asModel, MEDIA } from './model.ts';
import type { Credits, Model } from './model.ts';
import { FieldDefinition } from './field-definition.ts';
import type { InputSchema } from './schema.ts';

const MAX_TITLE_CHARACTERS = 200;
const MAX_FIELDS = 64;
/** All of it as JSON: it is read by every isolate. */
const MAX_DEFINITION_BYTES = 32_768;
const MAX_RATES = 50;
const MAX_RATE = 1_000_000;
/** A field's name can be written into forms, paths and code as it is. */
const FIELD_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

const name = z
  .string()
  .regex(FIELD_NAME, 'must begin with a letter, and have at most 64 letters, digits, _ and -')
  .refine(
    (one) => !(one in {}),
    'is a word of the language that Ringback is written in: it cannot be a field',
  );

const rate = z
  .number('must be a number of credits')
  .min(0, 'must be at least 0')
  .max(MAX_RATE, 'must be at most 1,000,000');
const rates = z
  .record(z.string().min(1).max(32), rate, 'must be an object of resolutions and credits')
  .refine((one) => Object.keys(one).length > 0, 'must have at least one resolution')
  .refine((one) => Object.keys(one).length <= MAX_RATES, `must have at most ${MAX_RATES} resolutions`);

const NOT_A_PRICE = 'must be null, {"per_second": {"720p": 80}}, {"per_item": {"1K": 3}} or {"flat": 5}';
const creditsShape = z
  .strictObject(
    { per_second: rates.optional(), per_item: rates.optional(), flat: rate.optional() },
    { error: ({ code }) => (code === 'unrecognized_keys' ? undefined : NOT_A_PRICE) },
  )
  .refine((one) => Object.values(one).filter((value) => value !== undefined).length === 1, NOT_A_PRICE)
  .transform((one): Credits => {
    if (one.per_second !== undefined) return { per_second: one.per_second };
    return one.per_item === undefined ? { flat: one.flat ?? 0 } : { per_item: one.per_item };
  });

const inputSchema: z.ZodType<InputSchema> = z
  .strictObject(
    {
      type: z.literal('object', 'must be object').optional(),
      properties: z
        .record(name, FieldDefinition, 'is required and must be an object of fields')
        .refine(
          (fields) => Object.keys(fields).length <= MAX_FIELDS,
          `must have at most ${MAX_FIELDS} fields`,
        ),
      required: z
        .array(z.string('must be the name of a field'), 'must be a list of names')
        .max(MAX_FIELDS, `must have at most ${MAX_FIELDS} names`)
        .optional(),
      additionalProperties: z.boolean('must be true or false').optional(),
    },
    { error: ({ code }) => (code === 'unrecognized_keys' ? undefined : 'is required and must be an object') },
  )
  .superRefine(({ properties, required = [] }, context) => {
    for (const [i, one] of required.entries()) {
      if (Object.hasOwn(properties, one) && required.indexOf(one) === i) continue;
      const message = Object.hasOwn(properties, one) ? 'is named twice' : 'is not among the properties';
      context.addIssue({ code: 'custom', path: ['required', i], message });
    }
  });

/** What an operator says of a model, as it is put. */
export const ModelDefinition = z
  .strictObject({
    title: z
      .string('is required and must be text')
      .trim()
      .min(1, 'must not be empty')
      .max(MAX_TITLE_CHARACTERS, `must be at most ${MAX_TITLE_CHARACTERS} characters`),
    input_schema: inputSchema,
    credits: creditsShape.nullish(),
    media: z.enum(MEDIA, `is required and must be one of ${MEDIA.join(', ')}`),
    disabled: z.boolean('must be true or false').optional(),
  })
  .superRefine((definition, context) => {
    if (new TextEncoder().encode(JSON.stringify(definition)).length > MAX_DEFINITION_BYTES) {
      const message = `must have at most ${MAX_DEFINITION_BYTES / 1_024} KiB as JSON`;
      context.addIssue({ code: 'custom', path: ['input_schema'], message });
    }
    for (const { path, message } of defaultFaults(asModel('x', definition)))
      context.addIssue({ code: 'custom', path: ['input_schema', 'properties', ...path, 'default'], message });
  });

/** A default that its own field would refuse helps nobody. */
function defaultFaults(model: Model): { path: string[]; message: string }[] {
  const defaults = Object.entries(model.input_schema.properties).flatMap(([field, schema]) =>
    schema.default === undefined ? [] : [[field, schema.default] as const],
  );
  const given = Object.fromEntries(defaults);
  return inputFaults(model, given)
    .filter(({ path: [field = ''] }) => Object.hasOwn(given, field))
    .map(({ path: [field = ''], message }) => ({ path: [field], message }));
}
