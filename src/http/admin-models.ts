import { createRoute, z } from '@hono/zod-openapi';
import type { CatalogEntry } from '../domain/models/catalog.ts';
import { MEDIA, MODEL_ID } from '../domain/models/model.ts';
import { adminToken, BODY_PROBLEMS, json, jsonRequest, problems } from './contract.ts';
import type { App, Services } from './services.ts';
import { jsonBody } from './validation.ts';

const TAG = { tags: ['Operators'], security: adminToken };
const ID_WORDS =
  'must begin with a small letter or a digit, and have at most 100 of a-z, 0-9, ".", "_" and "-"';
const params = z.object({ id: z.string().regex(MODEL_ID, ID_WORDS) });

const PutModelJson = z.looseObject({}, 'must be a JSON object').openapi('ModelDefinition', {
  description:
    'For a model of your own: `title`, `input_schema`, `media`, and what it costs. For a built-in one: `disabled` alone.',
  example: {
    title: 'Nova 1, text to video',
    media: 'video',
    input_schema: {
      type: 'object',
      properties: {
        prompt: { type: 'string', minLength: 1, maxLength: 5_000, description: 'What to make.' },
        resolution: { type: 'string', enum: ['720p', '1080p'] },
        duration: { type: 'integer', minimum: 1, maximum: 15 },
      },
      required: ['prompt'],
    },
    credits: { per_second: { '720p': 80, '1080p': 160 } },
  },
});

const AdminModelJson = z
  .object({
    id: z.string(),
    title: z.string(),
    media: z.enum(MEDIA),
    input_schema: z.record(z.string(), z.unknown()).openapi({ description: 'As it was put.' }),
    credits: z.record(z.string(), z.unknown()).nullable(),
    builtin: z.boolean(),
    disabled: z.boolean().openapi({ description: 'Taken for no new task; those that run go on.' }),
  })
  .openapi('AdminModel');

const list = createRoute({
  method: 'get',
  path: '/admin/models',
  ...TAG,
  operationId: 'listAllModels',
  summary: 'All models as they were put, disabled ones too',
  responses: { 200: json(z.object({ data: z.array(AdminModelJson) }), 'All models'), ...problems(401, 429) },
});

const put = createRoute({
  method: 'put',
  path: '/admin/models/{id}',
  ...TAG,
  operationId: 'putModel',
  summary: 'Add a model, change it, or disable it',
  description: 'Takes effect without a deploy: here at once, elsewhere within seconds.',
  middleware: [jsonBody] as const,
  request: { params, ...jsonRequest(PutModelJson) },
  responses: {
    200: json(AdminModelJson, 'Changed'),
    201: json(AdminModelJson, 'Added'),
    ...problems(...BODY_PROBLEMS, 401, 409, 429),
  },
});

const remove = createRoute({
  method: 'delete',
  path: '/admin/models/{id}',
  ...TAG,
  operationId: 'deleteModel',
  summary: 'Take a model away',
  description: 'Its running tasks go on.',
  request: { params: z.object({ id: z.string() }) },
  responses: { 204: { description: 'Taken away' }, ...problems(401, 404, 409, 429) },
});

/** Evaluated when an operator first changes a model: most isolates never need what a definition is checked by. */
const changes = async () => await import('./model-changes.ts');

/** Models as data: what the operator adds, changes and disables. */
export function registerAdminModels(app: App, services: Services): void {
  app.openapi(list, async (c) => {
    const { entries } = await services.models.catalog();
    return c.json({ data: entries.map(entryJson) }, 200);
  });

  app.openapi(put, async (c) => {
    const { putModel } = await changes();
    const { entry, isNew } = await putModel(c, services, c.req.valid('param').id, c.req.valid('json'));
    return c.json(entryJson(entry), isNew ? 201 : 200);
  });

  app.openapi(remove, async (c) => {
    const { deleteModel } = await changes();
    await deleteModel(c, services, c.req.valid('param').id);
    return c.body(null, 204);
  });
}

function entryJson({ model, isBuiltin, isDisabled }: CatalogEntry): z.infer<typeof AdminModelJson> {
  const { id, title, media, input_schema, credits } = model;
  return {
    id,
    title,
    media,
    input_schema: { ...input_schema },
    credits: credits && { ...credits },
    builtin: isBuiltin,
    disabled: isDisabled,
  };
}
