import { createRoute, z } from '@hono/zod-openapi';
import { findModel, MODELS } from '../domain/models/catalog.ts';
import { estimateCredits, withoutNulls } from '../domain/models/model.ts';
import type { Model } from '../domain/models/model.ts';
import { BODY_PROBLEMS, clientKey, json, jsonRequest, problems } from './contract.ts';
import type { App } from './services.ts';
import { EstimateBody } from './task-request.ts';
import { jsonBody } from './validation.ts';

const TAG = { tags: ['Models'], security: clientKey };

const ModelJson = z
  .object({
    id: z.string().openapi({ example: 'seedance-2.0-reference-to-video' }),
    title: z.string(),
    input_schema: z.record(z.string(), z.unknown()).openapi({ description: 'JSON Schema of `input`.' }),
    credits: z
      .object({
        per: z.enum(['second', 'image']),
        by_resolution: z.record(z.string(), z.number()).openapi({ example: { '720p': 80 } }),
      })
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

const estimate = createRoute({
  method: 'post',
  path: '/v1/estimates',
  ...TAG,
  operationId: 'estimateCredits',
  summary: 'What a task would cost',
  middleware: [jsonBody] as const,
  request: jsonRequest(EstimateBody),
  responses: {
    200: json(Estimate, 'The credits, or null where duration or resolution is not given'),
    ...problems(...BODY_PROBLEMS, 401, 429),
  },
});

/** What can be made, and for how much. */
export function registerModels(app: App): void {
  // Made when it is first asked for: schemas take long to be told as JSON.
  let data: ReturnType<typeof modelJson>[] | null = null;
  app.openapi(list, (c) => c.json({ data: (data ??= MODELS.map(modelJson)) }, 200));

  app.openapi(estimate, (c) => {
    const { model: id, input } = c.req.valid('json');
    const model = findModel(id);
    return c.json({ credits: model === undefined ? null : estimateCredits(model, withoutNulls(input)) }, 200);
  });
}

/** What each model takes, as JSON Schema. */
export function modelInputs(): Record<string, unknown>[] {
  return MODELS.map((model) => modelJson(model).input_schema);
}

function modelJson(model: Model): z.infer<typeof ModelJson> {
  return {
    id: model.id,
    title: model.title,
    input_schema: z.toJSONSchema(model.input, { io: 'input' }),
    credits: model.pricing && { per: model.pricing.per, by_resolution: { ...model.pricing.credits } },
  };
}
