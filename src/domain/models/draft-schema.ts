import type { FieldSchema, InputSchema, ScalarSchema } from './schema.ts';

/** What an example of upstream's says of a model: its id, and a schema to begin with. */
export interface DraftedModel {
  readonly id: string | null;
  readonly input_schema: InputSchema;
  /** Fields of the example that no field of a schema can describe. */
  readonly left: readonly string[];
}

const MAX_PROMPT_CHARACTERS = 20_000;

/**
 * A schema drafted from an example request: `{"model": …, "input": {…}}`, or an input alone, with or without the command around it.
 * An example does not say what may be left out, nor between which bounds a value lies: whoever knows upstream's document adds that.
 * Null for what holds no JSON object.
 */
export function draftModel(example: string): DraftedModel | null {
  const request = objectIn(example);
  if (request === null) return null;
  const { model, input = request } = request;
  if (!isObject(input)) return null;
  const drafted = Object.entries(input)
    .filter(([name]) => name !== 'model')
    .map(([name, value]) => [name, fieldOf(name, value)] as const);
  const fields = drafted.flatMap(([name, field]) => (field === null ? [] : [[name, field] as const]));
  return {
    id: typeof model === 'string' ? model : null,
    input_schema: {
      type: 'object',
      properties: Object.fromEntries(fields),
      ...(fields.some(([name]) => name === 'prompt') ? { required: ['prompt'] } : {}),
    },
    left: drafted.flatMap(([name, field]) => (field === null ? [name] : [])),
  };
}

/** The JSON from the first brace to the last: a `curl` around it is no harm. */
function objectIn(text: string): Record<string, unknown> | null {
  const json = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
  try {
    const parsed: unknown = JSON.parse(json);
    return isObject(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function fieldOf(name: string, value: unknown): FieldSchema | null {
  if (Array.isArray(value)) {
    const items = scalarOf(value[0]);
    return items === null ? null : { type: 'array', items };
  }
  if (name === 'prompt' && typeof value === 'string')
    return { type: 'string', minLength: 1, maxLength: MAX_PROMPT_CHARACTERS };
  return scalarOf(value);
}

function scalarOf(value: unknown): ScalarSchema | null {
  if (typeof value === 'boolean') return { type: 'boolean' };
  if (typeof value === 'number') return { type: Number.isInteger(value) ? 'integer' : 'number' };
  if (typeof value !== 'string') return null;
  return /^https?:\/\//i.test(value) ? { type: 'string', format: 'uri' } : { type: 'string' };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
