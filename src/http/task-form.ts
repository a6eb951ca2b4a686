import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { FormShape } from '../domain/form-fields.ts';
import { BUILTIN_CATALOG } from '../domain/models/catalog.ts';
import { inputKinds, kindsOfInput } from '../domain/models/input-kinds.ts';
import type { FieldKind } from '../domain/models/input-kinds.ts';
import type { Model } from '../domain/models/model.ts';
import type { Models } from '../engine/known-models.ts';
import { jsonOrFormBody } from './form-body.ts';
import type { AppEnv, Services } from './services.ts';
import { idempotencyHeader, taskOptions } from './task-request.ts';

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

function isBuiltin(model: Model | undefined): boolean {
  return model !== undefined && model === BUILTIN_CATALOG.find(model.id);
}

/** What forms are read by. */
export type FormServices = Pick<Services, 'models' | 'stores'>;

const shapes = new WeakMap<Model, FormShape>();

/** Of a model that nobody knows, each field is what it is in the first model that has it. */
async function shapeOf(models: Models, id: string | null): Promise<FormShape> {
  const model = await models.find(id ?? '');
  if (model === null) return shapeOfAll(models.known().models.toReversed());
  const shape = shapes.get(model) ?? shapeOfAll([model]);
  shapes.set(model, shape);
  return shape;
}

function shapeOfAll(models: readonly Model[]): FormShape {
  return {
    fields: fieldsBeside(),
    objects: OBJECTS,
    input: new Map(models.flatMap((model) => [...inputKinds(model.input_schema)])),
  };
}

/**
 * Of a retry each field is what it was in the request that was accepted: its model may be gone, or have changed. Built-in ones do not
 * change.
 */
async function shapeFor(c: Context<AppEnv>, services: FormServices, id: string | null): Promise<FormShape> {
  const shape = await shapeOf(services.models, id);
  const key = c.req.header(idempotencyHeader(c));
  if (key === undefined || id === null || isBuiltin(services.models.known().find(id))) return shape;
  const earlier = await services.stores.tasks.byKey(c.get('client').id, key);
  if (earlier?.model !== id) return shape;
  return { ...shape, input: new Map([...shape.input, ...kindsOfInput(earlier.input)]) };
}

/** What `POST /v1/tasks` takes: JSON, or a form for tools that break JSON where a text has quotes in it. */
export function jsonOrForm(services: FormServices) {
  return jsonOrFormBody(async (c, id) => await shapeFor(c, services, id));
}

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
