import type { CatalogEntry } from '../../domain/models/catalog.ts';
import { ModelDefinition } from '../../domain/models/definition.ts';
import { asModel } from '../../domain/models/model.ts';
import { draftModel } from '../../domain/models/draft-schema.ts';
import type { Credits, Model } from '../../domain/models/model.ts';
import { definitionErrors } from '../../http/definition-errors.ts';
import { invalid } from '../../http/problem.ts';
import type { FieldError } from '../../http/problem.ts';

/** What stands in the fields of a model's form. */
export type ModelValues = Readonly<Record<string, string>>;

export const PRICES = [
  ['none', 'Not known'],
  ['per_second', 'For each second, by resolution'],
  ['per_item', 'For each item, by resolution'],
  ['flat', 'One price for each task'],
] as const;

/** An empty form: something that a few changes make a model of. */
export const NEW_MODEL: ModelValues = {
  media: 'video',
  price: 'none',
  schema: JSON.stringify(
    {
      type: 'object',
      properties: {
        prompt: { type: 'string', minLength: 1, maxLength: 20_000, description: 'What to make, in words.' },
        resolution: { type: 'string', enum: ['720p', '1080p'] },
        duration: { type: 'integer', minimum: 1, maximum: 15 },
      },
      required: ['prompt'],
    },
    null,
    2,
  ),
};

/** The form of a model that there is. */
export function valuesOfModel({ model }: CatalogEntry): ModelValues {
  const { id, title, media, input_schema, credits } = model;
  return { id, title, media, schema: JSON.stringify(input_schema, null, 2), ...priceValues(credits) };
}

function priceValues(credits: Credits | null): ModelValues {
  if (credits === null) return { price: 'none' };
  if ('flat' in credits) return { price: 'flat', rates: String(credits.flat) };
  const [price, rates] =
    'per_second' in credits ? ['per_second', credits.per_second] : ['per_item', credits.per_item];
  const lines = Object.entries(rates).map(([resolution, rate]) => `${resolution} = ${rate}`);
  return { price, rates: lines.join('\n') };
}

/** The body of the `PUT` that a form says; 422 where its schema is no JSON. */
export function definitionOf(values: ModelValues): Record<string, unknown> {
  let schema: unknown;
  try {
    schema = JSON.parse(values['schema'] ?? '');
  } catch (error) {
    const words = error instanceof Error ? error.message : '';
    throw invalid([{ path: 'input_schema', message: `is no JSON: ${words}` }]);
  }
  return {
    title: values['title'] ?? '',
    media: values['media'],
    input_schema: schema,
    credits: creditsOf(values['price'] ?? 'none', (values['rates'] ?? '').trim()),
  };
}

function creditsOf(price: string, rates: string): unknown {
  if (price === 'none') return null;
  if (price === 'flat') return { flat: numberOf(rates) };
  const lines = rates.split(/\r?\n/).filter((line) => line.trim() !== '');
  const pairs = lines.map((line) => {
    const at = line.lastIndexOf('=');
    return [line.slice(0, at).trim(), numberOf(line.slice(at + 1).trim())] as const;
  });
  return { [price]: Object.fromEntries(pairs) };
}

/** What is no number stays as it was typed, and is refused in words. */
function numberOf(text: string): unknown {
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** The model that a form describes so far, or what is at fault. */
export function previewOf(values: ModelValues): Model | readonly FieldError[] {
  const definition = definitionOf(values);
  // A form without a title yet has its fields all the same.
  const parsed = ModelDefinition.safeParse({ ...definition, title: definition['title'] || 'Untitled' });
  return parsed.success ? asModel(values['id'] ?? '', parsed.data) : definitionErrors(parsed.error);
}

/** The form with a schema drafted from the example in it; null where that holds no JSON object. */
export function draftedValues(values: ModelValues): { values: ModelValues; left: readonly string[] } | null {
  const drafted = draftModel(values['example'] ?? '');
  if (drafted === null) return null;
  const id = values['id'] === undefined || values['id'] === '' ? (drafted.id ?? '') : values['id'];
  const schema = JSON.stringify(drafted.input_schema, null, 2);
  return { values: { ...values, id, schema }, left: drafted.left };
}
