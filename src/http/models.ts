import { createRoute, z } from '@hono/zod-openapi';
import { publishedSchema } from '../domain/models/bounds.ts';
import type { Catalog } from '../domain/models/catalog.ts';
import { estimateCredits, withoutNulls } from '../domain/models/model.ts';
import type { Credits, Model } from '../domain/models/model.ts';
import type { Models } from '../engine/known-models.ts';
import { logError } from '../engine/log.ts';
import { BODY_PROBLEMS, clientKey, json, jsonRequest, problems } from './contract.ts';
import type { App, Services } from './services.ts';
import { refuseInvalidTask } from './task-faults.ts';
import { estimateBody } from './task-request.ts';
import { jsonBody } from './validation.ts';

const TAG = { tags: ['Models'], security: clientKey };

const ModelJson = z
  .object({
    id: z.string().openapi({ example: 'seedance-2.0-reference-to-video' }),
    title: z.string(),
    input_schema: z.record(z.string(), z.unknown()).openapi({ description: 'JSON Schema of `input`.' }),
    credits: z
      .union([
        z.object({
          per: z.enum(['second', 'image']),
          by_resolution: z.record(z.string(), z.number()).openapi({ example: { '720p': 80 } }),
        }),
        z.object({ per: z.literal('task'), flat: z.number() }),
      ])
      .nullable()
      .openapi({ description: 'Null where upstream publishes no price.' }),
  })
  .openapi('Model');

export const ModelList = z.object({ data: z.array(ModelJson) });
export const Estimate = z
  .object({ credits: z.number().nullable() })
  .openapi('Estimate', { example: { credits: 400 } });

const list = createRoute({
  method: 'get',
  path: '/v1/models',
  ...TAG,
  operationId: 'listModels',
  summary: 'The models, what each takes and costs',
  responses: { 200: json(ModelList, 'All models'), ...problems(401, 429) },
});

const estimate = (models: Models) =>
  createRoute({
    method: 'post',
    path: '/v1/estimates',
    ...TAG,
    operationId: 'estimateCredits',
    summary: 'What a task would cost',
    middleware: [jsonBody] as const,
    request: jsonRequest(estimateBody(models)),
    responses: {
      200: json(Estimate, 'The credits, or null where duration or resolution is not given'),
      ...problems(...BODY_PROBLEMS, 401, 429),
    },
  });

/** What can be made, and for how much. */
export function registerModels(app: App, { config, models }: Services): void {
  app.openapi(list, async (c) => c.json({ data: (await models.catalog()).models.map(modelJson) }, 200));

  const refuse = refuseInvalidTask({ config, models }, { options: {}, callbackUrlField: '' });
  app.openapi(
    estimate(models),
    async (c) => {
      const { model: id, input } = c.req.valid('json');
      const model = await models.find(id);
      return c.json({ credits: model === null ? null : estimateCredits(model, withoutNulls(input)) }, 200);
    },
    refuse,
  );
}

/** For documents, which do without the database: they then show the models that were known last. */
export async function shownCatalog(models: Models): Promise<Catalog> {
  try {
    return await models.catalog();
  } catch (error) {
    logError('a document shows the models that were known last: the database does not tell', error);
    return models.known();
  }
}

function modelJson(model: Model): z.infer<typeof ModelJson> {
  return {
    id: model.id,
    title: model.title,
    input_schema: publishedSchema(model),
    credits: creditsJson(model.credits),
  };
}

function creditsJson(credits: Credits | null): z.infer<typeof ModelJson>['credits'] {
  if (credits === null) return null;
  if ('flat' in credits) return { per: 'task', flat: credits.flat };
  return 'per_second' in credits
    ? { per: 'second', by_resolution: { ...credits.per_second } }
    : { per: 'image', by_resolution: { ...credits.per_item } };
}
