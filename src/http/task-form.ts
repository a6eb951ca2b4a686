import { z } from '@hono/zod-openapi';
import type { FormShape } from '../domain/form-fields.ts';
import { findModel, MODELS } from '../domain/models/catalog.ts';
import { inputKinds } from '../domain/models/input-kinds.ts';
import type { FieldKind } from '../domain/models/input-kinds.ts';
import type { Model } from '../domain/models/model.ts';
import { jsonOrFormBody } from './form-body.ts';
import { taskOptions } from './task-request.ts';

/** Those beside `input` that hold fields of their own: `metadata.row`. */
const OBJECTS = ['metadata', 'callback_headers'];

const TEXT: FieldKind = { kind: 'text', isList: false };
function kindsOf(schema: z.ZodObject): ReadonlyMap<string, FieldKind> {
  return inputKinds(z.toJSONSchema(schema, { io: 'input' }));
}

function fieldsBeside(): ReadonlyMap<string, FieldKind> {
  const own = [...kindsOf(z.object(taskOptions))].filter(([name]) => !OBJECTS.includes(name));
  return new Map([['model', TEXT], ...own]);
}

/** Made when a form first needs it: schemas take long to be told as JSON. */
const known = new Map<string, FormShape>();

/** Of a model that nobody knows, each field is what it is in the first model that has it. */
function shapeOf(id: string | null): FormShape {
  const model: Model | undefined = findModel(id ?? '');
  const name = model?.id ?? '';
  const shape = known.get(name) ?? {
    fields: fieldsBeside(),
    objects: OBJECTS,
    input: new Map(
      (model === undefined ? MODELS.toReversed() : [model]).flatMap(({ input }) => [...kindsOf(input)]),
    ),
  };
  known.set(name, shape);
  return shape;
}

/** The body of `POST /v1/tasks`: JSON, or a form for tools that break JSON where a text has quotes in it. */
export const taskBody = jsonOrFormBody(shapeOf);

/** How the document shows the form, beside the JSON. */
export const TASK_FORM = {
  type: 'object' as const,
  description:
    'For tools that cannot write JSON safely. Fields of `input` go by their own names; a list is its field several times; metadata ' +
    'is `metadata.NAME`. Numbers, true and false are written as text; an empty value is absent.',
  required: ['model'],
  properties: {
    model: { type: 'string' as const, example: 'seedance-2.0-reference-to-video' },
    callback_url: { type: 'string' as const, example: 'https://hooks.example.com/ringback' },
    timeout_seconds: { type: 'integer' as const },
    'metadata.NAME': { type: 'string' as const, description: 'NAME is yours.' },
  },
  additionalProperties: {
    oneOf: [{ type: 'string' as const }, { type: 'array' as const, items: { type: 'string' as const } }],
    description: "A field of the model's `input`.",
  },
};
